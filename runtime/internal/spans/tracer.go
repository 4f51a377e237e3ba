package spans

import (
	"context"
	rt "runtime/trace"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/embedded"

	"github.com/rules-go-weave/rules_go_weave/runtime/active"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/wire"
)

// Tracer starts the spans of one scope.
type Tracer struct {
	embedded.Tracer
	provider *Provider
	scope    *wire.Scope
	tells    bool // of the spans that it starts
}

var _ trace.Tracer = (*Tracer)(nil)

// Start starts a span of the program.
func (t *Tracer) Start(ctx context.Context, name string, options ...trace.SpanStartOption) (context.Context, trace.Span) {
	config := trace.NewSpanStartConfig(options...)
	if ctx == nil {
		ctx = context.Background()
	}
	if t.tells && config.SpanKind() == trace.SpanKindServer {
		ctx = t.provider.config.Serves(ctx, config.Attributes())
	}
	implicit := t.tells && !config.NewRoot() && active.Explicit(ctx) == nil
	around := trace.SpanFromContext(ctx)
	if s, ours := around.(*Span); ours {
		s.addChild()
	}
	var parent trace.SpanContext
	within := ctx // for who decides
	if config.NewRoot() {
		within = trace.ContextWithSpanContext(ctx, parent)
	} else {
		parent = around.SpanContext()
	}
	of := &t.provider.config
	var id trace.TraceID
	var spanID trace.SpanID
	if id = parent.TraceID(); id.IsValid() {
		spanID = of.IDs.NewSpanID(within, id)
	} else {
		id, spanID = of.IDs.NewIDs(within)
	}
	decided := of.Sampler.ShouldSample(sdktrace.SamplingParameters{
		ParentContext: within, TraceID: id, Name: name, Kind: config.SpanKind(), Attributes: config.Attributes(), Links: config.Links(),
	})
	flags := parent.TraceFlags().WithSampled(decided.Decision == sdktrace.RecordAndSample)
	if decided.Decision != sdktrace.RecordOnly && decided.Decision != sdktrace.RecordAndSample {
		s := &unrecorded{Span: nothing, tracer: t, context: trace.NewSpanContext(trace.SpanContextConfig{TraceID: id, SpanID: spanID, TraceFlags: flags, TraceState: decided.Tracestate})}
		with := trace.ContextWithSpan(ctx, s)
		if t.tells {
			of.Begun(with, s, implicit)
		}
		return with, s
	}
	s := new(Span)
	s.identify(t, id, spanID, flags, decided.Tracestate)
	r := newRecord(parent, name, trace.ValidateSpanKind(config.SpanKind()), config.Timestamp())
	for _, l := range config.Links() {
		r.addLink(l, of)
	}
	r.addAttributes(decided.Attributes, of.Limits.AttributeCountLimit)
	r.addAttributes(config.Attributes(), of.Limits.AttributeCountLimit)
	s.recorded.Store(r)
	with := trace.ContextWithSpan(ctx, s)
	if rt.IsEnabled() {
		with = s.task(with, name)
	}
	if t.tells {
		of.Begun(with, s, implicit)
	}
	return with, s
}

// begun is a context and the span in it, in one allocation.
type begun struct {
	context.Context
	span Span
}

// Value returns the span to trace.SpanFromContext.
func (c *begun) Value(key any) any {
	if key == active.SpanKey() {
		return &c.span
	}
	return c.Context.Value(key)
}

// Begin starts the span of a hook: of this trace where one is given that the sampler wants recorded, else below parent, which ctx holds.
// Where parent is not valid, origin may be a span that the new one is linked to. It began then, or begins now if that is zero.
func (t *Tracer) Begin(ctx context.Context, id trace.TraceID, parent, origin trace.SpanContext, kind trace.SpanKind, name string, began time.Time) (context.Context, trace.Span) {
	of := &t.provider.config
	state, flags := parent.TraceState(), parent.TraceFlags().WithSampled(true)
	decided := id.IsValid() || of.Inherits && parent.IsSampled() && parent.IsValid()
	var spanID trace.SpanID
	if !id.IsValid() {
		id = parent.TraceID()
	}
	if id.IsValid() {
		spanID = of.IDs.NewSpanID(ctx, id)
	} else {
		id, spanID = of.IDs.NewIDs(ctx)
	}
	var given []attribute.KeyValue
	if !decided {
		var links []trace.Link
		if origin.IsValid() {
			links = []trace.Link{{SpanContext: origin}}
		}
		result := of.Sampler.ShouldSample(sdktrace.SamplingParameters{ParentContext: ctx, TraceID: id, Name: name, Kind: kind, Links: links})
		state, flags, given = result.Tracestate, flags.WithSampled(result.Decision == sdktrace.RecordAndSample), result.Attributes
		if result.Decision != sdktrace.RecordOnly && result.Decision != sdktrace.RecordAndSample {
			s := &unrecorded{Span: nothing, tracer: t, context: trace.NewSpanContext(trace.SpanContextConfig{TraceID: id, SpanID: spanID, TraceFlags: flags, TraceState: state})}
			return trace.ContextWithSpan(ctx, s), s
		}
	}
	c := &begun{Context: ctx}
	s := &c.span
	s.identify(t, id, spanID, flags, state)
	r := newRecord(parent, name, trace.ValidateSpanKind(kind), began)
	if origin.IsValid() {
		r.addLink(trace.Link{SpanContext: origin}, of)
	}
	r.addAttributes(given, of.Limits.AttributeCountLimit)
	s.recorded.Store(r)
	ctx = c
	if active.SpanKey() == nil {
		ctx = trace.ContextWithSpan(c.Context, s)
	}
	if rt.IsEnabled() {
		ctx = s.task(ctx, name)
	}
	return ctx, s
}
