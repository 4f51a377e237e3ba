package sdk

import (
	"context"
	"strings"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// b3 propagates span contexts in Zipkin's headers: all in one header, or each in its own. Both forms are read.
type b3 struct{ single bool }

// Inject writes the span context of ctx.
func (p b3) Inject(ctx context.Context, carrier propagation.TextMapCarrier) {
	sc := trace.SpanContextFromContext(ctx)
	if !sc.IsValid() {
		return
	}
	sampled := "0"
	if sc.IsSampled() {
		sampled = "1"
	}
	if p.single {
		carrier.Set("b3", sc.TraceID().String()+"-"+sc.SpanID().String()+"-"+sampled)
		return
	}
	carrier.Set("x-b3-traceid", sc.TraceID().String())
	carrier.Set("x-b3-spanid", sc.SpanID().String())
	carrier.Set("x-b3-sampled", sampled)
}

// Extract reads a span context, from the single header first.
func (p b3) Extract(ctx context.Context, carrier propagation.TextMapCarrier) context.Context {
	const longest = 16 + 16 + 1 + 16 + 1 + 1 + 1 + 16 // of a header, by the specification
	traceID, spanID := carrier.Get("x-b3-traceid"), carrier.Get("x-b3-spanid")
	sampled := carrier.Get("x-b3-sampled")
	if carrier.Get("x-b3-flags") == "1" {
		sampled = "d"
	}
	if one := carrier.Get("b3"); len(one) > longest {
		return ctx
	} else if parts := strings.Split(one, "-"); len(parts) >= 2 {
		traceID, spanID, sampled = parts[0], parts[1], ""
		if len(parts) > 2 {
			sampled = parts[2]
		}
	}
	if len(traceID) > longest || len(spanID) > longest {
		return ctx
	}
	if len(traceID) == 16 {
		traceID = strings.Repeat("0", 16) + traceID
	}
	tid, err := trace.TraceIDFromHex(strings.ToLower(traceID))
	if err != nil {
		return ctx
	}
	sid, err := trace.SpanIDFromHex(strings.ToLower(spanID))
	if err != nil {
		return ctx
	}
	var flags trace.TraceFlags
	if sampled == "1" || sampled == "d" || strings.EqualFold(sampled, "true") {
		flags = trace.FlagsSampled
	}
	return trace.ContextWithRemoteSpanContext(ctx, trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: tid, SpanID: sid, TraceFlags: flags, Remote: true,
	}))
}

// Fields names the headers that Inject writes.
func (p b3) Fields() []string {
	if p.single {
		return []string{"b3"}
	}
	return []string{"x-b3-traceid", "x-b3-spanid", "x-b3-sampled"}
}
