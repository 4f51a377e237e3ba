package hook

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/rules-go-weave/rules_go_weave/runtime/active"
	"github.com/rules-go-weave/rules_go_weave/runtime/sdk"
)

// The names of the fields that say which span a record is about, as OpenTelemetry's specification has them for logs of other formats.
const (
	TraceID    = "trace_id"
	SpanID     = "span_id"
	TraceFlags = "trace_flags"
)

// Logger serves the hooks of a logging library: it provides the IDs of the span of a record, and exports records in a program that is built
// to export them.
type Logger struct{ lib *Instrumentation }

// NewLogger returns the Logger of an instrumentation.
func NewLogger(lib *Instrumentation) *Logger { return &Logger{lib} }

// Identity returns the IDs of the span of a record that is logged with ctx, which may be nil: that of ctx, or else the active span of the
// calling goroutine. Without a span it returns empty strings.
func (l *Logger) Identity(ctx context.Context) (traceID, spanID, flags string) {
	if l == nil || !l.lib.On() {
		return "", "", ""
	}
	defer l.lib.Recover()
	span := active.Logging() // a handler of log/slog may write by this library
	if !span.IsValid() && !(ctx != nil && Try(func() { span = active.SpanContext(ctx) })) {
		if s := active.Span(); s != nil {
			span = s.SpanContext()
		}
	}
	if !span.IsValid() {
		return "", "", ""
	}
	return span.TraceID().String(), span.SpanID().String(), span.TraceFlags().String()
}

// Exports reports whether records are exported.
func (l *Logger) Exports() bool { return l != nil && sdk.Logs() != nil && l.lib.On() }

// Record is a record of a logging library. Its attributes are Attrs, followed by those in Fields, a JSON object.
type Record struct {
	Time     time.Time // now if it is zero
	Level    slog.Level
	Severity string // the level's name in the library
	Message  string
	Logger   string // its name, if it has one
	PC       uintptr
	Attrs    []slog.Attr
	Fields   []byte
	Leave    []string // names in Fields that are no attributes
}

// Export exports a record that is logged with ctx, which may be nil.
func (l *Logger) Export(ctx context.Context, r Record) {
	if !l.Exports() {
		return
	}
	defer l.lib.Recover()
	var suppressed bool
	if ctx == nil || !Try(func() { suppressed = Suppressed(ctx) }) {
		ctx = context.Background()
	}
	if suppressed {
		return
	}
	if r.Time.IsZero() {
		r.Time = time.Now()
	}
	record := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	record.AddAttrs(r.Attrs...)
	record.AddAttrs(Fields(r.Fields, r.Leave...)...)
	scope := r.Logger
	if scope == "" {
		scope = Scope + l.lib.name
	}
	sdk.Logs().RecordOf(ctx, scope, r.Severity, &record)
}

// HasField reports whether a JSON object has a field of that name at its top level. The last brace, or both braces, may be missing. Other
// input is not checked.
func HasField(object []byte, name string) bool {
	quoted := `"` + name + `"`
	if !bytes.Contains(object, []byte(quoted)) {
		return false
	}
	object = bytes.TrimLeft(object, " \t\r\n")
	if len(object) > 0 && object[0] == '{' {
		object = object[1:]
	}
	depth := 0
	for i := 0; i < len(object); i++ {
		switch object[i] {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case '"':
			begin := i
			for i++; i < len(object) && object[i] != '"'; i++ {
				if object[i] == '\\' {
					i++
				}
			}
			if depth == 0 && i < len(object) && string(object[begin:i+1]) == quoted {
				if after := bytes.TrimLeft(object[i+1:], " \t\r\n"); len(after) > 0 && after[0] == ':' {
					return true
				}
			}
		}
	}
	return false
}

// maxFields bounds the JSON text that attributes of a record are read from, in bytes.
const maxFields = 256 << 10

// Fields returns the fields of a JSON object, in order, as attributes, except those named in leave. Objects become groups. If the text is
// invalid, it returns the fields before the fault.
func Fields(object []byte, leave ...string) (attrs []slog.Attr) {
	if len(object) > maxFields {
		object = object[:maxFields]
	}
	d := json.NewDecoder(bytes.NewReader(object))
	d.UseNumber()
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil
	}
	attrs, _ = fields(d, 0)
	return slices.DeleteFunc(attrs, func(a slog.Attr) bool { return slices.Contains(leave, a.Key) })
}

// maxDepth bounds how deep objects of a record are read; what is deeper is its JSON text.
const maxDepth = 16

// fields reads the fields of an object after its brace.
func fields(d *json.Decoder, depth int) (attrs []slog.Attr, err error) {
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return attrs, err
		}
		name, _ := key.(string)
		value, err := field(d, depth)
		if err != nil {
			return attrs, err
		}
		attrs = append(attrs, slog.Attr{Key: name, Value: value})
	}
	_, err = d.Token()
	return attrs, err
}

func field(d *json.Decoder, depth int) (slog.Value, error) {
	var raw json.RawMessage
	if err := d.Decode(&raw); err != nil {
		return slog.Value{}, err
	}
	switch {
	case len(raw) == 0:
		return slog.Value{}, io.ErrUnexpectedEOF
	case raw[0] == '{' && depth < maxDepth:
		inner := json.NewDecoder(bytes.NewReader(raw))
		inner.UseNumber()
		if _, err := inner.Token(); err != nil {
			return slog.Value{}, err
		}
		attrs, err := fields(inner, depth+1)
		return slog.GroupValue(attrs...), err
	case raw[0] == '{' || raw[0] == '[':
		return slog.StringValue(string(raw)), nil
	}
	var v any
	one := json.NewDecoder(bytes.NewReader(raw))
	one.UseNumber()
	if err := one.Decode(&v); err != nil {
		return slog.Value{}, err
	}
	if n, ok := v.(json.Number); ok {
		if i, err := n.Int64(); err == nil && !strings.ContainsAny(n.String(), ".eE") {
			return slog.Int64Value(i), nil
		}
		f, err := n.Float64()
		if err != nil {
			return slog.StringValue(n.String()), nil
		}
		return slog.Float64Value(f), nil
	}
	return slog.AnyValue(v), nil
}

// Add returns keys and values with the IDs of the span of a record, unless they already have them; see Identity. If the result differs, it
// shares no memory with pairs. If a key has no value, pairs are returned as they are.
func (l *Logger) Add(ctx context.Context, pairs []any) []any {
	if len(pairs)%2 != 0 {
		return pairs
	}
	traceID, spanID, flags := l.Identity(ctx)
	if traceID == "" {
		return pairs
	}
	for i := 0; i < len(pairs); i += 2 {
		if key, ok := pairs[i].(string); ok && key == TraceID {
			return pairs
		}
	}
	return append(pairs[:len(pairs):len(pairs)], TraceID, traceID, SpanID, spanID, TraceFlags, flags)
}

// Pairs returns keys and values as attributes. A key that is not a string is formatted as by fmt; a key without a value gets none.
func Pairs(pairs []any) []slog.Attr {
	attrs := make([]slog.Attr, 0, (len(pairs)+1)/2)
	for i := 0; i < len(pairs); i += 2 {
		key, ok := pairs[i].(string)
		if !ok && !Try(func() { key = fmt.Sprint(pairs[i]) }) {
			key = unreadable(pairs[i])
		}
		var value any
		if i+1 < len(pairs) {
			value = pairs[i+1]
		}
		attrs = append(attrs, slog.Any(key, value))
	}
	return attrs
}
