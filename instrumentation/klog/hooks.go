// Package klog has the hooks for k8s.io/klog/v2: a structured record (InfoS, ErrorS, and what a logger of klog's own writes by contextual
// logging) that is logged while a span is active in the goroutine has the span's identity as its last keys and values, as trace_id, span_id
// and trace_flags, the names that OpenTelemetry's specification gives them in logs of other formats; unless it has a trace_id.
// Lines of text are as the program writes them.
//
// In a program that is built to export logs, both are exported as well.
package klog

import (
	"bytes"
	"log/slog"
	"strconv"
	_ "unsafe" // for linkname

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
)

// gate is before every hook.
var gate hook.Gate

var logger = hook.NewLogger(hook.New("klog"))

func init() { gate.Open("klog") }

// What the woven package calls, through a variable that it declares. This here is data, which the linker prefers to that.
//
//go:linkname text k8s.io/klog/v2.weaveText
var text = Text

// Structured is woven into (*loggingT).printS, and returns the keys and values that it writes.
func Structured(err error, severity int32, message string, pairs []any) []any {
	if gate.Closed() {
		return pairs
	}
	if logger.Exports() {
		attrs := hook.Pairs(pairs)
		if err != nil {
			attrs = append([]slog.Attr{slog.Any("err", err)}, attrs...)
		}
		level, name := levelOf(severity)
		logger.Export(nil, hook.Record{Level: level, Severity: name, Message: message, Attrs: attrs})
	}
	return logger.Add(nil, pairs)
}

// maxHeader bounds what klog writes before the name of a file: severity, date, time, and an identity of the thread.
const maxHeader = 64

// Text is told a line of text that klog has written, and the place that it names in what it writes before.
func Text(severity int32, written []byte, file string, line int) {
	if gate.Closed() || !logger.Exports() {
		return
	}
	head := []byte(file + ":" + strconv.Itoa(line) + "] ")
	if at := bytes.Index(written[:min(len(written), maxHeader+len(head))], head); at > 0 {
		written = written[at+len(head):]
	}
	level, name := levelOf(severity)
	logger.Export(nil, hook.Record{Level: level, Severity: name, Message: string(bytes.TrimSuffix(written, []byte("\n")))})
}

// levelOf returns a severity as log/slog has it, and its name.
func levelOf(severity int32) (slog.Level, string) {
	switch severity {
	case 1:
		return slog.LevelWarn, "WARNING"
	case 2:
		return slog.LevelError, "ERROR"
	case 3:
		return slog.LevelError + 4, "FATAL"
	}
	return slog.LevelInfo, "INFO"
}
