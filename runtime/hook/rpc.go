package hook

import (
	"context"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/rules-go-weave/rules_go_weave/runtime/internal/wire"
	"github.com/rules-go-weave/rules_go_weave/runtime/redact"
)

// RPC describes remote procedure calls, by the semantic conventions since version 1.40: a span for a call on each side, and its duration. A
// library has one, in a package variable.
//
//	ctx, call := calls.Client(ctx, "pkg.Service/Method", "example.com:443")
//	...
//	call.End("OK", false, nil)
type RPC struct {
	of             *Instrumentation
	client, server *Duration[rpcKey]
	system         attribute.KeyValue
}

// rpcKey is what the durations of calls are told apart by.
type rpcKey struct {
	method, original, address, code, errorType string
	port                                       int
}

// rpcBuckets are those of the semantic conventions.
var rpcBuckets = []float64{0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10}

// NewCallDuration returns rpc.client.call.duration, for a library whose calls are told apart by K.
func NewCallDuration[K comparable](i *Instrumentation, attributes func(K) []attribute.KeyValue) *Duration[K] {
	return NewDuration(i, "rpc.client.call.duration", "Measures the duration of an outgoing Remote Procedure Call (RPC).", rpcBuckets, attributes)
}

// otherMethod stands for methods that a server does not know: a caller may make up any number.
const otherMethod = "_OTHER"

// excluded are the services whose calls have no span.
var excluded = sync.OnceValue(func() []string { return Setting("OTEL_GO_WEAVE_RPC_EXCLUDE") })

// RPCExcluded reports whether calls of a method, "pkg.Service/Method" with or without a leading slash, get no span and no metrics: those of
// services in OTEL_GO_WEAVE_RPC_EXCLUDE, and of services by which telemetry is exported.
func RPCExcluded(method string) bool {
	service, _, _ := strings.Cut(strings.TrimPrefix(method, "/"), "/")
	return strings.HasPrefix(service, "opentelemetry.proto.collector.") || slices.Contains(excluded(), service)
}

// NewRPC returns the RPC of an instrumentation; system is the value of rpc.system.name.
func NewRPC(i *Instrumentation, system string) *RPC {
	r := &RPC{of: i, system: attribute.String("rpc.system.name", system)}
	attributes := func(k rpcKey) []attribute.KeyValue {
		k.original = ""
		return r.attributes(k, "", true)
	}
	r.client = NewCallDuration(i, attributes)
	r.server = NewDuration(i, "rpc.server.call.duration", "Measures the duration of an incoming Remote Procedure Call (RPC).", rpcBuckets, attributes)
	return r
}

// attributes are those of a call, at its beginning or at its end.
func (r *RPC) attributes(k rpcKey, peer string, ended bool) []attribute.KeyValue {
	attrs := append(make([]attribute.KeyValue, 0, 9), r.system, attribute.String("rpc.method", k.method))
	if k.original != "" {
		attrs = append(attrs, attribute.String("rpc.method_original", k.original))
	}
	attrs = addressed(attrs, k.address, k.port)
	if peer != "" {
		address, port := addressOf(peer)
		attrs = append(attrs, attribute.String("network.peer.address", address))
		if port > 0 {
			attrs = append(attrs, attribute.Int("network.peer.port", port))
		}
	}
	if ended {
		attrs = k.outcome(attrs)
	}
	return attrs
}

// outcome appends what is known of a call when it has ended.
func (k rpcKey) outcome(attrs []attribute.KeyValue) []attribute.KeyValue {
	if k.code != "" {
		attrs = append(attrs, attribute.String("rpc.response.status_code", k.code))
	}
	if k.errorType != "" {
		attrs = append(attrs, attribute.String("error.type", k.errorType))
	}
	return attrs
}

// addressOf takes a host and a port apart; 0 for none.
func addressOf(text string) (host string, port int) {
	h, p, err := net.SplitHostPort(text)
	if err != nil {
		return text, 0
	}
	port, _ = strconv.Atoi(p)
	return h, port
}

// RPCCall is a call in progress. It is also the context that is passed to the library, which saves an allocation. A nil one is not a call, and
// its methods do nothing.
type RPCCall struct {
	context.Context
	of       *RPC
	op       Op
	begun    time.Time // zero if nothing is measured
	key      rpcKey
	peer     string
	incoming bool
	late     bool
	ended    atomic.Bool
	passed   atomic.Bool // a span of the program's own describes it
	before   trace.Span  // what the context of a call that is answered held before it
}

type rpcCallKey struct{ of *RPC }

// answeredKey is what the context of a call that is being answered has the call for.
type answeredKey struct{}

// Value finds the call itself, or what its context holds.
func (c *RPCCall) Value(key any) any {
	if k, ok := key.(rpcCallKey); ok && k.of == c.of {
		return c
	}
	if c.incoming && key == (answeredKey{}) {
		return c
	}
	return c.Context.Value(key)
}

// describedCall is the context of a call that the program itself describes by a span.
type describedCall struct{ context.Context }

type describedKey struct{}

func (d *describedCall) Value(key any) any {
	if key == (describedKey{}) {
		return d
	}
	return d.Context.Value(key)
}

// described reports whether the program itself describes the call that a context is of.
func described(ctx context.Context) (yes bool) {
	if ctx != nil {
		Try(func() { yes = ctx.Value(describedKey{}) != nil })
	}
	return yes
}

