package weavetest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
)

// Span is a span that a Collector received.
type Span struct {
	TraceID  string `json:"traceId"`
	SpanID   string `json:"spanId"`
	ParentID string `json:"parentSpanId"`
	Name     string `json:"name"`
	Kind     int    `json:"kind"`
	Start    string `json:"startTimeUnixNano"`
	Status   struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	} `json:"status"`
	Attributes []struct {
		Key   string         `json:"key"`
		Value map[string]any `json:"value"`
	} `json:"attributes"`
	Events []struct {
		Name string `json:"name"`
	} `json:"events"`
}

// Attribute returns an attribute as text, or "".
func (s Span) Attribute(key string) string {
	for _, kv := range s.Attributes {
		if kv.Key == key {
			for _, v := range kv.Value {
				return fmt.Sprint(v)
			}
		}
	}
	return ""
}

// Collector is an OTLP receiver for http/json.
type Collector struct {
	*httptest.Server
	mu    sync.Mutex
	spans []Span
}

// NewCollector starts one.
func NewCollector() *Collector {
	c := &Collector{}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			ResourceSpans []struct {
				ScopeSpans []struct {
					Spans []Span `json:"spans"`
				} `json:"scopeSpans"`
			} `json:"resourceSpans"`
		}
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil || r.URL.Path != "/v1/traces" {
			http.Error(w, fmt.Sprint(err), http.StatusBadRequest)
			return
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		for _, r := range in.ResourceSpans {
			for _, s := range r.ScopeSpans {
				c.spans = append(c.spans, s.Spans...)
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
	slices.SortStableFunc(spans, func(a, b Span) int { return strings.Compare(a.Start, b.Start) })
	return spans
}

// Tree draws spans, one a line, with two spaces more for every parent: "GET /x (server) error".
func Tree(spans []Span) string {
	known := map[string]bool{}
	for _, s := range spans {
		known[s.SpanID] = true
	}
	var b strings.Builder
	var draw func(parent string, depth int)
	draw = func(parent string, depth int) {
		for _, s := range spans {
			if p := s.ParentID; p != parent && (parent != "" || known[p]) {
				continue
			}
			fmt.Fprintf(&b, "%s%s (%s)", strings.Repeat("  ", depth), s.Name, [...]string{"", "internal", "server", "client", "producer", "consumer"}[s.Kind])
			if s.Status.Code == 2 {
				b.WriteString(" error")
			}
			if t := s.Attribute("error.type"); t != "" {
				b.WriteString(" " + t)
			}
			b.WriteString("\n")
			draw(s.SpanID, depth+1)
		}
	}
	draw("", 0)
	return b.String()
}
