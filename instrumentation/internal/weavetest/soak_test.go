package weavetest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// TestSoak has a program serve many requests: every span arrives, and neither memory nor goroutines become more.
// WEAVETEST_SOAK_ROUNDS is how often 300 requests are served, ten times if nothing else is said: 2000 rounds and
// `go test -timeout 1h` are as many requests as a service that answers 80 in a second has in two hours.
func TestSoak(t *testing.T) {
	rounds := 10
	if s := os.Getenv("WEAVETEST_SOAK_ROUNDS"); s != "" {
		var err error
		if rounds, err = strconv.Atoi(s); err != nil || rounds < 10 {
			t.Fatalf("WEAVETEST_SOAK_ROUNDS is %q", s)
		}
	}
	patience = time.Minute + time.Duration(rounds)*time.Second
	defer func() { patience = usual }()
	z := build(t, os.Getenv("WEAVETEST_TOOLCHAIN"), false)
	c := NewCollector()
	defer c.Close()
	file := filepath.Join(t.TempDir(), "states")
	if r := run(t, z.woven, "soak", "SOAK="+file, "SOAK_ROUNDS="+strconv.Itoa(rounds), "OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL, "OTEL_BSP_SCHEDULE_DELAY=10", "OTEL_METRIC_EXPORT_INTERVAL=10",
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
	if spans := c.Take(); len(spans) != rounds*300*4 {
		t.Errorf("%d spans arrived", len(spans))
	}
}

// TestHandSoak has programs begin and end spans of their own in every way: what is kept of them does not become more.
func TestHandSoak(t *testing.T) {
	z := build(t, os.Getenv("WEAVETEST_TOOLCHAIN"), false)
	if r := run(t, z.woven, "hand-soak", "OTEL_TRACES_EXPORTER=none", "OTEL_METRICS_EXPORTER=none"); r != (result{}) {
		t.Errorf("%+v", r)
	}
}

// TestMessages has a program take a million messages: what is done with each is below its sender, and nothing is kept of any.
func TestMessages(t *testing.T) {
	for _, c := range []struct {
		race bool
		n    int
	}{{false, 1_000_000}, {true, 20_000}} {
		t.Run(fmt.Sprintf("race %t", c.race), func(t *testing.T) {
			z := build(t, os.Getenv("WEAVETEST_TOOLCHAIN"), c.race)
			patience = 10 * time.Minute
			defer func() { patience = usual }()
			if r := run(t, z.woven, "messages", "MESSAGES="+strconv.Itoa(c.n), "OTEL_TRACES_EXPORTER=none", "OTEL_METRICS_EXPORTER=none"); r != (result{}) {
				t.Errorf("%+v", r)
			}
		})
	}
}
