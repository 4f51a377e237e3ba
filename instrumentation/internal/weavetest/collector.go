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
	logspb "go.opentelemetry.io/proto/otlp/logs/v1"
	metricspb "go.opentelemetry.io/proto/otlp/metrics/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// Span is a span that a Collector received.
type Span struct {
	*tracepb.Span
	Trace, ID, Parent string // identities in hexadecimal digits; no parent is ""
	Scope             string // the name of the instrumentation scope
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

// Collector is an OTLP receiver for http/protobuf and gRPC.
type Collector struct {
	*httptest.Server
	mu      sync.Mutex
	spans   []Span
	metrics []*metricspb.Metric
	scopes  map[string]string // of metrics, by name
	logs    []*logspb.LogRecord
	by      map[string]int       // requests, by their content type
	bad     []string             // why requests were refused
	res     []*commonpb.KeyValue // of the last request
}

// NewCollector starts one.
func NewCollector() *Collector {
	c := &Collector{by: map[string]int{}}
	c.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		kind := r.Header.Get("Content-Type")
		if kind == "application/grpc" && err == nil {
			if len(body) < 5 {
				err = io.ErrUnexpectedEOF
			} else {
				body = body[5:]
			}
			w.Header().Set("Content-Type", kind)
			w.Header().Set("Trailer", "Grpc-Status")
			w.Write(make([]byte, 5))
			defer w.Header().Set("Grpc-Status", "0")
		}
		if err == nil {
			err = c.take(r.URL.Path, kind, body)
		}
		if err != nil {
			c.mu.Lock()
			c.bad = append(c.bad, err.Error())
			c.mu.Unlock()
			if kind != "application/grpc" {
				http.Error(w, err.Error(), http.StatusBadRequest)
			}
		}
	}))
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	c.Server.Config.Protocols = protocols
	c.Server.Start()
	return c
}

// take takes in a request. On the wire these are the protocol's ExportTraceServiceRequest and the like.
func (c *Collector) take(path, kind string, body []byte) error {
	var traces tracepb.TracesData
	var metrics metricspb.MetricsData
	var logs logspb.LogsData
	var err error
	switch path {
	case "/v1/traces", "/opentelemetry.proto.collector.trace.v1.TraceService/Export":
		err = proto.Unmarshal(body, &traces)
	case "/v1/metrics", "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export":
		err = proto.Unmarshal(body, &metrics)
	case "/v1/logs", "/opentelemetry.proto.collector.logs.v1.LogsService/Export":
		err = proto.Unmarshal(body, &logs)
	default:
		err = errors.New(path)
	}
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.by[kind+" "+path[strings.LastIndexByte(path, '.')+1:]]++
	for _, r := range metrics.ResourceMetrics {
		c.res = r.Resource.Attributes
		for _, s := range r.ScopeMetrics {
			c.metrics = append(c.metrics, s.Metrics...)
			for _, m := range s.Metrics {
				if c.scopes == nil {
					c.scopes = map[string]string{}
				}
				c.scopes[m.Name] = s.Scope.GetName()
			}
		}
	}
	for _, r := range traces.ResourceSpans {
		c.res = r.Resource.Attributes
		for _, s := range r.ScopeSpans {
			for _, span := range s.Spans {
				c.spans = append(c.spans, Span{span, fmt.Sprintf("%x", span.TraceId), fmt.Sprintf("%x", span.SpanId), fmt.Sprintf("%x", span.ParentSpanId), s.Scope.GetName()})
			}
		}
	}
	for _, r := range logs.ResourceLogs {
		c.res = r.Resource.Attributes
		for _, s := range r.ScopeLogs {
			c.logs = append(c.logs, s.LogRecords...)
		}
	}
	return nil
}

// TakeLogs returns the log records received so far, and forgets them.
func (c *Collector) TakeLogs() []*logspb.LogRecord {
	c.mu.Lock()
	defer c.mu.Unlock()
	logs := c.logs
	c.logs = nil
	return logs
}

// Requests counts the requests so far by content type and signal, and forgets them.
func (c *Collector) Requests() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	by := c.by
	c.by = map[string]int{}
	return by
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

// TakeMetrics returns the metrics received so far, one a line and attribute sets apart, and forgets them: for a histogram how
// often something was measured and the sum of sizes, for others the value. Those of Go's runtime are left out, since they are always there.
func (c *Collector) TakeMetrics() (lines []string) {
	for _, m := range c.AllMetrics() {
		if !strings.HasPrefix(m.Name, "go.") {
			lines = append(lines, Lines(m)...)
		}
	}
	slices.Sort(lines)
	return lines
}

// ScopeOf returns the name of the instrumentation scope that a metric was last received from.
func (c *Collector) ScopeOf(metric string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.scopes[metric]
}

// AllMetrics returns the metrics received so far, and forgets them.
func (c *Collector) AllMetrics() []*metricspb.Metric {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := c.metrics
	c.metrics = nil
	return all
}

// Lines shows a metric.
func Lines(m *metricspb.Metric) (lines []string) {
	line := func(kvs []*commonpb.KeyValue, value string, exemplars []*metricspb.Exemplar) {
		var attrs []string
		for _, kv := range kvs {
			attrs = append(attrs, kv.Key+"="+attributeOf(kvs, kv.Key))
		}
		slices.Sort(attrs)
		line := fmt.Sprintf("%s{%s} %s %s", m.Name, strings.Join(attrs, " "), value, m.Unit)
		for _, e := range exemplars {
			line += fmt.Sprintf(" like %x", e.SpanId)
		}
		lines = append(lines, line)
	}
	for _, p := range m.GetHistogram().GetDataPoints() {
		value := fmt.Sprint(p.Count)
		if m.Unit == "By" {
			value += fmt.Sprintf(" of %g", p.GetSum())
		}
		line(p.Attributes, value, p.Exemplars)
	}
	for _, p := range m.GetExponentialHistogram().GetDataPoints() {
		value := fmt.Sprint(p.Count)
		if m.Unit == "By" {
			value += fmt.Sprintf(" of %g", p.GetSum())
		}
		line(p.Attributes, value+" exponential", p.Exemplars)
	}
	for _, p := range append(m.GetSum().GetDataPoints(), m.GetGauge().GetDataPoints()...) {
		line(p.Attributes, fmt.Sprint(p.GetAsInt()), nil)
	}
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
