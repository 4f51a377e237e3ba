package weavetest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// TestSoak has a program serve many requests: every span arrives, and neither memory nor goroutines become more.
func TestSoak(t *testing.T) {
	z := build(t, os.Getenv("WEAVETEST_TOOLCHAIN"), false)
	c := NewCollector()
	defer c.Close()
	file := filepath.Join(t.TempDir(), "states")
	if r := run(t, z.woven, "soak", "SOAK="+file, "OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL, "OTEL_BSP_SCHEDULE_DELAY=10", "OTEL_METRIC_EXPORT_INTERVAL=10",
		"OTEL_BSP_MAX_QUEUE_SIZE=20000"); r != (result{}) {
		t.Errorf("%+v", r)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var states []struct {
		Heap       uint64
		Goroutines int
	}
	if err := json.Unmarshal(b, &states); err != nil {
		t.Fatal(err)
	}
	// The first rounds fill pools and caches.
	early, late := states[2], states[len(states)-1]
	if late.Heap > early.Heap+early.Heap/2 || late.Goroutines > early.Goroutines+2 {
		t.Errorf("from %+v to %+v", early, late)
	}
	if spans := c.Take(); len(spans) != 10*300*4 {
		t.Errorf("%d spans arrived", len(spans))
	}
}
