// Package otel_trace has the hooks for OpenTelemetry's own packages, in programs that use them: what the program starts or asks for
// without a context that holds a span is about the woven operation that is active in the goroutine, and the spans that the program
// makes itself are active to woven operations until they end, also those of a provider of its own.
package otel_trace

import (
	"context"
	"strings"
	_ "unsafe" // for linkname

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/rules-go-weave/rules_go_weave/runtime/active"
	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
	"github.com/rules-go-weave/rules_go_weave/runtime/sdk"
)

// none is what trace.SpanFromContext returns where there is no span.
var none = trace.SpanFromContext(context.Background())

// gate is before every hook.
var gate hook.Gate

func init() { gate.Open("opentelemetry") }

// SpanFromContext is woven into the function of that name, by which all else finds the span of a context.
func SpanFromContext(context.Context) func(trace.Span) trace.Span {
	if gate.Closed() {
		return nil
	}
	return orActive
}

func orActive(s trace.Span) trace.Span {
	// The slots first: it costs less than the comparison.
	if span := active.WovenSpan(); span != nil && s == none && !active.InRecord() {
		return span
	}
	return s
}

// Start is woven into the Start of the SDK's tracers. The hooks' own spans, which scope tells, are none of its business.
func Start(scope string, ctx context.Context, options []trace.SpanStartOption) func(context.Context, trace.Span) {
	if gate.Closed() || strings.HasPrefix(scope, hook.Scope) {
		return nil
	}
	if active.Explicit(ctx) != nil {
		return started
	}
	if _, _, origin := active.Woven(); origin.IsValid() {
		if config := trace.NewSpanStartConfig(options...); !config.NewRoot() {
			return startedImplicitly
		}
	}
	return started
}

// What the woven SDK calls, through a variable that it declares. This here is data, which the linker prefers to that.
//
//go:linkname server go.opentelemetry.io/otel/sdk/trace.weaveServer
var server = Server

// Server is woven into the Start of the SDK's tracers, for spans of kind server: where one describes a request, or a call, for which there
// is an operation of hooks, that is dropped. It returns the context to start the span with.
func Server(scope string, ctx context.Context, attrs []attribute.KeyValue) context.Context {
	if gate.Closed() || ctx == nil || strings.HasPrefix(scope, hook.Scope) {
		return ctx
	}
	return hook.ServerSpan(ctx, attrs)
}

// started makes a span active, startedImplicitly one whose parent may have ended.
func started(ctx context.Context, span trace.Span) { sdk.Started(ctx, span, false) }

func startedImplicitly(ctx context.Context, span trace.Span) { sdk.Started(ctx, span, true) }

// End is woven into the End of the SDK's spans.
func End(identity trace.SpanContext) {
	if !gate.Closed() {
		active.EndManual(identity)
	}
}
