// Package redigo has the hooks for github.com/gomodule/redigo: a span for each command that a server is sent, and one for commands that
// are sent as one, a pipeline, a transaction or a subscription's beginning, until the last of their replies is received; and
// db.client.operation.duration. Pools tell of their connections.
//
// A span shows the command and its keys, and no value; OTEL_GO_WEAVE_REDIS_ARGUMENTS=false leaves the keys out. Of an error it shows the
// first word, which is its code. What a connection begins with is not described.
package redigo

import (
	"context"
	"net"
	"strconv"
	"strings"
	"sync"

	"go.opentelemetry.io/otel/attribute"

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
	"github.com/rules-go-weave/rules_go_weave/runtime/redact"
	"github.com/rules-go-weave/rules_go_weave/runtime/rediscmd"
)

// gate is before every hook.
var gate hook.Gate

var (
	lib       = hook.NewAt("redigo", "1.43.0")
	calls     = hook.NewDB(lib, nil).ByCode()
	arguments = hook.Switch("OTEL_GO_WEAVE_REDIS_ARGUMENTS")
)

func init() { gate.Open("redigo") }

// What adapters tell.
type (
	set    = func(connection, state any)
	answer = func(reply any, err error, several bool) (fault error, text string)
)

// state is what is known of a connection. One goroutine may send, and another one receive.
type state struct {
	mu     sync.Mutex
	at     hook.DBPlace
	server *hook.DBServer
	sent   rediscmd.Batch // and not yet flushed
	open   []open         // flushed, and not yet answered
}

// open are commands whose replies are to come.
type open struct {
	call *hook.DBCall
	left int
}

// maxOpen bounds them: a program may never ask for replies.
const maxOpen = 64

// of returns the state of a connection; nil where nothing is to be done.
func of(s any) *state {
	if gate.Closed() || !lib.On() {
		return nil
	}
	known, _ := s.(*state)
	return known
}

// place is the place of a server at an address, or at the path of a socket.
func place(address string, db int) hook.DBPlace {
	at := hook.DBPlace{System: "redis", Namespace: strconv.Itoa(db)}
	if host, port, err := net.SplitHostPort(address); err == nil {
		at.Host = host
		at.Port, _ = strconv.Atoi(port)
	} else if strings.HasPrefix(address, "/") {
		at.Host = address
	}
	return at
}

// Dialed is woven into DialContext.
func Dialed(address string, db int, give set) (exit func(any, error)) {
	if gate.Closed() || !lib.On() {
		return nil
	}
	return func(connection any, err error) {
		defer lib.Recover()
		if err == nil {
			at := place(address, db)
			give(connection, &state{at: at, server: calls.Server(at)})
		}
	}
}

// Made is woven into NewConn.
func Made(to net.Conn, give set) (exit func(any)) {
	if gate.Closed() || !lib.On() || to == nil {
		return nil
	}
	return func(connection any) {
		defer lib.Recover()
		var address string
		hook.Try(func() { address = to.RemoteAddr().String() }) // it may be the program's
		at := place(address, 0)
		give(connection, &state{at: at, server: calls.Server(at)})
	}
}

// Ask is woven into DoContext.
func Ask(ctx context.Context, known any, command string, args []any, tell answer) (exit func(any, error)) {
	s := of(known)
	if s == nil || ctx == nil {
		return nil
	}
	return s.do(ctx, command, args, tell)
}

// Do is woven into DoWithTimeout.
func Do(known any, command string, args []any, tell answer) (exit func(any, error)) {
	s := of(known)
	if s == nil {
		return nil
	}
	return s.do(context.Background(), command, args, tell)
}

// do begins a command with those that were sent before and not flushed; a nameless one asks for the replies of these.
func (s *state) do(ctx context.Context, command string, args []any, tell answer) (exit func(any, error)) {
	defer lib.Recover()
	s.mu.Lock()
	batch, before, server := &s.sent, s.open, s.server
	alone := batch.None() && command != ""
	s.open = nil
	var call *hook.DBCall
	switch {
	case alone:
		s.mu.Unlock()
		if _, call = calls.Start(ctx, rediscmd.Describe(server, "", command)); call.Recording() && arguments {
			call.Set(attribute.String("db.query.text", redact.RedisCommand(command, args)))
		}
	default:
		if command != "" {
			batch.Add(command, shown(command, args))
		}
		if !batch.None() {
			_, call = batch.Start(ctx, calls, server)
		}
		s.sent = rediscmd.Batch{}
		s.mu.Unlock()
	}
	selects := len(command) == len("SELECT") && strings.EqualFold(command, "SELECT") && len(args) == 1
	if call == nil && len(before) == 0 && !selects {
		return nil
	}
	var database any
	if selects {
		database = args[0]
	}
	several := !alone || strings.EqualFold(command, "EXEC")
	return func(reply any, err error) {
		defer lib.Recover()
		fault, text := tell(reply, err, several)
		code := rediscmd.Code(text)
		for _, o := range before {
			rediscmd.End(o.call, fault, code)
		}
		if selects && fault == nil {
			s.selected(database)
		}
		if call != nil {
			rediscmd.End(call, fault, code)
		}
	}
}

