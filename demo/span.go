package main

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
)

// Span is one operation of one service, as ./dev demo --json prints it.
type Span struct {
	Name          string         `json:"name"`
	Kind          string         `json:"kind"`
	Service       string         `json:"service"`
	TraceID       string         `json:"trace_id"`
	SpanID        string         `json:"span_id"`
	ParentID      string         `json:"parent_id"`
	Status        string         `json:"status"`
	StatusMessage string         `json:"status_message,omitempty"`
	Start         time.Time      `json:"start"`
	End           time.Time      `json:"end"`
	DurationMS    float64        `json:"duration_ms"`
	Attributes    map[string]any `json:"attributes"`
	Events        []Event        `json:"events"`
	Scope         string         `json:"scope"`
	Resource      map[string]any `json:"resource"`
}

// Event is something that happened during a span.
type Event struct {
	Name       string         `json:"name"`
	Time       time.Time      `json:"time"`
	Attributes map[string]any `json:"attributes"`
}

var kinds = map[tracepb.Span_SpanKind]string{
	tracepb.Span_SPAN_KIND_INTERNAL: "internal",
	tracepb.Span_SPAN_KIND_SERVER:   "server",
	tracepb.Span_SPAN_KIND_CLIENT:   "client",
	tracepb.Span_SPAN_KIND_PRODUCER: "producer",
	tracepb.Span_SPAN_KIND_CONSUMER: "consumer",
}

var statuses = map[tracepb.Status_StatusCode]string{
	tracepb.Status_STATUS_CODE_UNSET: "unset",
	tracepb.Status_STATUS_CODE_OK:    "ok",
	tracepb.Status_STATUS_CODE_ERROR: "error",
}

// spansOf flattens what one export request carries.
func spansOf(data *tracepb.TracesData) []Span {
	var spans []Span
	for _, resource := range data.GetResourceSpans() {
		about := attributesOf(resource.GetResource().GetAttributes())
		service, _ := about["service.name"].(string)
		for _, scope := range resource.GetScopeSpans() {
			for _, span := range scope.GetSpans() {
				start, end := timeOf(span.GetStartTimeUnixNano()), timeOf(span.GetEndTimeUnixNano())
				one := Span{
					Name:          span.GetName(),
					Kind:          cmp.Or(kinds[span.GetKind()], "unspecified"),
					Service:       service,
					TraceID:       hex.EncodeToString(span.GetTraceId()),
					SpanID:        hex.EncodeToString(span.GetSpanId()),
					ParentID:      hex.EncodeToString(span.GetParentSpanId()),
					Status:        statuses[span.GetStatus().GetCode()],
					StatusMessage: span.GetStatus().GetMessage(),
					Start:         start,
					End:           end,
					DurationMS:    float64(end.Sub(start).Microseconds()) / 1000,
					Attributes:    attributesOf(span.GetAttributes()),
					Events:        []Event{},
					Scope:         scope.GetScope().GetName(),
					Resource:      about,
				}
				for _, event := range span.GetEvents() {
					one.Events = append(one.Events, Event{event.GetName(), timeOf(event.GetTimeUnixNano()), attributesOf(event.GetAttributes())})
				}
				spans = append(spans, one)
			}
		}
	}
	return spans
}

func timeOf(nanoseconds uint64) time.Time {
	return time.Unix(0, int64(nanoseconds)).UTC()
}

func attributesOf(list []*commonpb.KeyValue) map[string]any {
	attributes := make(map[string]any, len(list))
	for _, pair := range list {
		attributes[pair.GetKey()] = valueOf(pair.GetValue())
	}
	return attributes
}

func valueOf(value *commonpb.AnyValue) any {
	switch value := value.GetValue().(type) {
	case *commonpb.AnyValue_StringValue:
		return value.StringValue
	case *commonpb.AnyValue_BoolValue:
		return value.BoolValue
	case *commonpb.AnyValue_IntValue:
		return value.IntValue
	case *commonpb.AnyValue_DoubleValue:
		return value.DoubleValue
	case *commonpb.AnyValue_BytesValue:
		return hex.EncodeToString(value.BytesValue)
	case *commonpb.AnyValue_ArrayValue:
		items := []any{}
		for _, item := range value.ArrayValue.GetValues() {
			items = append(items, valueOf(item))
		}
		return items
	case *commonpb.AnyValue_KvlistValue:
		return attributesOf(value.KvlistValue.GetValues())
	}
	return nil
}

// Node is a span with the spans that it caused, the earliest first.
type Node struct {
	Span
	Children []*Node
}

// Trace is the tree, or trees, of one trace id.
type Trace struct {
	ID    string
	Roots []*Node
	Start time.Time
	End   time.Time
	Spans int
}

// Title names a trace after its first root.
func (t *Trace) Title() string { return t.Roots[0].Service + ": " + t.Roots[0].Name }

// Duration is the time from the first start to the last end.
func (t *Trace) Duration() time.Duration { return t.End.Sub(t.Start) }

// tracesOf builds the trees, the earliest first. A span whose parent did not arrive is a root.
func tracesOf(spans []Span) []*Trace {
	sortSpans(spans)
	byID := map[string]*Node{}
	for _, span := range spans {
		byID[span.TraceID+span.SpanID] = &Node{Span: span}
	}
	var traces []*Trace
	byTrace := map[string]*Trace{}
	for _, span := range spans {
		trace := byTrace[span.TraceID]
		if trace == nil {
			trace = &Trace{ID: span.TraceID, Start: span.Start, End: span.End}
			byTrace[span.TraceID] = trace
			traces = append(traces, trace)
		}
		trace.Spans++
		if span.End.After(trace.End) {
			trace.End = span.End
		}
		node := byID[span.TraceID+span.SpanID]
		if parent := byID[span.TraceID+span.ParentID]; span.ParentID != "" && parent != nil {
			parent.Children = append(parent.Children, node)
		} else {
			trace.Roots = append(trace.Roots, node)
		}
	}
	return traces
}

// split keeps apart the traces of more than one span and the others.
func split(traces []*Trace) (connected, single []*Trace) {
	for _, trace := range traces {
		if trace.Spans > 1 {
			connected = append(connected, trace)
		} else {
			single = append(single, trace)
		}
	}
	return connected, single
}

func sortSpans(spans []Span) {
	slices.SortStableFunc(spans, func(a, b Span) int {
		return cmp.Or(a.Start.Compare(b.Start), b.End.Compare(a.End), strings.Compare(a.SpanID, b.SpanID))
	})
}

// note is the attribute that says most about a span in a few words.
func (s *Span) note() string {
	for _, key := range []string{"db.query.text", "db.statement"} {
		if text, _ := s.Attributes[key].(string); text != "" {
			return strings.Join(strings.Fields(text), " ")
		}
	}
	for _, key := range []string{"http.response.status_code", "http.status_code"} {
		if status := s.Attributes[key]; status != nil {
			return fmt.Sprint(status)
		}
	}
	if s.Status == "error" {
		return s.StatusMessage
	}
	return ""
}
