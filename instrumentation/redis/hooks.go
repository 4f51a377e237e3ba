// Package redis has the hooks for github.com/redis/go-redis/v9 and github.com/go-redis/redis/v8: a span for each command that a server
// is sent, which all its tries are in, for each pipeline and each transaction, and for a subscription's beginning; and
// db.client.operation.duration. Where the client is of a cluster, a span is of the node that is asked; a command that is sent on to
// another node has a span for each. Pools tell of their connections.
//
// A span shows the command and its keys, and no value; OTEL_GO_WEAVE_REDIS_ARGUMENTS=false leaves the keys out. Of an error it shows the
// first word, which is its code. That there is nothing (redis.Nil) is not an error. What a connection begins with is not described. A command
// that is below a span of redisotel has none of ours.
package redis

import (
	"context"
	"net"
	"reflect"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
	"github.com/rules-go-weave/rules_go_weave/runtime/redact"
	"github.com/rules-go-weave/rules_go_weave/runtime/rediscmd"
)

// gate is before every hook.
var gate hook.Gate

var (
	lib       = hook.NewAt("redis", "1.43.0")
	calls     = hook.NewDB(lib, nil).ByCode()
	arguments = hook.Switch("OTEL_GO_WEAVE_REDIS_ARGUMENTS")
)

func init() {
	hook.LayerDB.Claim("github.com/redis/go-redis/extra/redisotel", "github.com/go-redis/redis/extra/redisotel")
	gate.Open("redis")
}

// What adapters tell.
type (
	where   = func(client any) (addr string, db int, known bool)
	command = func(cmd any) (name string, args []any)
	real    = func(error) error // what is not an error of the program's is none
)

// off reports whether a hook is to do nothing.
func off(ctx context.Context) bool { return gate.Closed() || ctx == nil || !lib.On() }

// server is the server of a client; nil if it is not known.
func server(client any, tell where) *hook.DBServer {
	addr, db, known := tell(client)
	if !known {
		return nil
	}
	at := hook.DBPlace{System: "redis", Namespace: strconv.Itoa(db)}
	if host, port, err := net.SplitHostPort(addr); err == nil {
		at.Host = host
		at.Port, _ = strconv.Atoi(port)
	} else if strings.HasPrefix(addr, "/") {
		at.Host = addr // of a socket
	}
	return calls.Server(at)
}

// end ends a call.
func end(call *hook.DBCall, err error) {
	defer lib.Recover()
	rediscmd.End(call, err, code(err))
}

// code is the first word of an error of Redis: WRONGTYPE.
func code(err error) (word string) {
	hook.Try(func() {
		for range 8 {
			if e, is := err.(interface{ RedisError() }); is && e != nil {
				word = rediscmd.Code(hook.ErrorText(err))
				return
			}
			wraps, is := err.(interface{ Unwrap() error })
			if !is {
				return
			}
			err = wraps.Unwrap()
		}
	})
	return word
}

// Command is woven into what sends a command.
func Command(ctx context.Context, client, cmd any, tell where, about command, fault real) (with context.Context, exit func(error)) {
	with = ctx
	if off(ctx) {
		return
	}
	defer lib.Recover()
	to := server(client, tell)
	if to == nil {
		return
	}
	var name string
	var args []any
	hook.Try(func() { name, args = about(cmd) }) // it may be the program's
	with, call := calls.Start(ctx, rediscmd.Describe(to, "", name))
	if call == nil {
		return with, nil
	}
	if arguments && call.Recording() {
		call.Set(attribute.String("db.query.text", redact.RedisArguments(args)))
	}
	return with, func(err error) { end(call, fault(err)) }
}

// maxText bounds what is shown of the commands of a pipeline.
const maxText = 4 << 10

// Pipeline is woven into what sends several commands at once, n of them from the first one on.
func Pipeline(ctx context.Context, client any, kind string, n int, first any, tell where, about command, failed func(cmd any) error, fault real) (with context.Context, exit func(any)) {
	with = ctx
	if n == 0 || first == nil || off(ctx) {
		return
	}
	defer lib.Recover()
	to := server(client, tell)
	if to == nil {
		return
	}
	at := reflect.ValueOf(first)
	cmds := reflect.SliceAt(at.Type().Elem(), at.UnsafePointer(), n)
	nameOf := func(i int) (name string, args []any) {
		hook.Try(func() { name, args = about(cmds.Index(i).Interface()) })
		return name, args
	}
	// A transaction's own commands are not the program's.
	from, to2 := 0, n
	if name, _ := nameOf(0); kind == "MULTI" && n >= 2 && name == "multi" {
		from, to2 = 1, n-1
	}
	var one string
	var text strings.Builder
	for i := from; i < to2; i++ {
		name, args := nameOf(i)
		if i == from {
			one = name
		} else if name != one {
			one = ""
		}
		if arguments && text.Len() < maxText {
			if i > from {
				text.WriteString("; ")
			}
			text.WriteString(redact.RedisArguments(args))
		}
	}
	count := to2 - from
	prefix := kind
	if count == 1 && kind == "PIPELINE" {
		prefix = ""
	}
	with, call := calls.Start(ctx, rediscmd.Describe(to, prefix, one))
	if call == nil {
		return with, nil
	}
	if call.Recording() {
		if count > 1 {
			call.Set(attribute.Int("db.operation.batch.size", count))
		}
		if arguments {
			call.Set(attribute.String("db.query.text", text.String()))
		}
	}
	return with, func(result any) {
		var err error
		hook.Try(func() {
			for i := 0; i < n && err == nil; i++ {
				err = failed(cmds.Index(i).Interface())
			}
			if told, is := result.(error); is && err == nil {
				err = fault(told)
			}
		})
		end(call, err)
	}
}

// Subscribe is woven into what asks for messages, or for no more of them.
func Subscribe(ctx context.Context, subscription any, name string, channels []string, tell where, fault real) (with context.Context, exit func(error)) {
	with = ctx
	if off(ctx) {
		return
	}
	defer lib.Recover()
	to := server(subscription, tell)
	if to == nil {
		return
	}
	with, call := calls.Start(ctx, rediscmd.Describe(to, "", name))
	if call == nil {
		return with, nil
	}
	if arguments && call.Recording() {
		call.Set(attribute.String("db.query.text", redact.Redis(append([]string{name}, channels...)...)))
	}
	return with, func(err error) { end(call, fault(err)) }
}

// Connect is woven into what a connection begins with, and into what a client asks by itself.
func Connect(ctx context.Context) context.Context {
	if off(ctx) {
		return ctx
	}
	return hook.LayerDB.Mark(ctx, nil)
}

// NewClient is woven into the functions that make clients.
func NewClient(tell where, stats func(client any) (total, idle uint32, max int)) (exit func(any)) {
	if gate.Closed() || !lib.On() {
		return nil
	}
	return func(client any) {
		defer lib.Recover()
		to := server(client, tell)
		if to == nil {
			return
		}
		calls.Observe(client, to.Pool(), func(client any) hook.DBPool {
			total, idle, max := stats(client)
			return hook.DBPool{Idle: int(idle), Used: int(total) - int(idle), Max: max}
		})
	}
}
