package weavetest

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	metricspb "go.opentelemetry.io/proto/otlp/metrics/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// Span is a span that a Collector received.
type Span struct {
	*tracepb.Span
	Trace, ID, Parent string // identities in hexadecimal digits; no parent is ""
}

// Attribute returns an attribute as text, or "".
func (s Span) Attribute(key string) string { return attributeOf(s.Attributes, key) }

func attributeOf(attrs []*commonpb.KeyValue, key string) string {
	for _, kv := range attrs {
		if kv.Key != key {
			continue
		}
		switch v := kv.Value.Value.(type) {
		case *commonpb.AnyValue_StringValue:
			return v.StringValue
		case *commonpb.AnyValue_IntValue:
			return fmt.Sprint(v.IntValue)
		case *commonpb.AnyValue_BoolValue:
			return fmt.Sprint(v.BoolValue)
		case *commonpb.AnyValue_DoubleValue:
			return fmt.Sprint(v.DoubleValue)
		default:
			return kv.Value.String()
		}
	}
	return ""
}

// Collector is an OTLP receiver for http/protobuf.
type Collector struct {
	*httptest.Server
	mu      sync.Mutex
	spans   []Span
	metrics []*metricspb.Metric
}

// NewCollector starts one.
func NewCollector() *Collector {
	c := &Collector{}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		// On the wire these are the protocol's ExportTraceServiceRequest and ExportMetricsServiceRequest.
		var in tracepb.TracesData
		var metrics metricspb.MetricsData
		if err == nil {
			switch r.URL.Path {
			case "/v1/traces":
				err = proto.Unmarshal(body, &in)
			case "/v1/metrics":
				err = proto.Unmarshal(body, &metrics)
			default:
				err = errors.New(r.URL.Path)
			}
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		for _, r := range metrics.ResourceMetrics {
			for _, s := range r.ScopeMetrics {
				c.metrics = append(c.metrics, s.Metrics...)
			}
		}
		for _, r := range in.ResourceSpans {
			for _, s := range r.ScopeSpans {
				for _, span := range s.Spans {
					c.spans = append(c.spans, Span{span, fmt.Sprintf("%x", span.TraceId), fmt.Sprintf("%x", span.SpanId), fmt.Sprintf("%x", span.ParentSpanId)})
				}
			}
		}
	}))
	return c
}

// Take returns the spans received so far, in the order of their start, and forgets them.
func (c *Collector) Take() []Span {
	c.mu.Lock()
	defer c.mu.Unlock()
	spans := c.spans
	c.spans = nil
	slices.SortStableFunc(spans, func(a, b Span) int { return cmp.Compare(a.StartTimeUnixNano, b.StartTimeUnixNano) })
	return spans
}

// TakeMetrics returns the metrics received so far, one a line and attribute sets apart, and forgets them.
func (c *Collector) TakeMetrics() (lines []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, m := range c.metrics {
		for _, p := range m.GetHistogram().GetDataPoints() {
			var attrs []string
			for _, kv := range p.Attributes {
				attrs = append(attrs, kv.Key+"="+attributeOf(p.Attributes, kv.Key))
			}
			slices.Sort(attrs)
			line := fmt.Sprintf("%s{%s} %d %s", m.Name, strings.Join(attrs, " "), p.Count, m.Unit)
			for _, e := range p.Exemplars {
				line += fmt.Sprintf(" like %x", e.SpanId)
			}
			lines = append(lines, line)
		}
	}
	c.metrics = nil
	slices.Sort(lines)
	return lines
}

// Tree draws spans, one a line, with two spaces more for every parent: "GET /x (server) error". A link shows as
// "after" and the name of the span that it leads to.
func Tree(spans []Span) string {
	known, names := map[string]bool{}, map[string]string{}
	for _, s := range spans {
		known[s.ID], names[s.ID] = true, s.Name
	}
	var b strings.Builder
	var draw func(parent string, depth int)
	draw = func(parent string, depth int) {
		for _, s := range spans {
			if p := s.Parent; p != parent && (parent != "" || known[p]) {
				continue
			}
			fmt.Fprintf(&b, "%s%s (%s)", strings.Repeat("  ", depth), s.Name, [...]string{"", "internal", "server", "client", "producer", "consumer"}[s.Kind])
			if s.Status.GetCode() == tracepb.Status_STATUS_CODE_ERROR {
				b.WriteString(" error")
			}
			if t := s.Attribute("error.type"); t != "" {
				b.WriteString(" " + t)
			}
			for _, l := range s.Links {
				fmt.Fprintf(&b, " after %s", names[fmt.Sprintf("%x", l.SpanId)])
			}
			b.WriteString("\n")
			draw(s.ID, depth+1)
		}
	}
	draw("", 0)
	return b.String()
}
