// Package zerolog has the hooks for github.com/rs/zerolog: an event that is logged with a context that has a span, or while one is active
// in the goroutine, carries the span's identity, as trace_id, span_id and trace_flags, the names that OpenTelemetry's specification
// gives them in logs of other formats. They are its last fields, and are not there if the program has put a trace_id there. The
// program's hooks see the event without them.
//
// In a program that is built to export logs, events are exported as well; not those of a program that is built to write them in CBOR.
package zerolog

import (
	"bytes"
	"context"
	"log/slog"
	_ "unsafe" // for linkname

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
)

// identity and export are what the woven package calls where an event has all its fields. They are data, which the linker prefers to
// the variables that the woven package declares.
//
//go:linkname identity github.com/rs/zerolog.weaveIdentity
var identity = Identity

//go:linkname export github.com/rs/zerolog.weaveExport
var export = Export

// gate is before every hook.
var gate hook.Gate

var logger = hook.NewLogger(hook.New("zerolog"))

func init() { gate.Open("zerolog") }

// Identity returns which span an event is about that is logged with ctx, which may be nil, and of which this has been written; empty
// strings if it is about none, or says so itself.
func Identity(ctx context.Context, written []byte) (traceID, spanID, flags string) {
	if gate.Closed() {
		return "", "", ""
	}
	if traceID, spanID, flags = logger.Identity(ctx); traceID == "" {
		return "", "", ""
	}
	if isJSON(written) && hook.HasField(written, hook.TraceID) || !isJSON(written) && bytes.Contains(written, []byte(hook.TraceID)) {
		return "", "", ""
	}
	return traceID, spanID, flags
}

// isJSON tells JSON from CBOR.
func isJSON(written []byte) bool { return len(written) == 0 || written[0] == '{' }

// Export exports an event whose JSON text this is, but for its last brace.
func Export(ctx context.Context, level int8, severity string, written []byte, levelName, messageName, timeName string) {
	if gate.Closed() || !logger.Exports() || !isJSON(written) {
		return
	}
	record := hook.Record{Level: levelOf(level), Severity: severity}
	for _, a := range hook.Fields(append(bytes.Clone(written), '}'), levelName, timeName) {
		if a.Key == messageName {
			record.Message = a.Value.String()
		} else {
			record.Attrs = append(record.Attrs, a)
		}
	}
	logger.Export(ctx, record)
}

// levelOf returns a level as log/slog has it: those of zerolog are -1 for trace, 0 for debug, 3 for error, 4 for fatal, 5 for panic; 6
// is none.
func levelOf(level int8) slog.Level {
	switch level {
	case 4:
		return slog.LevelError + 4
	case 5:
		return slog.LevelError + 1
	case 6:
		return slog.LevelInfo
	}
	return slog.Level(4 * (int(level) - 1))
}
