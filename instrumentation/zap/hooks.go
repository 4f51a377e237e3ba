// Package zap has the hooks for go.uber.org/zap: what its JSON and its console encoder write of an entry that is logged while a span is
// active in the goroutine carries the span's identity, as trace_id, span_id and trace_flags, the names that OpenTelemetry's specification
// gives them in logs of other formats. They are fields outside of all namespaces, at the end, and are not there if the program has put
// a trace_id there. Cores and encoders of the program's see the entry and its fields as they were made.
//
// In a program that is built to export logs, entries are exported as well, once however many cores they go to. The fields that a logger
// has by With are exported where one of its cores writes by an encoder of the package.
package zap

import (
	"log/slog"
	"time"
	_ "unsafe" // for linkname

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
)

// identity, exports and export are what the woven package zapcore calls where an encoder has written the fields of an entry, and where
// an entry goes to its cores. They are data, which the linker prefers to the variables that the woven package declares.
//
//go:linkname identity go.uber.org/zap/zapcore.weaveIdentity
var identity = Identity

//go:linkname exports go.uber.org/zap/zapcore.weaveExports
var exports = Exports

//go:linkname export go.uber.org/zap/zapcore.weaveExport
var export = Export

// gate is before every hook.
var gate hook.Gate

var logger = hook.NewLogger(hook.New("zap"))

func init() { gate.Open("zap") }

// Identity returns which span an entry is about of which this has been written; empty strings if it is about none, or says so itself.
func Identity(written []byte) (traceID, spanID, flags string) {
	if gate.Closed() {
		return "", "", ""
	}
	if traceID, spanID, flags = logger.Identity(nil); traceID == "" || hook.HasField(written, hook.TraceID) {
		return "", "", ""
	}
	return traceID, spanID, flags
}

// Exports reports whether entries are exported.
func Exports() bool { return !gate.Closed() && logger.Exports() }

// Export exports an entry, whose fields are a JSON object.
func Export(at time.Time, level int8, severity, message, name string, pc uintptr, fields []byte) {
	if gate.Closed() {
		return
	}
	logger.Export(nil, hook.Record{Time: at, Level: levelOf(level), Severity: severity, Message: message, Logger: name, PC: pc, Fields: fields})
}

// levelOf returns a level as log/slog has it: zap's are -1 for debug to 2 for error, and three more, of which the last is fatal.
func levelOf(level int8) slog.Level {
	switch {
	case level <= 2:
		return slog.Level(4 * max(int(level), -2))
	case level < 5: // dpanic, panic
		return slog.LevelError + 1
	default:
		return slog.LevelError + 4
	}
}
