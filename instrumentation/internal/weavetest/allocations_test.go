package weavetest

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// TestAllocations checks how many allocations weaving adds to an operation. One is the span that is recorded, with its context. Who saves
// some states here what is left.
func TestAllocations(t *testing.T) {
	z := build(t, os.Getenv("WEAVETEST_TOOLCHAIN"), false)
	c := NewCollector()
	defer c.Close()
	measured := func(binary string, env ...string) (all map[string]float64) {
		r := run(t, binary, "allocations", append(env, "OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL)...)
		if err := json.NewDecoder(strings.NewReader(r.out)).Decode(&all); err != nil || r.err != "" {
			t.Fatalf("%v: %+v", err, r)
		}
		return all
	}
	plain := measured(z.plain)
	operations := []string{"server request", "server request, any method", "client request", "statement", "query"}
	for _, of := range []struct {
		what  string
		env   []string
		added [5]float64 // to each of the operations
	}{
		{"recorded and measured", nil, [5]float64{4, 4, 8, 1, 1}},
		{"not sampled", []string{"OTEL_TRACES_SAMPLER=always_off", "OTEL_METRICS_EXPORTER=none"}, [5]float64{2, 2, 5, 1, 1}},
		{"disabled", []string{"OTEL_SDK_DISABLED=true"}, [5]float64{}},
	} {
		woven := measured(z.woven, of.env...)
		for i, operation := range operations {
			// Releases of Go differ in what they allocate for maps and cleanups.
			if added := woven[operation] - plain[operation]; added < of.added[i]-1.5 || added > of.added[i]+0.7 {
				t.Errorf("%s, %s: %.2f allocations more than the plain program's %.2f, want %v", operation, of.what, added, plain[operation], of.added[i])
			}
		}
	}
}
