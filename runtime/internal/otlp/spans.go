package otlp

import (
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Bits of the span flags above the W3C trace flags.
const (
	flagHasIsRemote = 0x100
	flagIsRemote    = 0x200
)

// group is the spans of one resource and scope.
type group struct {
	resource *resource.Resource
	scope    instrumentation.Scope
	spans    []sdktrace.ReadOnlySpan
}

// groups sorts spans by resource and scope, in the order of their first appearance. There are few of both.
func groups(spans []sdktrace.ReadOnlySpan) []group {
	var out []group
next:
	for _, s := range spans {
		r, scope := s.Resource(), s.InstrumentationScope()
		for i := range out {
			if out[i].resource == r && out[i].scope == scope {
				out[i].spans = append(out[i].spans, s)
				continue next
			}
		}
		out = append(out, group{r, scope, []sdktrace.ReadOnlySpan{s}})
	}
	return out
}

// AppendProto appends spans to b as a protobuf ExportTraceServiceRequest.
func AppendProto(b []byte, spans []sdktrace.ReadOnlySpan) []byte {
	w := wire(b)
	for _, g := range groups(spans) {
		resourceSpans := w.open(1)
		if g.resource != nil {
			m := w.open(1)
			for it := g.resource.Iter(); it.Next(); {
				w.keyValue(1, it.Attribute())
			}
			w.close(m)
		}
		scopeSpans := w.open(2)
		scope := w.open(1)
		w.string(1, g.scope.Name)
		if g.scope.Version != "" {
			w.string(2, g.scope.Version)
		}
		for it := g.scope.Attributes.Iter(); it.Next(); {
			w.keyValue(3, it.Attribute())
		}
		w.close(scope)
		for _, s := range g.spans {
			w.span(2, s)
		}
		if g.scope.SchemaURL != "" {
			w.string(3, g.scope.SchemaURL)
		}
		w.close(scopeSpans)
		if g.resource != nil && g.resource.SchemaURL() != "" {
			w.string(3, g.resource.SchemaURL())
		}
		w.close(resourceSpans)
	}
	return w
}

func (w *wire) span(field int, s sdktrace.ReadOnlySpan) {
	m := w.open(field)
	sc, parent := s.SpanContext(), s.Parent()
	traceID, spanID := sc.TraceID(), sc.SpanID()
	w.bytes(1, traceID[:])
	w.bytes(2, spanID[:])
	if ts := sc.TraceState(); ts.Len() > 0 {
		w.string(3, ts.String())
	}
	if id := parent.SpanID(); id.IsValid() {
		w.bytes(4, id[:])
	}
	w.string(5, s.Name())
	w.uvarint(6, uint64(kind(s.SpanKind())))
	w.fixed64(7, nanos(s.StartTime()))
	w.fixed64(8, nanos(s.EndTime()))
	for _, kv := range s.Attributes() {
		w.keyValue(9, kv)
	}
	w.count(10, s.DroppedAttributes())
	for _, e := range s.Events() {
		event := w.open(11)
		w.fixed64(1, nanos(e.Time))
		w.string(2, e.Name)
		for _, kv := range e.Attributes {
			w.keyValue(3, kv)
		}
		w.count(4, e.DroppedAttributeCount)
		w.close(event)
	}
	w.count(12, s.DroppedEvents())
	for _, l := range s.Links() {
		link := w.open(13)
		traceID, spanID := l.SpanContext.TraceID(), l.SpanContext.SpanID()
		w.bytes(1, traceID[:])
		w.bytes(2, spanID[:])
		if ts := l.SpanContext.TraceState(); ts.Len() > 0 {
			w.string(3, ts.String())
		}
		for _, kv := range l.Attributes {
			w.keyValue(4, kv)
		}
		w.count(5, l.DroppedAttributeCount)
		w.fixed32(6, flags(l.SpanContext, l.SpanContext.IsRemote()))
		w.close(link)
	}
	w.count(14, s.DroppedLinks())
	if st := s.Status(); st.Code != codes.Unset {
		status := w.open(15)
		if st.Description != "" {
			w.string(2, st.Description)
		}
		w.uvarint(3, uint64(statusCode(st.Code)))
		w.close(status)
	}
	w.fixed32(16, flags(sc, parent.IsRemote()))
	w.close(m)
}

func (w *wire) count(field, n int) {
	if n > 0 {
		w.uvarint(field, uint64(n))
	}
}

func (w *wire) keyValue(field int, kv attribute.KeyValue) {
	m := w.open(field)
	w.string(1, string(kv.Key))
	w.value(2, kv.Value)
	w.close(m)
}

func (w *wire) value(field int, v attribute.Value) {
	m := w.open(field)
	switch v.Type() {
	case attribute.STRING:
		w.string(1, v.AsString())
	case attribute.BOOL:
		w.bool(v.AsBool())
	case attribute.INT64:
		w.uvarint(3, uint64(v.AsInt64()))
	case attribute.FLOAT64:
		w.double(4, v.AsFloat64())
	case attribute.STRINGSLICE, attribute.BOOLSLICE, attribute.INT64SLICE, attribute.FLOAT64SLICE:
		array := w.open(5)
		for _, e := range elements(v) {
			w.value(1, e)
		}
		w.close(array)
	}
	w.close(m)
}

func (w *wire) bool(v bool) {
	var n uint64
	if v {
		n = 1
	}
	w.uvarint(2, n)
}

// elements returns the elements of a slice value, each as a value.
func elements(v attribute.Value) []attribute.Value {
	var out []attribute.Value
	switch v.Type() {
	case attribute.STRINGSLICE:
		for _, e := range v.AsStringSlice() {
			out = append(out, attribute.StringValue(e))
		}
	case attribute.BOOLSLICE:
		for _, e := range v.AsBoolSlice() {
			out = append(out, attribute.BoolValue(e))
		}
	case attribute.INT64SLICE:
		for _, e := range v.AsInt64Slice() {
			out = append(out, attribute.Int64Value(e))
		}
	case attribute.FLOAT64SLICE:
		for _, e := range v.AsFloat64Slice() {
			out = append(out, attribute.Float64Value(e))
		}
	}
	return out
}

func flags(sc trace.SpanContext, remote bool) uint32 {
	f := uint32(sc.TraceFlags()) | flagHasIsRemote
	if remote {
		f |= flagIsRemote
	}
	return f
}

// kind maps the SDK's span kinds, which are numbered as OTLP's are; an unspecified kind means internal.
func kind(k trace.SpanKind) int {
	if k <= trace.SpanKindUnspecified || k > trace.SpanKindConsumer {
		return int(trace.SpanKindInternal)
	}
	return int(k)
}

// statusCode maps the SDK's status codes to OTLP's, which number ok and error the other way round.
func statusCode(c codes.Code) int {
	switch c {
	case codes.Ok:
		return 1
	case codes.Error:
		return 2
	}
	return 0
}

func nanos(t time.Time) uint64 {
	if t.IsZero() {
		return 0
	}
	return uint64(t.UnixNano())
}
