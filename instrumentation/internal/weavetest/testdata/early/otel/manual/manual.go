// Package manual makes spans by a provider of the program's own, when it is initialised.
package manual

import (
	"context"

	"go.opentelemetry.io/otel"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Spans is what Make returned at initialisation.
var Spans = Make()

// Make makes spans, and returns how many are recorded and whether the second is a child of the first.
func Make() (n [3]int) {
	for i, provider := range []trace.TracerProvider{otel.GetTracerProvider(), sdktrace.NewTracerProvider(), sdktrace.NewTracerProvider(sdktrace.WithSampler(sdktrace.NeverSample()))} {
		tracer := provider.Tracer("manual")
		ctx, outer := tracer.Start(context.Background(), "outer")
		_, inner := tracer.Start(ctx, "inner")
		for _, s := range []trace.Span{outer, inner, trace.SpanFromContext(ctx)} {
			if s.IsRecording() {
				n[i]++
			}
		}
		if inner.SpanContext().IsValid() && inner.SpanContext().TraceID() == outer.SpanContext().TraceID() {
			n[i] += 10
		}
		inner.End()
		outer.End()
	}
	return n
}
