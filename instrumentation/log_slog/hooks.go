// Package log_slog has the hook for log/slog: a record that is logged while a span is active carries its identity, as trace_id,
// span_id and trace_flags, the names that OpenTelemetry's specification gives them in logs of other formats.
//
// They are attributes like the program's own, and so are inside the group that the logger has open, if any.
package log_slog

import (
	"context"
	_ "unsafe" // for linkname

	"go.opentelemetry.io/otel/trace"

	"github.com/rules-go-weave/rules_go_weave/runtime/active"
	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
)

// identity is what the woven package log/slog asks where it makes a record that is going to be handled.
//
//go:linkname identity log/slog.weaveIdentity
var identity func(context.Context) (traceID, spanID, flags string)

func init() {
	if hook.Enabled("log/slog") {
		identity = Identity
	}
}

// Identity returns the identity of the span of ctx, or else of the one that is active in the goroutine; empty for none.
func Identity(ctx context.Context) (traceID, spanID, flags string) {
	span := trace.SpanContextFromContext(ctx)
	if !span.IsValid() {
		s := active.Span()
		if s == nil {
			return "", "", ""
		}
		if span = s.SpanContext(); !span.IsValid() {
			return "", "", ""
		}
	}
	return span.TraceID().String(), span.SpanID().String(), span.TraceFlags().String()
}
