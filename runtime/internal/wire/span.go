package wire

import (
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/protobuf/encoding/protowire"
)

// protoNumber is the number of a field that is not constant.
func protoNumber(n int) protowire.Number { return protowire.Number(n) }

// Span is the exported form of an ended span.
type Span struct {
	Scope                                          *Scope
	Context, Parent                                trace.SpanContext
	Name                                           string
	Kind                                           trace.SpanKind
	Start, End                                     time.Time
	Attributes                                     []attribute.KeyValue
	Events                                         []sdktrace.Event
	Links                                          []sdktrace.Link
	Status                                         sdktrace.Status
	DroppedAttributes, DroppedEvents, DroppedLinks int
	Children                                       int
}

// OfSDK is what is told of a span of the SDK, for those who compare with it.
func OfSDK(s sdktrace.ReadOnlySpan, scopes *Scopes) *Span {
	return &Span{
		Scope: scopes.Of(s.InstrumentationScope()), Context: s.SpanContext(), Parent: s.Parent(), Name: s.Name(), Kind: s.SpanKind(),
		Start: s.StartTime(), End: s.EndTime(), Attributes: s.Attributes(), Events: s.Events(), Links: s.Links(), Status: s.Status(),
		DroppedAttributes: s.DroppedAttributes(), DroppedEvents: s.DroppedEvents(), DroppedLinks: s.DroppedLinks(), Children: s.ChildSpanCount(),
	}
}

// AppendSpan appends a span. What makes it larger than an item may be is dropped, and counted where the protocol has a place for that.
func AppendSpan(b []byte, s *Span, limits Limits) []byte {
	end := len(b) + MaxItem
	b, at := open(b, itemsField)
	sc := s.Context
	b = ids(b, 1, 2, sc)
	b = state(b, sc)
	if parent := s.Parent.SpanID(); parent.IsValid() {
		b = bytes(b, 4, parent[:])
	}
	b = name(b, 5, s.Name)
	b = number(b, 6, kind(s.Kind))
	b = fixed64(b, 7, nano(s.Start))
	b = fixed64(b, 8, nano(s.End))
	b = fixed32(b, 16, flags(sc.TraceFlags(), s.Parent))
	b = status(b, s.Status)
	b, dropped := attributes(b, 9, s.Attributes, limits, end)
	b = count(b, 10, s.DroppedAttributes+dropped)
	dropped = 0
	events := s.Events
	for i, e := range events {
		before := len(b)
		if b = event(b, e, limits); len(b) > end {
			b, dropped = b[:before], len(events)-i
			break
		}
	}
	b = count(b, 12, s.DroppedEvents+dropped)
	dropped = 0
	links := s.Links
	for i, l := range links {
		before := len(b)
		if b = link(b, l, limits); len(b) > end {
			b, dropped = b[:before], len(links)-i
			break
		}
	}
	b = count(b, 14, s.DroppedLinks+dropped)
	return shut(b, at)
}

func ids(b []byte, traceField, spanField protowire.Number, sc trace.SpanContext) []byte {
	traceID, spanID := sc.TraceID(), sc.SpanID()
	return bytes(bytes(b, traceField, traceID[:]), spanField, spanID[:])
}

func state(b []byte, sc trace.SpanContext) []byte {
	if s := sc.TraceState(); s.Len() > 0 {
		return short(b, 3, s.String(), MaxText)
	}
	return b
}

// flags are those of a trace, and whether the context that a span has as its parent, or its link, is another process's.
func flags(of trace.TraceFlags, from trace.SpanContext) uint32 {
	const hasRemote, isRemote = 0x100, 0x200
	f := uint32(of) | hasRemote
	if from.IsRemote() {
		f |= isRemote
	}
	return f
}

func kind(k trace.SpanKind) uint64 {
	switch k {
	case trace.SpanKindInternal:
		return 1
	case trace.SpanKindServer:
		return 2
	case trace.SpanKindClient:
		return 3
	case trace.SpanKindProducer:
		return 4
	case trace.SpanKindConsumer:
		return 5
	}
	return 0
}

func status(b []byte, s sdktrace.Status) []byte {
	b, at := open(b, 15)
	b = short(b, 2, s.Description, MaxText)
	switch s.Code {
	case codes.Ok:
		b = varint(b, 3, 1)
	case codes.Error:
		b = varint(b, 3, 2)
	}
	return shut(b, at)
}

func event(b []byte, e sdktrace.Event, limits Limits) []byte {
	end := len(b) + MaxItem/2
	b, at := open(b, 11)
	b = fixed64(b, 1, nano(e.Time))
	b = name(b, 2, e.Name)
	b, dropped := attributes(b, 3, e.Attributes, limits, end)
	return shut(count(b, 4, e.DroppedAttributeCount+dropped), at)
}

func link(b []byte, l sdktrace.Link, limits Limits) []byte {
	end := len(b) + MaxItem/2
	b, at := open(b, 13)
	b = ids(b, 1, 2, l.SpanContext)
	b = state(b, l.SpanContext)
	b, dropped := attributes(b, 4, l.Attributes, limits, end)
	b = count(b, 5, l.DroppedAttributeCount+dropped)
	return shut(fixed32(b, 6, flags(l.SpanContext.TraceFlags(), l.SpanContext)), at)
}

// nano is a time as the protocol has it; 0 for one that it cannot say.
func nano(t time.Time) uint64 {
	if t.IsZero() {
		return 0
	}
	return uint64(max(0, t.UnixNano()))
}
