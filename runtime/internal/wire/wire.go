// Package wire encodes telemetry as the messages of OpenTelemetry's protocol: straight from what the SDK hands out, by appends to
// a buffer, without a message in between.
//
// It is the boundary that text of foreign origin passes on its way into telemetry: a path, a header, a statement, the text of a
// panic. A message with a byte in it that is not UTF-8 is refused, and all that is sent with it is lost; so each string is made valid
// here. And each is cut, as is each item, so that memory is bounded in bytes whatever a program is asked to record.
package wire

import (
	"math"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
	"google.golang.org/protobuf/encoding/protowire"
)

// What is kept of one thing, in bytes.
const (
	MaxText = 16 << 10 // an attribute's value, a status's description, a log record's body; see Limits
	MaxName = 1 << 10  // the name of a span, an event, a metric or a scope, and an attribute's key
	MaxItem = 1 << 20  // a span, a log record or a point of a metric
	MaxBody = 3 << 20  // a request, before it is compressed: collectors take 4 MiB by gRPC if nothing else is said
)

// Limits says how much is kept of an attribute's value.
type Limits struct {
	Bytes int
	Chars int // negative: no limit
}

// DefaultLimits are those that hold if the environment says nothing.
var DefaultLimits = Limits{Bytes: MaxText, Chars: -1}

// LimitChars returns the limits for a number of characters that the environment gives: no more bytes than they may need.
func LimitChars(n int) Limits {
	return Limits{Bytes: min(n, MaxItem/utf8.UTFMax) * utf8.UTFMax, Chars: n}
}

// replacement stands for bytes that are no UTF-8.
const replacement = string(utf8.RuneError)

// AppendText appends s, cut to a number of bytes, with each run of bytes that are no UTF-8 replaced by U+FFFD. Nothing that lies
// beyond the limit is read.
func AppendText(b []byte, s string, limit int) []byte {
	return appendText(b, s, Limits{Bytes: limit, Chars: -1})
}

func appendText(b []byte, s string, limits Limits) []byte {
	if len(s) > limits.Bytes {
		// Not within a character.
		n := limits.Bytes
		for back := 1; back < utf8.UTFMax && back <= n; back++ {
			if utf8.RuneStart(s[n-back]) {
				if !utf8.FullRuneInString(s[n-back : n]) {
					n -= back
				}
				break
			}
		}
		s = s[:n]
	}
	if (limits.Chars < 0 || len(s) <= limits.Chars) && utf8.ValidString(s) {
		return append(b, s...)
	}
	end, replaced := len(b)+limits.Bytes, false
	for chars := 0; len(s) > 0 && chars != limits.Chars; {
		most := min(len(s), end-len(b))
		if limits.Chars >= 0 {
			most = min(most, limits.Chars-chars)
		}
		plain := 0
		for plain < most && s[plain] < utf8.RuneSelf {
			plain++
		}
		if plain > 0 {
			b, s, chars, replaced = append(b, s[:plain]...), s[plain:], chars+plain, false
			continue
		}
		r, n := utf8.DecodeRuneInString(s)
		text := s[:n]
		s = s[n:]
		if r == utf8.RuneError && n == 1 {
			if replaced {
				continue
			}
			text = replacement
			replaced = true
		} else {
			replaced = false
		}
		if len(b)+len(text) > end {
			break
		}
		b = append(b, text...)
		chars++
	}
	return b
}

// Text returns s cut to a number of bytes and valid. It is s itself where that is so already.
func Text(s string, limit int) string {
	if len(s) <= limit && utf8.ValidString(s) {
		return s
	}
	return string(AppendText(nil, s, limit)) // a copy: a part of s would keep all of it
}

// Attributes returns attributes whose keys and values are cut and valid. They are attrs themselves where that is so already.
func Attributes(attrs []attribute.KeyValue, limits Limits) []attribute.KeyValue {
	for i, kv := range attrs {
		if limits.fits(kv) {
			continue
		}
		fixed := append(make([]attribute.KeyValue, 0, len(attrs)), attrs[:i]...)
		for _, kv := range attrs[i:] {
			if !limits.fits(kv) {
				kv = attribute.KeyValue{Key: attribute.Key(Text(string(kv.Key), MaxName)), Value: limits.value(kv.Value)}
			}
			fixed = append(fixed, kv)
		}
		return fixed
	}
	return attrs
}

func (l Limits) fits(kv attribute.KeyValue) bool {
	if len(kv.Key) > MaxName || !utf8.ValidString(string(kv.Key)) {
		return false
	}
	switch kv.Value.Type() {
	case attribute.STRING:
		return l.fitsText(kv.Value.AsString())
	case attribute.STRINGSLICE:
		size := 0
		for _, s := range kv.Value.AsStringSlice() {
			if size += len(s); size > l.slice() || !l.fitsText(s) {
				return false
			}
		}
	}
	return true
}

func (l Limits) fitsText(s string) bool {
	return len(s) <= l.Bytes && utf8.ValidString(s) && (l.Chars < 0 || len(s) <= l.Chars || utf8.RuneCountInString(s) <= l.Chars)
}

func (l Limits) value(v attribute.Value) attribute.Value {
	switch v.Type() {
	case attribute.STRING:
		return attribute.StringValue(string(appendText(nil, v.AsString(), l)))
	case attribute.STRINGSLICE:
		var all []string
		size := 0
		for _, s := range v.AsStringSlice() {
			s = string(appendText(nil, s, l))
			if size += len(s); size > l.slice() {
				break
			}
			all = append(all, s)
		}
		return attribute.StringSliceValue(all)
	}
	return v
}

