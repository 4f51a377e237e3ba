package sdk

import (
	"context"
	"strings"
	"sync/atomic"

	"go.opentelemetry.io/otel/baggage"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/rules-go-weave/rules_go_weave/runtime/active"
)

// manual is a span processor that makes the spans that the program starts itself, with our provider, active in the goroutine
// that starts them. The hooks do so for theirs. The woven SDK does so for every provider; then there is nothing to do here.
type manual struct{}

// Told is true once the woven SDK has told of a span that the program starts; see otel_trace.
var Told atomic.Bool

var _ sdktrace.SpanProcessor = manual{}

// OnStart runs in the goroutine that starts the span.
func (manual) OnStart(parent context.Context, s sdktrace.ReadWriteSpan) {
	if !Told.Load() && !strings.HasPrefix(s.InstrumentationScope().Name, Scope) {
		Started(parent, s, active.Explicit(parent) == nil)
	}
}

// Started makes a span of the program's own active. ctx is the context that it was started with, or one that holds it. If it may be
// part of what its goroutine was started for, which is over, it gets a link to that.
func Started(ctx context.Context, s trace.Span, implicit bool) {
	around, bag, origin := active.Woven()
	switch {
	case origin.IsValid() && implicit:
		if r, ok := s.(sdktrace.ReadOnlySpan); ok && !linked(r.Links(), origin) {
			s.AddLink(trace.Link{SpanContext: origin})
		}
	case around != nil && around.SpanContext().TraceID() != s.SpanContext().TraceID():
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
	if !Told.Load() && !strings.HasPrefix(s.InstrumentationScope().Name, Scope) {
		active.EndManual(s.SpanContext())
	}
}

// Shutdown does nothing.
func (manual) Shutdown(context.Context) error { return nil }

// ForceFlush does nothing.
func (manual) ForceFlush(context.Context) error { return nil }
