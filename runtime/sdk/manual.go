package sdk

import (
	"context"

	"go.opentelemetry.io/otel/baggage"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/rules-go-weave/rules_go_weave/runtime/active"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/spans"
)

// Started makes a span of the program's own active in the goroutine that starts it. ctx is the context that it was started with, or one
// that holds it. If it may be part of what its goroutine was started for, which is over, it gets a link to that.
//
// Our provider tells of the spans that it makes, and the woven SDK of those of every other; see otel_trace.
func Started(ctx context.Context, s trace.Span, implicit bool) {
	around, bag, origin := active.Woven()
	switch {
	case origin.IsValid() && implicit:
		if !linked(s, origin) {
			s.AddLink(trace.Link{SpanContext: origin})
		}
	case around != nil && around.SpanContext().TraceID() != s.SpanContext().TraceID():
		bag = baggage.Baggage{} // that of another trace
	}
	if explicit := bagOf(ctx); explicit.Len() > 0 {
		bag = explicit
	}
	active.ActivateManual(s, bag)
}

// linked reports whether a span has a link, or cannot have one.
func linked(s trace.Span, to trace.SpanContext) bool {
	switch s := s.(type) {
	case *spans.Span:
		return s.LinkedTo(to)
	case sdktrace.ReadOnlySpan:
		for _, l := range s.Links() {
			if l.SpanContext.Equal(to) {
				return true
			}
		}
		return false
	}
	return true
}