// slice is what is kept of a value that has elements.
func (l Limits) slice() int { return max(l.Bytes, 4*MaxText) }

// open begins a field that holds a message, or text; shut ends it.
func open(b []byte, field protowire.Number) ([]byte, int) {
	b = append(protowire.AppendTag(b, field, protowire.BytesType), 0)
	return b, len(b)
}

// shut writes the length of what was appended since, before it.
func shut(b []byte, at int) []byte {
	n := len(b) - at
	if n < 0x80 {
		b[at-1] = byte(n)
		return b
	}
	more := protowire.SizeVarint(uint64(n)) - 1
	b = append(b, make([]byte, more)...)
	copy(b[at+more:], b[at:at+n])
	protowire.AppendVarint(b[:at-1], uint64(n))
	return b
}

func text(b []byte, field protowire.Number, s string, limits Limits) []byte {
	b, at := open(b, field)
	return shut(appendText(b, s, limits), at)
}

// name appends a name, unless it is empty.
func name(b []byte, field protowire.Number, s string) []byte { return short(b, field, s, MaxName) }

func short(b []byte, field protowire.Number, s string, limit int) []byte {
	if s == "" {
		return b
	}
	return text(b, field, s, Limits{Bytes: limit, Chars: -1})
}

func bytes(b []byte, field protowire.Number, v []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), v)
}

// number appends a number, unless it is 0.
func number(b []byte, field protowire.Number, n uint64) []byte {
	if n == 0 {
		return b
	}
	return varint(b, field, n)
}

func varint(b []byte, field protowire.Number, n uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), n)
}

// count appends a number of things that were dropped.
func count(b []byte, field protowire.Number, n int) []byte {
	return number(b, field, uint64(min(max(0, n), math.MaxUint32)))
}

func fixed64(b []byte, field protowire.Number, n uint64) []byte {
	return protowire.AppendFixed64(protowire.AppendTag(b, field, protowire.Fixed64Type), n)
}

func fixed32(b []byte, field protowire.Number, n uint32) []byte {
	return protowire.AppendFixed32(protowire.AppendTag(b, field, protowire.Fixed32Type), n)
}

func double(b []byte, field protowire.Number, f float64) []byte {
	return fixed64(b, field, math.Float64bits(f))
}

// The fields of the messages KeyValue, AnyValue, ArrayValue and KeyValueList.
const (
	keyField, valueField = 1, 2

	stringValue, boolValue, intValue, doubleValue, arrayValue, kvlistValue, bytesValue = 1, 2, 3, 4, 5, 6, 7

	valuesField = 1
)

// attributes appends attributes until the buffer is as long as end, and tells how many it left out.
func attributes(b []byte, field protowire.Number, attrs []attribute.KeyValue, limits Limits, end int) (_ []byte, dropped int) {
	for i, kv := range attrs {
		before := len(b)
		if b = keyValue(b, field, kv, limits); len(b) > end {
			return b[:before], len(attrs) - i
		}
	}
	return b, 0
}

// set is attributes for a set.
func set(b []byte, field protowire.Number, attrs attribute.Set, limits Limits, end int) (_ []byte, dropped int) {
	for i := attrs.Iter(); i.Next(); {
		before := len(b)
		if b = keyValue(b, field, i.Attribute(), limits); len(b) > end {
			at, _ := i.IndexedAttribute()
			return b[:before], attrs.Len() - at
		}
	}
	return b, 0
}

func keyValue(b []byte, field protowire.Number, kv attribute.KeyValue, limits Limits) []byte {
	b, at := open(b, field)
	b = name(b, keyField, string(kv.Key))
	b, in := open(b, valueField)
	return shut(shut(value(b, kv.Value, limits), in), at)
}

func value(b []byte, v attribute.Value, limits Limits) []byte {
	switch v.Type() {
	case attribute.BOOL:
		return boolean(b, v.AsBool())
	case attribute.INT64:
		return integer(b, v.AsInt64())
	case attribute.FLOAT64:
		return double(b, doubleValue, v.AsFloat64())
	case attribute.STRING:
		return text(b, stringValue, v.AsString(), limits)
	case attribute.BOOLSLICE:
		return list(b, v.AsBoolSlice(), limits, boolean)
	case attribute.INT64SLICE:
		return list(b, v.AsInt64Slice(), limits, integer)
	case attribute.FLOAT64SLICE:
		return list(b, v.AsFloat64Slice(), limits, func(b []byte, f float64) []byte { return double(b, doubleValue, f) })
	case attribute.STRINGSLICE:
		return list(b, v.AsStringSlice(), limits, func(b []byte, s string) []byte { return text(b, stringValue, s, limits) })
	case attribute.INVALID:
		return text(b, stringValue, "INVALID", DefaultLimits)
	}
	return text(b, stringValue, v.Emit(), limits) // of a type that the API has got since
}

func boolean(b []byte, v bool) []byte {
	if v {
		return varint(b, boolValue, 1)
	}
	return varint(b, boolValue, 0)
}

func integer(b []byte, n int64) []byte { return varint(b, intValue, uint64(n)) }

// list appends an array, as far as it is not too long.
func list[T any](b []byte, values []T, limits Limits, element func([]byte, T) []byte) []byte {
	b, at := open(b, arrayValue)
	for _, v := range values {
		before := len(b)
		b2, in := open(b, valuesField)
		if b = shut(element(b2, v), in); len(b)-at > limits.slice() {
			b = b[:before]
			break
		}
	}
	return shut(b, at)
}
