// Package logr has the hooks for github.com/go-logr/logr/funcr: a record that is logged while a span is active in the goroutine has the
// span's identity as its last keys and values, as trace_id, span_id and trace_flags, the names that OpenTelemetry's specification gives
// them in logs of other formats; unless it has a trace_id, or its logger has.
//
// In a program that is built to export logs, records are exported as well.
package logr

import (
	"log/slog"

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
)

// gate is before every hook.
var gate hook.Gate

var logger = hook.NewLogger(hook.New("logr"))

func init() { gate.Open("logr") }

// Info is woven into (Formatter).FormatInfo, and returns the keys and values that it writes.
func Info(level int, message string, pairs, values []any) []any {
	if gate.Closed() {
		return pairs
	}
	of := hook.Record{Level: slog.LevelInfo, Severity: "INFO", Message: message}
	if level > 0 {
		of.Level, of.Severity = slog.LevelDebug, "DEBUG"
	}
	return record(of, nil, pairs, values)
}

// Error is woven into (Formatter).FormatError.
func Error(err error, message string, pairs, values []any) []any {
	if gate.Closed() {
		return pairs
	}
	var attrs []slog.Attr
	if err != nil && logger.Exports() {
		attrs = []slog.Attr{slog.Any("error", err)}
	}
	return record(hook.Record{Level: slog.LevelError, Severity: "ERROR", Message: message}, attrs, pairs, values)
}

func record(of hook.Record, attrs []slog.Attr, pairs, values []any) []any {
	if logger.Exports() {
		of.Attrs = append(append(attrs, hook.Pairs(values)...), hook.Pairs(pairs)...)
		logger.Export(nil, of)
	}
	for i := 0; i < len(values); i += 2 {
		if key, ok := values[i].(string); ok && key == "trace_id" {
			return pairs
		}
	}
	return logger.Add(nil, pairs)
}
