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
var exported func(ctx context.Context, logger uintptr, r slog.Record)

// making is what the woven package log/slog tells about the loggers that are made of others.
//
//go:linkname making log/slog.weaveMade
var making func(from uintptr, made *slog.Logger, attrs []slog.Attr, group string)

// gate is before every hook.
var gate hook.Gate

// Goroutines that were started before read these variables: nil or a hook, each as good as the other.
//
//go:norace
func init() {
	gate.Open("log/slog")
	if gate.Closed() {
		return
	}
	identity = Identity
	if sdk.Logs() != nil {
		exported, making = Export, Made
	}
}

// Identity returns the identity of the span of ctx, or else of the one that is active in the goroutine; empty for none.
func Identity(ctx context.Context) (traceID, spanID, flags string) {
	if gate.Closed() {
		return "", "", ""
	}
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

// Export exports a record of the logger at an address.
func Export(ctx context.Context, logger uintptr, r slog.Record) {
	if gate.Closed() {
		return
	}
	logs := sdk.Logs()
	if logs == nil || hook.Suppressed(ctx) {
		return
	}
	logs.Record(ctx, &r, madeWith(logger))
}

// made has what loggers were made with, until they are gone, by their addresses. An address is no pointer: the caller may have its
// logger on its stack, where none may be had from elsewhere. All that are in here are in the heap, and stay where they are.
var made sync.Map // uintptr to *steps

// steps are how a logger was made.
type steps struct {
	at   uintptr
	of   weak.Pointer[slog.Logger] // which is no more where another one may be at its address
	with []sdk.LogWith
}

func madeWith(logger uintptr) []sdk.LogWith {
	if v, ok := made.Load(logger); ok && v.(*steps).of.Value() != nil {
		return v.(*steps).with
	}
	return nil
}

// Made notes what a new logger was made with, beside what the one at the address from was: attributes, or a group.
func Made(from uintptr, one *slog.Logger, attrs []slog.Attr, group string) {
	if gate.Closed() {
		return
	}
	s := &steps{uintptr(unsafe.Pointer(one)), weak.Make(one), append(slices.Clip(madeWith(from)), sdk.LogWith{Attrs: attrs, Group: group})}
	made.Store(s.at, s)
	runtime.AddCleanup(one, func(s *steps) { made.CompareAndDelete(s.at, s) }, s)
}
