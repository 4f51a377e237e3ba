// Package grpc has the hooks for google.golang.org/grpc: a span for each call of a client, which all its attempts are in, and one for
// each call that a server answers, of HTTP/2 and of ServeHTTP; and rpc.client.call.duration and rpc.server.call.duration. A stream is
// one call, from its beginning until its status is known.
//
// A client's span is behind the program's own interceptors: one that calls again makes another span, and gRPC's own retries do not.
// The trace context goes with the call's metadata and is read from it; a call that ServeHTTP answers is below the span of its HTTP
// request. Nothing is done where the program instruments by itself: where otelgrpc's handlers are among a connection's or a server's,
// and where a call's metadata has the context of the active span already. Calls of services that export telemetry by OTLP have no span
// either, nor have those that OTEL_GO_WEAVE_RPC_EXCLUDE names.
//
// What follows is the semantic conventions of RPC, gRPC's own part included, as of version 1.43.
package grpc

import (
	"context"
	"errors"
	"net"
	"strconv"
	"strings"
	_ "unsafe" // for linkname

	"go.opentelemetry.io/otel"

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
)

// gate is before every hook.
var gate hook.Gate

var (
	lib   = hook.NewAt("grpc", "1.43.0")
	calls = hook.NewRPC(lib, "grpc")
)

func init() { gate.Open("grpc") }

// statuses are the names of status codes.
var statuses = [...]string{"OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED",
	"RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED"}

func statusName(code uint32) string {
	if int(code) < len(statuses) {
		return statuses[code]
	}
	return strconv.FormatUint(uint64(code), 10)
}

// serverFault reports whether a status is an error of the server that answers with it.
func serverFault(code uint32) bool {
	switch code {
	case 2, 4, 12, 13, 14, 15:
		return true
	}
	return int(code) >= len(statuses)
}

// Call is woven into newClientStream.
func Call(ctx context.Context, method, authority string, get func(context.Context, string) []string,
	add func(context.Context, ...string) context.Context, byHand bool) (out context.Context, exit func(error)) {
	out = ctx
	if gate.Closed() || byHand || ctx == nil || !lib.On() || hook.RPCExcluded(method) {
		return ctx, nil
	}
	defer lib.Recover()
	if carries(ctx, get) {
		return ctx, nil
	}
	with, call := calls.Client(ctx, method, authority)
	if call == nil {
		return ctx, nil
	}
	var sent outgoing
	hook.Try(func() { otel.GetTextMapPropagator().Inject(with, &sent) })
	if len(sent.pairs) > 0 {
		with = add(with, sent.pairs...)
	}
	return call.In(with), func(err error) {
		if err != nil {
			call.End("UNKNOWN", true, err)
		}
	}
}

// carries reports whether a call's metadata has the context of the active span: an interceptor of the program has made that span for it.
func carries(ctx context.Context, get func(context.Context, string) []string) bool {
	span := hook.Explicit(ctx).SpanContext()
	if !span.IsValid() {
		return false
	}
	for _, value := range get(ctx, "traceparent") {
		if strings.Contains(value, span.SpanID().String()) {
			return true
		}
	}
	return false
}

// outgoing is what propagators write, as metadata has it.
type outgoing struct{ pairs []string }

func (o *outgoing) Get(string) string     { return "" }
func (o *outgoing) Keys() []string        { return nil }
func (o *outgoing) Set(key, value string) { o.pairs = append(o.pairs, strings.ToLower(key), value) }

// Finish is woven into (*clientStream).finish, which may be called several times. Its context is that of the call or of an attempt.
func Finish(ctx context.Context, err error, code uint32) {
	if gate.Closed() {
		return
	}
	defer lib.Recover()
	call := calls.Current(ctx)
	if call == nil {
		return
	}
	if code == 0 {
		err = nil
	}
	call.End(statusName(code), code != 0, err)
}

// Serve is woven into the methods of Server that answer a call.
func Serve(ctx context.Context, method string, known bool, get func(context.Context, string) []string, peer net.Addr, byHand bool,
	code func(error) uint32) (out context.Context, exit func(error), panicked func()) {
	out = ctx
	if gate.Closed() || byHand || ctx == nil || !lib.On() || hook.RPCExcluded(method) {
		return ctx, nil, nil
	}
	defer lib.Recover()
	with := ctx
	if !hook.Explicit(ctx).SpanContext().IsValid() {
		with = hook.Extract(ctx, incoming{ctx, get})
	}
	var authority string
	if values := get(ctx, ":authority"); len(values) > 0 {
		authority = values[0]
	}
	var from string
	if peer != nil {
		from = peer.String()
	}
	with, call := calls.Server(with, method, known, authority, from)
	if call == nil {
		return ctx, nil, nil
	}
	return call.In(with), func(err error) {
			defer lib.Recover()
			c := code(err)
			if c == 0 {
				err = nil
			}
			call.End(statusName(c), serverFault(c), err)
		}, func() {
			call.End("UNKNOWN", true, errPanic) // of a call that has not ended otherwise
		}
}

// What the woven package calls, through a variable that it declares. This here is data, which the linker prefers to that.
//
//go:linkname unknown google.golang.org/grpc.weaveAnswerUnknown
var unknown = Unknown

// Unknown is told a call of a method that the server does not have, which is answered so at once.
func Unknown(ctx context.Context, method string, get func(context.Context, string) []string, peer net.Addr, byHand bool) {
	_, exit, end := Serve(ctx, method, false, get, peer, byHand, func(error) uint32 { return unimplemented })
	if exit != nil {
		exit(errUnknown)
		end()
	}
}

const unimplemented = 12

var errUnknown = errors.New("unknown service or method")

var errPanic = errors.New("the handler panicked")

// incoming is the metadata of a call that a server answers, for propagators.
type incoming struct {
	ctx context.Context
	get func(context.Context, string) []string
}

func (i incoming) Get(key string) string {
	return strings.Join(i.get(i.ctx, key), ",")
}
func (i incoming) Keys() []string     { return nil }
func (i incoming) Set(string, string) {}
