package hook

import (
	"context"
	"encoding/binary"
	"slices"
	"strings"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/trace"

	"github.com/rules-go-weave/rules_go_weave/runtime/internal/spans"
)

// Those of these keys are attributes of a span that describes a request of HTTP, or a call.
var (
	httpKeys = []attribute.Key{"http.request.method", "http.method"}
	rpcKeys  = []attribute.Key{"rpc.system.name", "rpc.system", "rpc.method"}
)

// describing has the spans of the program that have described a request, each at a place that its identity gives. Few are open at a time,
// and what takes another's place is at worst asked once more.
var describing [256]atomic.Uint64

// HTTPDescribed returns the operation of a request of HTTP that the program itself describes by a span of kind client, which ctx holds or
// which is active, and a context that holds it: there is no span of hooks for it. A second request below that span, after a redirect or
// a failure, is not described.
func (i *Instrumentation) HTTPDescribed(ctx context.Context) (with context.Context, op Op, yes bool) {
	return i.describedBy(ctx, httpKeys)
}

func (i *Instrumentation) describedBy(ctx context.Context, keys []attribute.Key) (with context.Context, op Op, yes bool) {
	defer foreign.Recover()
	span, active := ActiveSpan(ctx)
	if !active || !describes(span, keys) {
		return ctx, Op{}, false
	}
	identity := span.SpanContext()
	id := identity.SpanID()
	number := binary.LittleEndian.Uint64(id[:])
	if describing[number%uint64(len(describing))].Swap(number) == number {
		return ctx, Op{}, false
	}
	if ctx == nil {
		ctx = context.Background()
	}
	if !Explicit(ctx).SpanContext().IsValid() {
		ctx = trace.ContextWithSpan(ctx, span)
	}
	return ctx, Op{span: trace.SpanFromContext(trace.ContextWithSpanContext(context.Background(), identity))}, true
}

// describes tells whether the program has made a span, of kind client and with one of these attributes.
func describes(span trace.Span, keys []attribute.Key) bool {
	switch s := span.(type) {
	case *spans.Span:
		scope, kind, _ := s.Made()
		return kind == Client && !strings.HasPrefix(scope, Scope) && s.Has(keys)
	case interface { // the SDK's
		InstrumentationScope() instrumentation.Scope
		SpanKind() trace.SpanKind
		Attributes() []attribute.KeyValue
	}:
		return s.SpanKind() == Client && !strings.HasPrefix(s.InstrumentationScope().Name, Scope) &&
			slices.ContainsFunc(s.Attributes(), func(a attribute.KeyValue) bool { return slices.Contains(keys, a.Key) })
	}
	return false
}
