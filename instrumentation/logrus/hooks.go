// Package logrus has the hooks for github.com/sirupsen/logrus: an entry that is logged with a context that has a span, or while one is
// active in the goroutine, has the span's identity among its fields when it goes to the formatter, as trace_id, span_id and
// trace_flags, the names that OpenTelemetry's specification gives them in logs of other formats; unless it has a trace_id. The program's
// hooks see the entry as it was made.
//
// In a program that is built to export logs, entries are exported as well, with their fields.
package logrus

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"time"
	_ "unsafe" // for linkname

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
)

// identity, exports and export are what the woven package calls where an entry goes to the formatter. They are data, which the linker prefers to
// the variables that the woven package declares.
//
//go:linkname identity github.com/sirupsen/logrus.weaveIdentity
var identity = Identity

//go:linkname exports github.com/sirupsen/logrus.weaveExports
var exports = Exports

//go:linkname export github.com/sirupsen/logrus.weaveExport
var export = Export

// gate is before every hook.
var gate hook.Gate

var logger = hook.NewLogger(hook.New("logrus"))

func init() { gate.Open("logrus") }

// Identity returns which span an entry is about that is logged with ctx, which may be nil; empty strings for none.
func Identity(ctx context.Context) (traceID, spanID, flags string) {
	if gate.Closed() {
		return "", "", ""
	}
	return logger.Identity(ctx)
}

// Exports reports whether entries are exported.
func Exports() bool { return !gate.Closed() && logger.Exports() }

// Export exports an entry.
func Export(ctx context.Context, at time.Time, level uint32, severity, message string, pc uintptr, fields map[string]any) {
	if gate.Closed() {
		return
	}
	attrs := make([]slog.Attr, 0, len(fields))
	for key, value := range fields {
		attrs = append(attrs, slog.Any(key, value))
	}
	slices.SortFunc(attrs, func(a, b slog.Attr) int { return strings.Compare(a.Key, b.Key) })
	logger.Export(ctx, hook.Record{Time: at, Level: levelOf(level), Severity: severity, Message: message, PC: pc, Attrs: attrs})
}

// levelOf returns a level as log/slog has it: those of logrus are 0 for panic, 1 for fatal, 2 for error, to 6 for trace.
func levelOf(level uint32) slog.Level {
	switch level {
	case 0:
		return slog.LevelError + 1
	case 1:
		return slog.LevelError + 4
	}
	return slog.Level(4 * (4 - int(min(level, 6))))
}
