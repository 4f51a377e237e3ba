// Package rueidis has the hooks for github.com/redis/rueidis and github.com/valkey-io/valkey-go: a span for each command that a server is
// sent, or for several that are sent as one; and db.client.operation.duration. A command that is tried again has a span for each try, and
// those of a cluster are of the node that is asked. What the client's cache answers has none.
//
// A span shows the command and its keys, and no value; OTEL_GO_WEAVE_REDIS_ARGUMENTS=false leaves the keys out. Of an error it shows the
// first word, which is its code. That there is nothing is not an error. What a connection begins with, and what a client asks by itself, is not
// described. A command that is below a span of rueidisotel or valkeyotel has none of ours.
package rueidis

import (
	"context"
	"net"
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
	lib       = hook.NewAt("rueidis", "1.43.0")
	calls     = hook.NewDB(lib, nil).ByCode()
	arguments = hook.Switch("OTEL_GO_WEAVE_REDIS_ARGUMENTS")
)

func init() {
	hook.LayerDB.Claim("github.com/redis/rueidis", "github.com/valkey-io/valkey-go") // which rueidisotel and valkeyotel call themselves
	gate.Open("rueidis")
}

// What adapters tell.
type (
	give   = func(connection, server any)
	answer = func(answer any, transaction bool) (fault error, text string)
)

// server is the server at an address, or at the path of a socket.
func server(address string, db int) *hook.DBServer {
	at := hook.DBPlace{System: "redis", Namespace: strconv.Itoa(db)}
	if host, port, err := net.SplitHostPort(address); err == nil {
		at.Host = host
		at.Port, _ = strconv.Atoi(port)
	} else if strings.HasPrefix(address, "/") {
		at.Host = address
	}
	return calls.Server(at)
}

// Connected is woven into what makes a connection.
func Connected(db int, address func(connection any) string, give give) (exit func(any, error)) {
	if gate.Closed() || !lib.On() {
		return nil
	}
	return func(connection any, err error) {
		defer lib.Recover()
		if err == nil {
			var to string
			hook.Try(func() { to = address(connection) }) // it may be the program's
			give(connection, server(to, db))
		}
	}
}

// Node is woven into what makes the connections of a node.
func Node(address string, db int, give give) (exit func(any)) {
	if gate.Closed() || !lib.On() {
		return nil
	}
	return func(node any) {
		defer lib.Recover()
		give(node, server(address, db))
	}
}

// at returns the server of a connection that is not being made; nil where nothing is to be done.
func at(ctx context.Context, known any) *hook.DBServer {
	if gate.Closed() || ctx == nil || !lib.On() {
		return nil
	}
	to, _ := known.(*hook.DBServer)
	return to
}

// Do is woven into what sends a command.
func Do(ctx context.Context, known any, words []string, internal bool, tell answer) (with context.Context, exit func(any)) {
	with = ctx
	to := at(ctx, known)
	if to == nil || internal || len(words) == 0 {
		return with, nil
	}
	defer lib.Recover()
	with, call := calls.Start(ctx, rediscmd.Describe(to, "", words[0]))
	if call == nil {
		return with, nil
	}
	if arguments && call.Recording() {
		call.Set(attribute.String("db.query.text", redact.Redis(words...)))
	}
	return with, func(result any) {
		defer lib.Recover()
		fault, text := tell(result, false)
		rediscmd.End(call, fault, code(text))
	}
}

// Multi is woven into what sends n commands at once.
func Multi(ctx context.Context, known any, n int, words func(int) []string, tell answer) (with context.Context, exit func(any)) {
	with = ctx
	to := at(ctx, known)
	if to == nil || n == 0 {
		return with, nil
	}
	defer lib.Recover()
	var batch rediscmd.Batch
	// What is to be kept in the client's cache is asked for by CLIENT CACHING YES, and with its time to live in a transaction.
	cached := is(words(0), "CLIENT", "CACHING")
	transaction := false
	for i := range n {
		command := words(i)
		if len(command) == 0 {
			continue
		}
		transaction = is(command, "EXEC")
		if cached && (is(command, "CLIENT", "CACHING") || is(command, "MULTI") || is(command, "EXEC") || is(command, "PTTL")) {
			continue
		}
		var show func() string
		if arguments {
			show = func() string { return redact.Redis(command...) }
		}
		batch.Add(command[0], show)
	}
	if batch.None() {
		return with, nil
	}
	with, call := batch.Start(ctx, calls, to)
	if call == nil {
		return with, nil
	}
	return with, func(results any) {
		defer lib.Recover()
		fault, text := tell(results, transaction)
		rediscmd.End(call, fault, code(text))
	}
}

// code is the code in what a server says of an error. The client takes away that which says the least.
func code(text string) string {
	if c := rediscmd.Code(text); c != "" || text == "" {
		return c
	}
	return "ERR"
}

// is reports whether a command begins with these words, in capitals, as the client writes its own.
func is(command []string, words ...string) bool {
	if len(command) < len(words) {
		return false
	}
	for i, w := range words {
		if command[i] != w {
			return false
		}
	}
	return true
}
