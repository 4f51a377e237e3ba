package weavetest

import (
	"os"
	"strings"
	"testing"

	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
)

// TestReuse checks that what hooks use again for other operations mixes none of them up: each span has the text of its own operation,
// once, and the end that this says.
func TestReuse(t *testing.T) {
	for name, binary := range map[string]string{
		"plain": build(t, os.Getenv("WEAVETEST_TOOLCHAIN"), false).woven,
		"race":  build(t, os.Getenv("WEAVETEST_TOOLCHAIN"), true).woven,
	} {
		c := NewCollector()
		defer c.Close()
		if r := run(t, binary, "reuse", "OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL, "OTEL_BSP_MAX_QUEUE_SIZE=10000"); r != (result{}) {
			t.Fatalf("%s: %+v", name, r)
		}
		seen, failed := map[string]int{}, 0
		for _, s := range c.Take() {
			text := s.Attribute("db.query.text") + s.Attribute("url.full")
			if s.Kind != tracepb.Span_SPAN_KIND_CLIENT || text == "" {
				continue
			}
			seen[text]++
			fails, failure := strings.Contains(text, "fail"), s.Status.GetCode() == tracepb.Status_STATUS_CODE_ERROR
			if code := s.Attribute("http.response.status_code"); fails != failure || fails != (s.Attribute("error.type") != "") || s.Attribute("url.full") != "" && fails != (code == "500") {
				t.Errorf("%s: %s: %v %v", name, text, s.Status, s.Attributes)
			}
			if failure {
				failed++
			}
			if seen[text] > 1 || s.EndTimeUnixNano < s.StartTimeUnixNano {
				t.Errorf("%s: %s ended %d times, from %d to %d", name, text, seen[text], s.StartTimeUnixNano, s.EndTimeUnixNano)
			}
		}
		if len(seen) < 250 || failed < 50 {
			t.Errorf("%s: %d operations, of which %d failed", name, len(seen), failed)
		}
	}
}
