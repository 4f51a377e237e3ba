// Probe measures trace.SpanFromContext where there is no span: woven, it looks into the goroutine's slot.
package main

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"testing"

	"go.opentelemetry.io/otel/trace"
)

func main() {
	_ = http.DefaultClient // woven programs get hooks for what they use
	ctx := context.Background()
	valid := 0
	r := testing.Benchmark(func(b *testing.B) {
		for range b.N {
			if trace.SpanFromContext(ctx).IsRecording() {
				valid++
			}
		}
	})
	if valid > 0 {
		panic("there is a span")
	}
	json.NewEncoder(os.Stdout).Encode(float64(r.T) / float64(r.N))
}
