// Package otel_trace has the hooks for OpenTelemetry's own packages, in programs that use them: what the program asks for without
// a context that holds a span is about the span that is active in the goroutine, and the spans that the program makes itself
// are active until they end.
package otel_trace

import (
	"context"
	"strings"

	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/trace"

	"github.com/rules-go-weave/rules_go_weave/runtime/active"
	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
)

// none is what trace.SpanFromContext returns where there is no span. Until it is set everything is left as it is.
var none = trace.SpanFromContext(context.Background())

// SpanFromContext is woven into the function of that name, by which all else finds the span of a context.
func SpanFromContext(context.Context) func(trace.Span) trace.Span { return orActive }

func orActive(s trace.Span) trace.Span {
	// The slot first: it costs less than the comparison.
	if span := active.Span(); span != nil && s == none {
		return span
	}
	return s
}

// Start is woven into the Start of the SDK's tracers. A span without a parent, in a goroutine whose inherited span has ended,
// gets a link to that one. The hooks' own spans, which scope tells, know all this.
func Start(scope string, ctx context.Context, options []trace.SpanStartOption) ([]trace.SpanStartOption, func(context.Context, trace.Span)) {
	if none == nil || strings.HasPrefix(scope, hook.Scope) {
		return options, nil
	}
	if _, _, origin := active.Current(); origin.IsValid() && (ctx == nil || trace.SpanFromContext(ctx) == none) {
		options = append(options[:len(options):len(options)], trace.WithLinks(trace.Link{SpanContext: origin}))
	}
	return options, started
}

func started(ctx context.Context, span trace.Span) {
	bag := baggage.FromContext(ctx)
	if bag.Len() == 0 {
		if parent, inherited, _ := active.Current(); parent != nil && parent.SpanContext().TraceID() == span.SpanContext().TraceID() {
			bag = inherited
		}
	}
	active.ActivateManual(span, bag)
}

// End is woven into the End of recorded spans.
func End(identity trace.SpanContext) { active.EndManual(identity) }

// EndUnrecorded is woven into the End of the SDK's other spans.
func EndUnrecorded() { active.EndUnsampled() }
