// Package log_slog has the hooks for log/slog: a record that is logged while a span is active carries its identity, as trace_id,
// span_id and trace_flags, the names that OpenTelemetry's specification gives them in logs of other formats.
//
// They are attributes like the program's own, and so are inside the group that the logger has open, if any.
//
// In a program that is built to export logs, records that a Logger handles are exported as well, before that: what handlers make
// of them is their business. The attributes of Logger.With are exported too, those that a handler got by itself are not.
package log_slog

import (
	"context"
	"log/slog"
	"runtime"
	"slices"
	"sync"
	_ "unsafe" // for linkname
	"weak"

	"go.opentelemetry.io/otel/trace"

	"github.com/rules-go-weave/rules_go_weave/runtime/active"
	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
	"github.com/rules-go-weave/rules_go_weave/runtime/sdk"
)

// identity is what the woven package log/slog asks where it makes a record that is going to be handled.
//
//go:linkname identity log/slog.weaveIdentity
var identity func(context.Context) (traceID, spanID, flags string)

// exported is what the woven package log/slog gives such a record to.
//
//go:linkname exported log/slog.weaveExport
var exported func(context.Context, *slog.Logger, slog.Record)

func init() {
	if hook.Enabled("log/slog") {
		identity = Identity
		if sdk.Logs() != nil {
			exported = Export
		}
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

// Export exports a record of a logger.
func Export(ctx context.Context, l *slog.Logger, r slog.Record) {
	logs := sdk.Logs()
	if logs == nil || hook.Suppressed(ctx) {
		return
	}
	logs.Record(ctx, &r, madeWith(l))
}

// made has what loggers were made with, until they are gone.
var made sync.Map // weak.Pointer[slog.Logger] to []sdk.LogWith

func madeWith(l *slog.Logger) []sdk.LogWith {
	if l == nil {
		return nil
	}
	if with, ok := made.Load(weak.Make(l)); ok {
		return with.([]sdk.LogWith)
	}
	return nil
}

// With is woven into (*slog.Logger).With.
func With(l *slog.Logger, args []any) func(*slog.Logger) {
	if exported == nil || len(args) == 0 {
		return nil
	}
	step := sdk.LogWith{Attrs: slog.Group("", args...).Value.Group()}
	return func(one *slog.Logger) { remember(l, one, step) }
}

// WithGroup is woven into (*slog.Logger).WithGroup.
func WithGroup(l *slog.Logger, name string) func(*slog.Logger) {
	if exported == nil || name == "" {
		return nil
	}
	return func(one *slog.Logger) { remember(l, one, sdk.LogWith{Group: name}) }
}

func remember(from, one *slog.Logger, step sdk.LogWith) {
	if one == nil || one == from {
		return
	}
	key := weak.Make(one)
	made.Store(key, append(slices.Clip(madeWith(from)), step))
	runtime.AddCleanup(one, func(key weak.Pointer[slog.Logger]) { made.Delete(key) }, key)
}
