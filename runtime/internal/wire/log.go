package wire

import (
	"fmt"
	"math"
	"time"

	"go.opentelemetry.io/otel/trace"
	"google.golang.org/protobuf/encoding/protowire"
)

// Log is a log record while it is encoded: the header first, then attributes, then End.
type Log struct {
	b       []byte
	limits  Limits
	at, end int
	count   int // of attributes at the top that may still come; negative: no limit
	dropped int
	depth   int // of the group that is open
	inline  int // of groups without a name
}

// maxDepth bounds groups within groups, which may be endless.
const maxDepth = 16

// LogHeader has the fields of a log record beside its attributes.
type LogHeader struct {
	Time, Observed time.Time
	Severity       int
	SeverityText   string
	Body           string
	Span           trace.SpanContext
}

// NewLog begins a record at the end of b, with as many attributes as count says; negative: no limit.
func NewLog(b []byte, h LogHeader, limits Limits, count int) *Log {
	l := &Log{limits: limits, end: len(b) + MaxItem, count: count}
	b, l.at = open(b, itemsField)
	if n := nano(h.Time); n != 0 {
		b = fixed64(b, 1, n)
	}
	b = number(b, 2, uint64(max(0, h.Severity)))
	b = name(b, 3, h.SeverityText)
	b, in := open(b, 5)
	b = shut(text(b, stringValue, h.Body, DefaultLimits), in)
	if h.Span.IsValid() {
		b = ids(b, 9, 10, h.Span)
		b = fixed32(b, 8, uint32(h.Span.TraceFlags()))
	}
	l.b = fixed64(b, 11, nano(h.Observed))
	return l
}

// field is that of an attribute: of the record, or of a list of key and values.
func (l *Log) field() protowire.Number {
	if l.depth == 0 {
		return 6
	}
	return valuesField
}

// attribute appends an attribute, whose value f appends; not if it is one too many, or too large.
func (l *Log) attribute(key string, f func([]byte) []byte) {
	if l.depth == 0 && l.count == 0 || len(l.b) > l.end {
		l.drop()
		return
	}
	before := len(l.b)
	b, at := open(l.b, l.field())
	b = name(b, keyField, key)
	b, in := open(b, valueField)
	if b = shut(shut(f(b), in), at); len(b) > l.end {
		l.b = b[:before]
		l.drop()
		return
	}
	l.b = b
	l.counted()
}

func (l *Log) counted() {
	if l.depth == 0 && l.count > 0 {
		l.count--
	}
}

func (l *Log) drop() {
	if l.depth == 0 {
		l.dropped++
	}
}

// Bool appends an attribute.
func (l *Log) Bool(key string, v bool) {
	l.attribute(key, func(b []byte) []byte { return boolean(b, v) })
}

// Int appends an attribute.
func (l *Log) Int(key string, n int64) {
	l.attribute(key, func(b []byte) []byte { return integer(b, n) })
}

// Float appends an attribute.
func (l *Log) Float(key string, f float64) {
	l.attribute(key, func(b []byte) []byte { return double(b, doubleValue, f) })
}

// Text appends an attribute.
func (l *Log) Text(key, s string) {
	l.attribute(key, func(b []byte) []byte { return text(b, stringValue, s, l.limits) })
}

// Bytes appends an attribute.
func (l *Log) Bytes(key string, v []byte) {
	l.attribute(key, func(b []byte) []byte { return bytes(b, bytesValue, v[:min(len(v), l.limits.Bytes)]) })
}

// Group appends an attribute whose value is what f appends; nothing if f appends nothing.
func (l *Log) Group(key string, f func()) {
	if l.depth == maxDepth {
		l.Text(key, "...")
		return
	}
	if l.depth == 0 && l.count == 0 || len(l.b) > l.end {
		l.drop()
		return
	}
	before := len(l.b)
	b, at := open(l.b, l.field())
	b = name(b, keyField, key)
	b, in := open(b, valueField)
	b, list := open(b, kvlistValue)
	l.b = b
	l.depth++
	f()
	l.depth--
	if len(l.b) == list {
		l.b = l.b[:before]
		return
	}
	l.b = shut(shut(shut(l.b, list), in), at)
	l.counted()
}

// Inline is Group for a group without a name, whose attributes are those of what it is in.
func (l *Log) Inline(f func()) {
	if l.inline == maxDepth {
		l.Text("", "...")
		return
	}
	l.inline++
	f()
	l.inline--
}

// End returns the buffer with the record.
func (l *Log) End() []byte { return shut(count(l.b, 7, l.dropped), l.at) }

// Shown is what stands in an encoded log record, for those who show it: times in nanoseconds, and values as encoding/json
// takes them.
type Shown struct {
	Time            uint64
	Severity        string
	Body            any
	Attributes      map[string]any
	TraceID, SpanID []byte
}

// ShowLog reads an encoded log record.
func ShowLog(record []byte) (s Shown) {
	s.Attributes = map[string]any{}
	_, _, n := protowire.ConsumeTag(record)
	message, _ := protowire.ConsumeBytes(record[max(0, n):])
	Fields(message, func(field protowire.Number, n uint64, v []byte) {
		switch field {
		case 1:
			s.Time = n
		case 3:
			s.Severity = string(v)
		case 5:
			s.Body = shown(v)
		case 6:
			show(s.Attributes, v)
		case 9:
			s.TraceID = v
		case 10:
			s.SpanID = v
		}
	})
	return s
}

// show adds a KeyValue to a map.
func show(to map[string]any, keyValue []byte) {
	var key string
	var value any
	Fields(keyValue, func(field protowire.Number, _ uint64, v []byte) {
		switch field {
		case keyField:
			key = string(v)
		case valueField:
			value = shown(v)
		}
	})
	to[key] = value
}

// shown is an AnyValue as encoding/json takes it.
func shown(value []byte) (out any) {
	Fields(value, func(field protowire.Number, n uint64, v []byte) {
		switch field {
		case stringValue:
			out = string(v)
		case boolValue:
			out = n != 0
		case intValue:
			out = int64(n)
		case doubleValue:
			out = Number(math.Float64frombits(n))
		case bytesValue:
			out = v
		case kvlistValue:
			group := map[string]any{}
			Fields(v, func(_ protowire.Number, _ uint64, v []byte) { show(group, v) })
			out = group
		}
	})
	return out
}

// Fields calls f for each field of a message, until that ends or cannot be read: with the number of a varint or of 64 bits, with the
// bytes of a text or a message, and with neither for what has another type.
func Fields(message []byte, f func(field protowire.Number, n uint64, v []byte)) {
	for len(message) > 0 {
		field, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			return
		}
		message = message[n:]
		var value uint64
		var v []byte
		switch kind {
		case protowire.VarintType:
			value, n = protowire.ConsumeVarint(message)
		case protowire.Fixed64Type:
			value, n = protowire.ConsumeFixed64(message)
		case protowire.BytesType:
			v, n = protowire.ConsumeBytes(message)
		default:
			n = protowire.ConsumeFieldValue(field, kind, message)
		}
		if n < 0 {
			return
		}
		message = message[n:]
		f(field, value, v)
	}
}

// Number is a number as encoding/json takes it, which has no form for some.
func Number(f float64) any {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return fmt.Sprint(f)
	}
	return f
}