// supersedeCall drops the span of the call that ctx is of and a server answers, because the program makes one itself, and returns the
// context for that.
func supersedeCall(ctx context.Context) context.Context {
	var c *RPCCall
	if ctx != nil && initialised.Load() {
		Try(func() { c, _ = ctx.Value(answeredKey{}).(*RPCCall) })
	}
	if c == nil {
		return &describedCall{ctx} // one that a library is yet to tell of
	}
	if c.ended.Load() || !c.passed.CompareAndSwap(false, true) {
		return ctx
	}
	c.op.Pass()
	if c.op.span != nil && identical(Explicit(ctx), c.op.span) {
		return trace.ContextWithSpan(ctx, c.before)
	}
	return ctx // which has what the caller sent
}

// In returns a context of the call, which Current finds, with the values of ctx.
func (c *RPCCall) In(ctx context.Context) context.Context {
	c.Context = ctx
	return c
}

// Current returns the call of a context, or nil.
func (r *RPC) Current(ctx context.Context) (call *RPCCall) {
	if ctx != nil {
		Try(func() { call, _ = ctx.Value(rpcCallKey{r}).(*RPCCall) })
	}
	return call
}

// Client begins a call of a method, "pkg.Service/Method" with or without a leading slash, at an address, "host:port" or a name. The context
// holds its span. A nil call describes nothing, and need not end.
func (r *RPC) Client(ctx context.Context, method, address string) (context.Context, *RPCCall) {
	return r.start(ctx, r.client, Client, rpcKey{method: strings.TrimPrefix(method, "/")}, address, "")
}

// Server begins to answer a call, unless the program itself has begun a span for it. known reports whether the server has the method;
// address is the name by which it was called, and peer the origin of the call; either may be empty. The call is active in the goroutine
// until it ends, which it must on every path.
func (r *RPC) Server(ctx context.Context, method string, known bool, address, peer string) (context.Context, *RPCCall) {
	if r == nil || !r.of.On() || described(ctx) {
		return ctx, nil
	}
	key := rpcKey{method: strings.TrimPrefix(method, "/")}
	if !known {
		key.method, key.original = otherMethod, key.method
	}
	return r.start(ctx, r.server, Server, key, address, peer)
}

func (r *RPC) start(ctx context.Context, duration *Duration[rpcKey], kind trace.SpanKind, key rpcKey, address, peer string) (context.Context, *RPCCall) {
	if r == nil || !r.of.On() {
		return ctx, nil
	}
	key.address, key.port = addressOf(address)
	begun := duration.Start()
	var with context.Context
	var op Op
	var late, passed bool
	if kind == Client {
		with, op, passed = r.of.describedBy(ctx, rpcKeys)
	}
	if !passed {
		with, op, late = r.of.StartBare(ctx, kind, key.method, func() []attribute.KeyValue { return r.attributes(key, peer, false) })
	}
	if op.Span() == nil {
		return ctx, nil
	}
	c := &RPCCall{Context: with, of: r, op: op, begun: begun, key: key, peer: peer, incoming: kind == Server, late: late}
	if c.incoming {
		c.before, _ = explicit(ctx)
	}
	return with, c
}

// Set adds attributes to the call's span.
func (c *RPCCall) Set(attrs ...attribute.KeyValue) {
	if c != nil {
		c.op.Set(attrs...)
	}
}

// At sets the server's address of a client's call, if it is known only after the beginning.
func (c *RPCCall) At(address string) {
	if c == nil || address == "" || c.ended.Load() {
		return
	}
	c.key.address, c.key.port = addressOf(address)
	if !c.late && c.op.Recording() {
		c.op.Set(attribute.String("server.address", c.key.address))
		if c.key.port > 0 {
			c.op.Set(attribute.Int("server.port", c.key.port))
		}
	}
}

// Ended reports whether the call has ended; a nil one has.
func (c *RPCCall) Ended() bool { return c == nil || c.ended.Load() }

// End ends the call with a status, "NOT_FOUND", and whether that is an error on this side. Only the first call of End has an effect.
func (c *RPCCall) End(code string, failed bool, err error) {
	errorType := ""
	if failed {
		errorType = code
	}
	c.EndAs(code, errorType, err)
}

// EndAs ends the call like End, with a status, empty if the library has none, and a type for the error, empty if the call is not an error on
// this side.
func (c *RPCCall) EndAs(code, errorType string, err error) {
	if c == nil || !c.ended.CompareAndSwap(false, true) {
		return
	}
	c.key.code, c.key.errorType = code, errorType
	duration := c.of.client
	if c.incoming {
		duration = c.of.server
		// Its method is bounded, and how a server is called is up to its callers.
		key := c.key
		key.address, key.port = "", 0
		duration.Stop(c.Context, c.begun, key)
	} else {
		duration.Stop(c.Context, c.begun, c.key)
	}
	if c.passed.Load() {
		c.op.Leave()
		return
	}
	if c.op.Recording() {
		if c.late {
			c.op.Set(c.of.attributes(c.key, c.peer, true)...)
		} else {
			c.op.Set(c.key.outcome(nil)...)
		}
		if errorType != "" {
			Try(func() {
				var text string
				if err != nil {
					text = redact.Text(shownError(err))
				}
				c.op.span.SetStatus(codes.Error, wire.Text(text, wire.MaxText))
			})
		}
	}
	c.op.End(nil)
}