// selected notes that the connection is to another database now.
func (s *state) selected(database any) {
	var name string
	switch db := database.(type) {
	case int:
		name = strconv.Itoa(db)
	case string:
		name = db
	case int64:
		name = strconv.FormatInt(db, 10)
	default:
		return
	}
	if n, err := strconv.Atoi(name); err != nil || n < 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at.Namespace = name
	s.server = calls.Server(s.at)
}

// Send is woven into Send.
func Send(known any, command string, args []any) {
	s := of(known)
	if s == nil || command == "" {
		return
	}
	defer lib.Recover()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent.Add(command, shown(command, args))
}

// shown returns what shows a command; nil where arguments are not shown.
func shown(command string, args []any) func() string {
	if !arguments {
		return nil
	}
	return func() string { return redact.RedisCommand(command, args) }
}

// Flush is woven into Flush.
func Flush(known any) (exit func(error)) {
	s := of(known)
	if s == nil {
		return nil
	}
	defer lib.Recover()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sent.None() {
		return nil
	}
	_, call := s.sent.Start(context.Background(), calls, s.server)
	n := s.sent.Sent()
	s.sent = rediscmd.Batch{}
	if call == nil {
		return nil
	}
	if len(s.open) < maxOpen {
		s.open = append(s.open, open{call, n})
		call = nil
	}
	return func(err error) {
		defer lib.Recover()
		if call != nil {
			rediscmd.End(call, err, "")
		} else if err != nil {
			s.end(err)
		}
	}
}

// end ends all that is to be answered.
func (s *state) end(err error) {
	s.mu.Lock()
	all := s.open
	s.open = nil
	s.mu.Unlock()
	for _, o := range all {
		rediscmd.End(o.call, err, "")
	}
}

// Receive is woven into ReceiveWithTimeout.
func Receive(known any, tell answer) (exit func(any, error)) {
	s := of(known)
	if s == nil {
		return nil
	}
	return func(reply any, err error) {
		defer lib.Recover()
		s.received(reply, err, tell)
	}
}

// received notes that a reply has come, or that none will come.
func (s *state) received(reply any, err error, tell answer) {
	s.mu.Lock()
	waiting := len(s.open) > 0
	s.mu.Unlock()
	if !waiting {
		return
	}
	fault, text := tell(reply, err, true)
	if fault != nil && text == "" {
		s.end(fault)
		return
	}
	s.mu.Lock()
	var ended *hook.DBCall
	if len(s.open) > 0 {
		o := &s.open[0]
		o.left--
		if fault != nil || o.left == 0 {
			// The first fault is the one that counts; End of what has ended does nothing.
			ended = o.call
		}
		if o.left == 0 {
			s.open = s.open[1:]
		}
	}
	s.mu.Unlock()
	if ended != nil {
		rediscmd.End(ended, fault, rediscmd.Code(text))
	}
}

// Close is woven into Close of connections: what has no reply yet gets none.
func Close(known any) {
	s := of(known)
	if s == nil {
		return
	}
	defer lib.Recover()
	s.end(nil)
}

// Pool is woven into what a pool makes connections by.
func Pool(pool any, known func(connection any) any, numbers func(pool any) (active, idle, max int)) (exit func(any, error)) {
	if gate.Closed() || !lib.On() {
		return nil
	}
	return func(connection any, err error) {
		defer lib.Recover()
		if err != nil {
			return
		}
		name := "redis"
		if s := of(known(connection)); s != nil {
			s.mu.Lock()
			name = s.server.Pool()
			s.mu.Unlock()
		}
		calls.Observe(pool, name, func(pool any) hook.DBPool {
			active, idle, max := numbers(pool)
			return hook.DBPool{Idle: idle, Used: active - idle, Max: max}
		})
	}
}

// ClosePool is woven into Close of pools.
func ClosePool(pool any) {
	if gate.Closed() || !lib.On() {
		return
	}
	defer lib.Recover()
	calls.Forget(pool)
}
