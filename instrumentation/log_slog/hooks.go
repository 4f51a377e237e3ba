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
	"unsafe"
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
var exported func(context.Context, unsafe.Pointer, slog.Record)

// making is what the woven package log/slog tells about the loggers that are made of others.
//
//go:linkname making log/slog.weaveMade
var making func(from unsafe.Pointer, made *slog.Logger, args []any, group string)

func init() {
	if hook.Enabled("log/slog") {
		identity = Identity
		if sdk.Logs() != nil {
			exported, making = Export, Made
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

// Export exports a record of a logger, to which l points.
func Export(ctx context.Context, l unsafe.Pointer, r slog.Record) {
	logs := sdk.Logs()
	if logs == nil || hook.Suppressed(ctx) {
		return
	}
	logs.Record(ctx, &r, madeWith((*slog.Logger)(l)))
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

// Made notes what a new logger was made with, beside what the one to which from points was: attributes, or a group. It keeps
// neither from nor args.
func Made(from unsafe.Pointer, one *slog.Logger, args []any, group string) {
	step := sdk.LogWith{Group: group}
	if group == "" {
		step.Attrs = slog.Group("", args...).Value.Group()
	}
	key := weak.Make(one)
	made.Store(key, append(slices.Clip(madeWith((*slog.Logger)(from))), step))
	runtime.AddCleanup(one, func(key weak.Pointer[slog.Logger]) { made.Delete(key) }, key)
}
