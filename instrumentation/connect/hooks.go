// Package connect has the hooks for connectrpc.com/connect: a span for each call of a client and one for each that a handler answers, and
// rpc.client.call.duration and rpc.server.call.duration. A stream is one call: a client's is over when its last answer is read, when it is
// closed, or when its context is done.
//
// The spans are between those of net/http: a client's is above that of its request, a handler's below that of the request that it answers.
// A client's is behind the program's own interceptors, one of which may call again; a handler's is before them, so an error that an
// interceptor makes of a panic is its error. Nothing is done for a call whose span otelconnect has made, and what its filter leaves out is
// described here.
//
// What follows is the semantic conventions of RPC, Connect's own part included, as of version 1.43. The protocol of Connect has no code for
// success, and none is recorded.
package connect

import (
	"context"
	"errors"
	_ "unsafe" // for linkname

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
	"github.com/rules-go-weave/rules_go_weave/runtime/sdk"
)

// gate is before every hook.
var gate hook.Gate

var (
	lib   = hook.NewAt("connect", "1.43.0")
	calls = hook.NewRPC(lib, "connectrpc")
)

func init() { gate.Open("connect") }

// Variables that the adapters call.
var (
	//go:linkname on1 connectrpc.com/connect.weaveOn
	on1 = on
	//go:linkname call1 connectrpc.com/connect.weaveCall
	call1 = call
	//go:linkname inject1 connectrpc.com/connect.weaveInject
	inject1 = inject
	//go:linkname serve1 connectrpc.com/connect.weaveServe
	serve1 = serve
	//go:linkname on2 connectrpc.com/connect/v2.weaveOn
	on2 = on
	//go:linkname call2 connectrpc.com/connect/v2.weaveCall
	call2 = call
	//go:linkname inject2 connectrpc.com/connect/v2.weaveInject
	inject2 = inject
	//go:linkname at2 connectrpc.com/connect/v2.weaveAt
	at2 = at
	//go:linkname serve2 connectrpc.com/connect/v2.weaveServe
	serve2 = serve
)

// Linked is woven where clients and handlers are made. It does nothing: a program that has it has what the adapters call.
func Linked() {}

// codes are the names of codes, from 1 on.
var codes = [...]string{"canceled", "unknown", "invalid_argument", "deadline_exceeded", "not_found", "already_exists", "permission_denied",
	"resource_exhausted", "failed_precondition", "aborted", "out_of_range", "unimplemented", "internal", "unavailable", "data_loss", "unauthenticated"}

// codeName returns the name of a code; those that nobody knows, which a peer may make up, are one.
func codeName(code uint32) string {
	if code >= 1 && int(code) <= len(codes) {
		return codes[code-1]
	}
	return "_OTHER"
}

// serverFault reports whether a code is an error of the handler that answers with it.
func serverFault(code uint32) bool {
	switch code {
	case 2, 4, 12, 13, 14, 15:
		return true
	}
	return int(code) > len(codes)
}

func on() bool { return !gate.Closed() }

// byHand reports whether the span of a context is one that otelconnect has just made.
func byHand(ctx context.Context, server bool) bool {
	scope, kind, known := sdk.Made(hook.Explicit(ctx))
	return known && scope == "connectrpc.com/otelconnect" && (kind == hook.Server) == server
}

// call begins a call of a client.
func call(ctx context.Context, procedure, address string) (out context.Context, exit func(error, func(error) uint32)) {
	out = ctx
	if gate.Closed() || ctx == nil || !lib.On() || hook.RPCExcluded(procedure) {
		return ctx, nil
	}
	defer lib.Recover()
	if byHand(ctx, false) {
		return ctx, nil
	}
	with, c := calls.Client(ctx, procedure, address)
	if c == nil {
		return ctx, nil
	}
	return c.In(with), func(err error, code func(error) uint32) { end(c, err, code, func(uint32) bool { return true }) }
}

// at tells the server of a call of a client that has begun.
func at(ctx context.Context, address string) {
	if gate.Closed() {
		return
	}
	defer lib.Recover()
	calls.Current(ctx).At(address)
}

// inject writes a call's context to its headers where the request is not woven; where it is, its own span's context goes there.
func inject(ctx context.Context, set func(key, value string)) {
	if gate.Closed() || hook.LayerHTTP.Joined("net/http") {
		return
	}
	defer lib.Recover()
	hook.Try(func() { otel.GetTextMapPropagator().Inject(ctx, carrier{set: set}) })
}

// serve begins to answer a call.
func serve(ctx context.Context, procedure, peer string, get func(key string) string) (out context.Context, exit func(error, func(error) uint32)) {
	out = ctx
	if gate.Closed() || ctx == nil || !lib.On() || hook.RPCExcluded(procedure) {
		return ctx, nil
	}
	defer lib.Recover()
	if byHand(ctx, true) {
		return ctx, nil
	}
	with := ctx
	if !hook.Explicit(ctx).SpanContext().IsValid() {
		with = hook.Extract(ctx, carrier{get: get})
	}
	with, c := calls.Server(with, procedure, true, "", peer)
	if c == nil {
		return ctx, nil
	}
	return with, func(err error, code func(error) uint32) { end(c, err, code, serverFault) }
}

// errPanic is what a call ends with that did not return.
var errPanic = errors.New("the call did not return")

// end ends a call; without a function for codes it did not end otherwise, and has panicked.
func end(c *hook.RPCCall, err error, code func(error) uint32, fault func(uint32) bool) {
	defer lib.Recover()
	if code == nil {
		c.EndAs("", "panic", errPanic)
		return
	}
	var of uint32 = 2
	hook.Try(func() { of = code(err) })
	switch {
	case of == 0:
		c.EndAs("", "", nil)
	default:
		c.End(codeName(of), fault(of), err)
	}
}

// carrier is the headers of a call, for propagators.
type carrier struct {
	get func(key string) string
	set func(key, value string)
}

var _ propagation.TextMapCarrier = carrier{}

func (c carrier) Get(key string) string { return c.get(key) }
func (c carrier) Set(key, value string) { c.set(key, value) }
func (c carrier) Keys() []string        { return nil }
