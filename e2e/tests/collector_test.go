package e2e

import (
	"io"
	"net"
	"net/http"
	"sync"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// otlp is an OTLP/HTTP receiver that keeps the spans it is sent.
type otlp struct {
	mu    sync.Mutex
	url   string
	spans []received
}

// received is a span and the service that sent it.
type received struct {
	*trace.Span
	service  string
	resource map[string]string // what is text
}

// collect starts a receiver; it ends with the test.
func collect(t testing.TB) *otlp {
	t.Helper()
	c := &otlp{}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c.url = "http://" + l.Addr().String()
	srv := &http.Server{Handler: http.HandlerFunc(c.serve)}
	go srv.Serve(l)
	t.Cleanup(func() { srv.Close() })
	return c
}

func (c *otlp) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if r.URL.Path == "/v1/traces" {
		var req collector.ExportTraceServiceRequest
		if err := proto.Unmarshal(body, &req); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		c.take(&req)
	}
	w.Header().Set("Content-Type", "application/x-protobuf")
}

func (c *otlp) take(req *collector.ExportTraceServiceRequest) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, rs := range req.ResourceSpans {
		resource := map[string]string{}
		for _, kv := range rs.Resource.GetAttributes() {
			resource[kv.Key] = kv.Value.GetStringValue()
		}
		for _, ss := range rs.ScopeSpans {
			for _, s := range ss.Spans {
				c.spans = append(c.spans, received{s, resource["service.name"], resource})
			}
		}
	}
}

// all returns what has arrived.
func (c *otlp) all() []received {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]received(nil), c.spans...)
}

// env is what points a program at the receiver.
func (c *otlp) env(service string) []string {
	return []string{
		"OTEL_EXPORTER_OTLP_ENDPOINT=" + c.url,
		"OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
		"OTEL_METRICS_EXPORTER=none",
		"OTEL_LOGS_EXPORTER=none",
		"OTEL_SERVICE_NAME=" + service,
	}
}

// attr returns a span's string or integer attribute as text, "" when it has none.
func (s received) attr(key string) string {
	for _, kv := range s.Attributes {
		if kv.Key == key {
			if v := kv.Value.GetStringValue(); v != "" {
				return v
			}
			return kv.Value.String()
		}
	}
	return ""
}
