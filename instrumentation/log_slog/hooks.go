// Package log_slog has the hooks for log/slog: what the package's own handlers (of JSON, of text, the default one) write of a record that
// is logged while a span is active carries its identity, as trace_id, span_id and trace_flags, the names that OpenTelemetry's
// specification gives them in logs of other formats.
//
// They are attributes outside of all groups, at the end, and are not there if the program has put a trace_id there. Whatever handlers
// the program has before those sees the record as it was made, and so do handlers that write in another form: what form that is, and
// whether they put a span's identity there by themselves, nobody knows. A record that is written in another goroutine than the one that
// logs it gets none.
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

	weaveruntime "github.com/rules-go-weave/rules_go_weave/runtime"
	"github.com/rules-go-weave/rules_go_weave/runtime/active"
	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
	"github.com/rules-go-weave/rules_go_weave/runtime/sdk"
)

// begin, end and logging are what the woven package log/slog calls where a record is handed to a handler, where that returns, and where
// the record is written.
//
//go:linkname begin log/slog.weaveBegin
var begin func(context.Context) bool

//go:linkname end log/slog.weaveEnd
var end func()

//go:linkname logging log/slog.weaveLogging
var logging func() (traceID, spanID, flags string)

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
	if !weaveruntime.Disabled() {
		end, begin = active.EndRecord, Begin // also where nothing is added, so that handlers find no span by themselves
	}
	if gate.Closed() {
		return
	}
	logging = Logging
	if sdk.Logs() != nil {
		exported, making = Export, Made
	}
}

// Begin tells that a record is logged with this context, whose code is the program's, and whether it is about a span.
func Begin(ctx context.Context) (about bool) {
	hook.Try(func() { about = active.BeginRecord(ctx) })
	return about
}

// Logging returns the identity of the span that the record is about which is being logged in the goroutine; empty for none.
func Logging() (traceID, spanID, flags string) {
	span := active.Logging()
	if !span.IsValid() {
		return "", "", ""
	}
	return span.TraceID().String(), span.SpanID().String(), span.TraceFlags().String()
}

var instrumentation = hook.New("log/slog")

// Export exports a record of the logger at an address.
func Export(ctx context.Context, logger uintptr, r slog.Record) {
	if gate.Closed() {
		return
	}
	defer instrumentation.Recover()
	logs := sdk.Logs()
	if logs == nil || !instrumentation.On() {
		return
	}
	var suppressed bool
	if !hook.Try(func() { suppressed = hook.Suppressed(ctx) }) {
		ctx = context.Background()
	}
	if !suppressed {
		logs.Record(ctx, &r, madeWith(logger))
	}
}

// made has what loggers were made with, until they are gone, by their addresses. An address is not a pointer: the caller may have its
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
