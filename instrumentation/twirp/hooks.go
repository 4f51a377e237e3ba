// Package twirp has the hooks for github.com/twitchtv/twirp: a span for each call of a client and one for each that a server answers, and
// rpc.client.call.duration and rpc.server.call.duration.
//
// The spans are between those of net/http, whose headers carry the trace context: a client's is above that of its request, a server's below
// that of the request that it answers. A client's is behind the program's own interceptors, one of which may call again; a server's is
// before them. A server's call that somebody has made a span of, by hooks of a package for Twirp, gets none.
//
// What follows is the semantic conventions of RPC as of version 1.43.
package twirp

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	_ "unsafe" // for linkname

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
	"github.com/rules-go-weave/rules_go_weave/runtime/sdk"
)

// gate is before every hook.
var gate hook.Gate

var (
	lib   = hook.NewAt("twirp", "1.43.0")
	calls = hook.NewRPC(lib, "twirp")
)

// settled is true once it is known whether the gate is open.
var settled atomic.Bool

func init() {
	gate.Open("twirp")
	settled.Store(true)
}

// Variables that the adapter calls.
var (
	//go:linkname whetherOff github.com/twitchtv/twirp.weaveOff
	whetherOff = off
	//go:linkname whetherOn github.com/twitchtv/twirp.weaveOn
	whetherOn = on
	//go:linkname begin github.com/twitchtv/twirp.weaveCall
	begin = call
)

// Linked is woven into ChainInterceptors. It does nothing: a program that has it has what the adapter calls.
func Linked() {}

func off() bool { return settled.Load() && gate.Closed() }

func on() bool { return !gate.Closed() }

// mark is what a context says of the chains of interceptors that a call has passed. A chain may be a part of another, so one of a server's
// is told from that of a client which its handler calls by whether the outermost one has been passed to its end.
type mark struct {
	up      *mark
	writer  any    // for the answer, of a server
	chain   any    // that the call is in
	handler bool   // the server's handler is reached
	client  string // the method of a client's call that has begun
}

type markKey struct{}

// call is told that a call passes the first or the last interceptor of a chain.
func call(ctx context.Context, method string, writer, chain any, first bool) (with context.Context, done func(error, func(error) string)) {
	with = ctx
	if gate.Closed() || ctx == nil || !lib.On() {
		return ctx, nil
	}
	defer lib.Recover()
	above, _ := hook.Value(ctx, markKey{}).(*mark)
	if first {
		if writer == nil {
			return ctx, nil // a client's
		}
		m := &mark{writer: writer, chain: chain}
		if above != nil && same(above.writer, writer) {
			if above.handler || above.client != "" {
				return ctx, nil
			}
			m.up = above
			return context.WithValue(ctx, markKey{}, m), nil
		}
		if !hook.RPCExcluded(method) && !byHand(ctx) {
			var c *hook.RPCCall
			if with, c = calls.Server(ctx, method, true, "", ""); c != nil {
				done = ending(c, serverFault)
			}
		}
		return context.WithValue(with, markKey{}, m), done
	}
	m := mark{}
	if above != nil {
		if !above.handler && above.client == "" {
			for in := above; in != nil; in = in.up {
				if in.chain == chain && in.up == nil {
					return context.WithValue(ctx, markKey{}, &mark{writer: above.writer, handler: true}), nil
				} else if in.chain == chain {
					return ctx, nil
				}
			}
		}
		if above.client == method {
			return ctx, nil
		}
		m = *above
	}
	if hook.RPCExcluded(method) {
		return ctx, nil
	}
	var c *hook.RPCCall
	if with, c = calls.Client(ctx, method, ""); c == nil {
		return ctx, nil
	}
	m.client = method
	return context.WithValue(with, markKey{}, &m), ending(c, func(string) bool { return true })
}

// ending returns what is told the end of a call; without a function for codes it did not end otherwise, and has panicked.
func ending(c *hook.RPCCall, fault func(string) bool) func(error, func(error) string) {
	return func(err error, code func(error) string) {
		defer lib.Recover()
		if code == nil {
			c.EndAs("", "panic", errPanic)
			return
		}
		of := "internal"
		hook.Try(func() { of = code(err) })
		c.End(of, of != "" && fault(of), err)
	}
}

var errPanic = errors.New("the call did not return")

// same reports whether two writers are one; those of types that cannot be compared are not.
func same(a, b any) (yes bool) {
	hook.Try(func() { yes = a == b })
	return yes
}

// byHand reports whether the span of a context is one that hooks of a package for Twirp have made.
func byHand(ctx context.Context) bool {
	scope, kind, known := sdk.Made(hook.Explicit(ctx))
	return known && kind == hook.Server && !strings.HasPrefix(scope, hook.Scope) && strings.Contains(strings.ToLower(scope), "twirp")
}

// serverFault reports whether a code is an error of the server that answers with it.
func serverFault(code string) bool {
	switch code {
	case "unknown", "deadline_exceeded", "unimplemented", "internal", "unavailable", "data_loss", "dataloss", "_OTHER":
		return true
	}
	return false
}
