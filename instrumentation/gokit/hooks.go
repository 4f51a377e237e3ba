// Package gokit has the hooks for github.com/go-kit/log: a record that a logfmt or a JSON logger writes while a span is active in the
// goroutine has the span's identity as its last keys and values, as trace_id, span_id and trace_flags, the names that OpenTelemetry's
// specification gives them in logs of other formats; unless it has a trace_id. Loggers of the program's see records as they were made.
//
// In a program that is built to export logs, those records are exported as well: the value of msg, or message, as the body, and that of
// level as the severity.
package gokit

import (
	"fmt"
	"log/slog"

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
)

// gate is before every hook.
var gate hook.Gate

var logger = hook.NewLogger(hook.New("gokit"))

func init() { gate.Open("gokit") }

// Log is woven into the loggers that write, and returns the keys and values that they write.
func Log(pairs []any) []any {
	if gate.Closed() {
		return pairs
	}
	if logger.Exports() {
		record := hook.Record{Level: slog.LevelInfo}
		for _, a := range hook.Pairs(pairs) {
			switch {
			case a.Key == "level" && record.Severity == "":
				hook.Try(func() { record.Severity = fmt.Sprint(a.Value.Any()) })
				record.Level = levelOf(record.Severity)
			case (a.Key == "msg" || a.Key == "message") && record.Message == "" && a.Value.Kind() == slog.KindString:
				record.Message = a.Value.String()
			default:
				record.Attrs = append(record.Attrs, a)
			}
		}
		logger.Export(nil, record)
	}
	return logger.Add(nil, pairs)
}

// levelOf returns a level as log/slog has it.
func levelOf(name string) slog.Level {
	switch name {
	case "debug":
		return slog.LevelDebug
	case "warn":
		return slog.LevelWarn
	case "error":
		return slog.LevelError
	}
	return slog.LevelInfo
}
