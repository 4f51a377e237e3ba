package sdk

import (
	"context"
	"strings"

	"go.opentelemetry.io/otel/baggage"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/rules-go-weave/rules_go_weave/runtime/active"
)

// manual is a span processor that makes the spans that the program starts itself, with our provider, active in the goroutine
// that starts them. The hooks do so for theirs. (The woven SDK does so for providers of the program's own; see otel_trace.)
type manual struct{}

var _ sdktrace.SpanProcessor = manual{}

// OnStart runs in the goroutine that starts the span.
func (manual) OnStart(parent context.Context, s sdktrace.ReadWriteSpan) {
	if !strings.HasPrefix(s.InstrumentationScope().Name, Scope) {
		Started(parent, s)
	}
}

// Started makes a span of the program's own active. ctx is the context that it was started with, or one that holds it.
func Started(ctx context.Context, s trace.Span) {
	current, bag, origin := active.Current()
	switch {
	case origin.IsValid() && !trace.SpanContextFromContext(ctx).IsValid():
		if r, ok := s.(sdktrace.ReadOnlySpan); ok && !linked(r.Links(), origin) {
			s.AddLink(trace.Link{SpanContext: origin})
		}
	case current != nil && current.SpanContext().TraceID() != s.SpanContext().TraceID():
		bag = baggage.Baggage{} // that of another trace
	}
	if explicit := baggage.FromContext(ctx); explicit.Len() > 0 {
		bag = explicit
	}
	active.ActivateManual(s, bag)
}

func linked(links []sdktrace.Link, to trace.SpanContext) bool {
	for _, l := range links {
		if l.SpanContext.Equal(to) {
			return true
		}
	}
	return false
}

// OnEnd runs in the goroutine that ends the span.
func (manual) OnEnd(s sdktrace.ReadOnlySpan) {
	if !strings.HasPrefix(s.InstrumentationScope().Name, Scope) {
		active.EndManual(s.SpanContext())
	}
}

// Shutdown does nothing.
func (manual) Shutdown(context.Context) error { return nil }

// ForceFlush does nothing.
func (manual) ForceFlush(context.Context) error { return nil }
