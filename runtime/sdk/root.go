package sdk

import (
	"context"
	"encoding/binary"
	"math/rand/v2"
	"sync/atomic"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/rules-go-weave/rules_go_weave/runtime/active"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/spans"
)

// Root decides on sampling where a trace begins, as the provider's own sampler would. If the trace is not sampled, span is one
// that nobody records, and the context returned holds it, in one allocation. Otherwise span is nil, and id is the trace that is to be
// begun, unless it is not valid: then nobody has been asked.
//
// Only for spans without a parent of the provider for which Sampling and Inherited are true.
func Root(ctx context.Context) (_ context.Context, span trace.Span, id trace.TraceID) {
	id, drop := decide()
	if !drop {
		return ctx, nil, id
	}
	c := &unsampledRoot{Context: ctx, span: newUnsampledSpan(id)}
	return c, &c.span, id
}

// ActiveRoot is Root for a span that is to be active in its goroutine: state has memory for that, unless it is nil.
func ActiveRoot(ctx context.Context) (_ context.Context, span trace.Span, id trace.TraceID, state *active.State) {
	id, drop := decide()
	if !drop {
		return ctx, nil, id, nil
	}
	c := &activeRoot{unsampledRoot: unsampledRoot{Context: ctx, span: newUnsampledSpan(id)}}
	return &c.unsampledRoot, &c.span, id, &c.state
}

// decide asks the sampler. The trace is not valid if it may not be asked without the span.
func decide() (id trace.TraceID, drop bool) {
	if started == nil || active.SpanKey() == nil {
		return id, false
	}
	id = newTraceID()
	return id, started.root != nil && started.root.ShouldSample(sdktrace.SamplingParameters{ParentContext: context.Background(), TraceID: id}).Decision == sdktrace.Drop
}

// Unsampled reports whether a span is of Root, or ActiveRoot.
func Unsampled(span trace.Span) bool {
	_, yes := span.(*unsampledSpan)
	return yes
}

// Made tells the instrumentation scope and the kind of a span that is being recorded. Only ours and those of the SDK are known.
func Made(span trace.Span) (scope string, kind trace.SpanKind, known bool) {
	if s, ok := span.(*spans.Span); ok {
		return s.Made()
	}
	if s, ok := span.(sdktrace.ReadOnlySpan); ok && span.IsRecording() {
		return s.InstrumentationScope().Name, s.SpanKind(), true
	}
	return "", 0, false
}

// serving is what SetServing was given.
var serving atomic.Pointer[func(context.Context, []attribute.KeyValue) context.Context]

// SetServing has f told of each span of kind server that the program is about to start, by its context and first attributes; it returns
// the context to start it with.
func SetServing(f func(context.Context, []attribute.KeyValue) context.Context) { serving.Store(&f) }

func serves(ctx context.Context, attrs []attribute.KeyValue) context.Context {
	if f := serving.Load(); f != nil {
		return (*f)(ctx, attrs)
	}
	return ctx
}

// unsampledRoot is a context with its span, which begins a trace that is not sampled.
type unsampledRoot struct {
	context.Context
	span unsampledSpan
}

// activeRoot is an unsampledRoot whose span is active in a goroutine.
type activeRoot struct {
	unsampledRoot
	state active.State
}

// Value returns the span to trace.SpanFromContext.
func (c *unsampledRoot) Value(key any) any {
	if key == active.SpanKey() {
		return &c.span
	}
	return c.Context.Value(key)
}

// nothing does nothing.
var nothing = new(noop.Span)

// unsampledSpan does nothing, by what nothing does. It has no more than it needs, since it is made for every such request: an
// interface or a trace.SpanContext in it would double it.
type unsampledSpan struct {
	*noop.Span
	trace trace.TraceID
	id    trace.SpanID
}

func newUnsampledSpan(id trace.TraceID) unsampledSpan {
	return unsampledSpan{Span: nothing, trace: id, id: newSpanID()}
}

// SpanContext identifies the span.
func (s *unsampledSpan) SpanContext() trace.SpanContext {
	return trace.NewSpanContext(trace.SpanContextConfig{TraceID: s.trace, SpanID: s.id})
}

// TracerProvider returns the provider whose sampler was asked, or the one that took its place.
func (*unsampledSpan) TracerProvider() trace.TracerProvider { return otel.GetTracerProvider() }

// ids is the provider's generator.
type ids struct{}

var _ sdktrace.IDGenerator = ids{}

// NewIDs returns those of a trace and its first span.
func (ids) NewIDs(context.Context) (trace.TraceID, trace.SpanID) { return newTraceID(), newSpanID() }

// NewSpanID returns that of another span.
func (ids) NewSpanID(context.Context, trace.TraceID) trace.SpanID { return newSpanID() }

func newTraceID() (id trace.TraceID) {
	for !id.IsValid() {
		binary.NativeEndian.PutUint64(id[:8], rand.Uint64())
		binary.NativeEndian.PutUint64(id[8:], rand.Uint64())
	}
	return id
}

func newSpanID() (id trace.SpanID) {
	for !id.IsValid() {
		binary.NativeEndian.PutUint64(id[:], rand.Uint64())
	}
	return id
}
