// Package log has the hook for package log: if OTEL_INSTRUMENTATION_LOG_ENABLED=true asks for it, a line that is logged while a span is
// active in the goroutine ends with its identity, as " trace_id=... span_id=... trace_flags=...", the names that OpenTelemetry's
// specification gives them.
//
// It is off by default, since lines of package log may be anything: JSON, CSV, a protocol, the message of a record of log/slog. Where it
// is on, a line gets nothing that its logger gives no date and no time, or that has an identity.
//
// It is a support instrumentation: a program that logs and does nothing else that is instrumented stays as it is.
package log

import (
	"bytes"
	_ "unsafe" // for linkname

	"github.com/rules-go-weave/rules_go_weave/runtime/active"
	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
)

// identity is what the woven package log gives a line to. It is data, which the linker prefers to the variable that the woven
// package declares.
//
//go:linkname identity log.weaveIdentity
var identity = Identity

// gate is before the hook.
var gate hook.Gate

func init() { gate.Open("log") }

// Identity adds the identity of the active span to a line, before its end. One that has an identity already, from log/slog, is
// left as it is.
func Identity(line []byte) []byte {
	if gate.Closed() {
		return line
	}
	s := active.Span()
	if s == nil {
		return line
	}
	span := s.SpanContext()
	if !span.IsValid() || bytes.Contains(line, []byte("trace_id=")) {
		return line
	}
	end := bytes.HasSuffix(line, []byte("\n"))
	if end {
		line = line[:len(line)-1]
	}
	line = append(line, " trace_id="...)
	line = append(line, span.TraceID().String()...)
	line = append(line, " span_id="...)
	line = append(line, span.SpanID().String()...)
	line = append(line, " trace_flags="...)
	line = append(line, span.TraceFlags().String()...)
	if end {
		line = append(line, '\n')
	}
	return line
}
