package otlp

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"math"
	"strconv"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// text appends OTLP/JSON: ids in hexadecimal, 64-bit integers as strings, enumerations as numbers.
type text []byte

// AppendJSON appends spans to b as an OTLP/JSON ExportTraceServiceRequest, on one line.
func AppendJSON(b []byte, spans []sdktrace.ReadOnlySpan) []byte {
	t := text(b)
	t.raw(`{"resourceSpans":[`)
	for i, g := range groups(spans) {
		t.comma(i)
		t.raw(`{"resource":{"attributes":[`)
		if g.resource != nil {
			t.attributes(g.resource.Attributes())
		}
		t.raw(`]},"scopeSpans":[{"scope":{"name":`)
		t.string(g.scope.Name)
		if g.scope.Version != "" {
			t.raw(`,"version":`)
			t.string(g.scope.Version)
		}
		if g.scope.Attributes.Len() > 0 {
			t.raw(`,"attributes":[`)
			t.attributes(g.scope.Attributes.ToSlice())
			t.raw(`]`)
		}
		t.raw(`},"spans":[`)
		for i, s := range g.spans {
			t.comma(i)
			t.span(s)
		}
		t.raw(`]`)
		if g.scope.SchemaURL != "" {
			t.raw(`,"schemaUrl":`)
			t.string(g.scope.SchemaURL)
		}
		t.raw(`}]`)
		if g.resource != nil && g.resource.SchemaURL() != "" {
			t.raw(`,"schemaUrl":`)
			t.string(g.resource.SchemaURL())
		}
		t.raw(`}`)
	}
	t.raw(`]}`)
	return t
}

func (t *text) span(s sdktrace.ReadOnlySpan) {
	sc, parent := s.SpanContext(), s.Parent()
	traceID, spanID := sc.TraceID(), sc.SpanID()
	t.raw(`{"traceId":"`)
	*t = hex.AppendEncode(*t, traceID[:])
	t.raw(`","spanId":"`)
	*t = hex.AppendEncode(*t, spanID[:])
	t.raw(`"`)
	if ts := sc.TraceState(); ts.Len() > 0 {
		t.raw(`,"traceState":`)
		t.string(ts.String())
	}
	if id := parent.SpanID(); id.IsValid() {
		t.raw(`,"parentSpanId":"`)
		*t = hex.AppendEncode(*t, id[:])
		t.raw(`"`)
	}
	t.raw(`,"flags":`)
	*t = strconv.AppendUint(*t, uint64(flags(sc, parent.IsRemote())), 10)
	t.raw(`,"name":`)
	t.string(s.Name())
	t.raw(`,"kind":`)
	*t = strconv.AppendInt(*t, int64(kind(s.SpanKind())), 10)
	t.nanos("startTimeUnixNano", nanos(s.StartTime()))
	t.nanos("endTimeUnixNano", nanos(s.EndTime()))
	t.raw(`,"attributes":[`)
	t.attributes(s.Attributes())
	t.raw(`]`)
	t.count("droppedAttributesCount", s.DroppedAttributes())
	if events := s.Events(); len(events) > 0 {
		t.raw(`,"events":[`)
		for i, e := range events {
			t.comma(i)
			t.raw(`{"name":`)
			t.string(e.Name)
			t.nanos("timeUnixNano", nanos(e.Time))
			t.raw(`,"attributes":[`)
			t.attributes(e.Attributes)
			t.raw(`]`)
			t.count("droppedAttributesCount", e.DroppedAttributeCount)
			t.raw(`}`)
		}
		t.raw(`]`)
	}
	t.count("droppedEventsCount", s.DroppedEvents())
	if links := s.Links(); len(links) > 0 {
		t.raw(`,"links":[`)
		for i, l := range links {
			t.comma(i)
			traceID, spanID := l.SpanContext.TraceID(), l.SpanContext.SpanID()
			t.raw(`{"traceId":"`)
			*t = hex.AppendEncode(*t, traceID[:])
			t.raw(`","spanId":"`)
			*t = hex.AppendEncode(*t, spanID[:])
			t.raw(`","attributes":[`)
			t.attributes(l.Attributes)
			t.raw(`]`)
			t.count("droppedAttributesCount", l.DroppedAttributeCount)
			t.raw(`}`)
		}
		t.raw(`]`)
	}
	t.count("droppedLinksCount", s.DroppedLinks())
	t.raw(`,"status":{`)
	if st := s.Status(); st.Code != codes.Unset {
		t.raw(`"code":`)
		*t = strconv.AppendInt(*t, int64(statusCode(st.Code)), 10)
		if st.Description != "" {
			t.raw(`,"message":`)
			t.string(st.Description)
		}
	}
	t.raw(`}}`)
}

func (t *text) attributes(kvs []attribute.KeyValue) {
	for i, kv := range kvs {
		t.comma(i)
		t.raw(`{"key":`)
		t.string(string(kv.Key))
		t.raw(`,"value":`)
		t.value(kv.Value)
		t.raw(`}`)
	}
}

func (t *text) value(v attribute.Value) {
	switch v.Type() {
	case attribute.STRING:
		t.raw(`{"stringValue":`)
		t.string(v.AsString())
	case attribute.BOOL:
		t.raw(`{"boolValue":`)
		*t = strconv.AppendBool(*t, v.AsBool())
	case attribute.INT64:
		t.raw(`{"intValue":"`)
		*t = strconv.AppendInt(*t, v.AsInt64(), 10)
		t.raw(`"`)
	case attribute.FLOAT64:
		t.raw(`{"doubleValue":`)
		t.double(v.AsFloat64())
	case attribute.STRINGSLICE, attribute.BOOLSLICE, attribute.INT64SLICE, attribute.FLOAT64SLICE:
		t.raw(`{"arrayValue":{"values":[`)
		for i, e := range elements(v) {
			t.comma(i)
			t.value(e)
		}
		t.raw(`]}`)
	default:
		t.raw(`{`)
	}
	t.raw(`}`)
}

func (t *text) raw(s string) { *t = append(*t, s...) }

func (t *text) comma(i int) {
	if i > 0 {
		t.raw(",")
	}
}

// string appends s quoted; bytes that are not UTF-8 become the replacement character.
func (t *text) string(s string) {
	b, err := json.Marshal(s)
	if err != nil {
		// A string always marshals; this keeps the document whole all the same.
		t.raw(`"` + base64.StdEncoding.EncodeToString([]byte(s)) + `"`)
		return
	}
	*t = append(*t, b...)
}

// double appends a number, or the strings that protobuf's JSON mapping has for what JSON has no number for.
func (t *text) double(f float64) {
	switch {
	case math.IsNaN(f):
		t.raw(`"NaN"`)
	case math.IsInf(f, 1):
		t.raw(`"Infinity"`)
	case math.IsInf(f, -1):
		t.raw(`"-Infinity"`)
	default:
		*t = strconv.AppendFloat(*t, f, 'g', -1, 64)
	}
}

func (t *text) nanos(name string, v uint64) {
	t.raw(`,"` + name + `":"`)
	*t = strconv.AppendUint(*t, v, 10)
	t.raw(`"`)
}

func (t *text) count(name string, n int) {
	if n > 0 {
		t.raw(`,"` + name + `":`)
		*t = strconv.AppendInt(*t, int64(n), 10)
	}
}
