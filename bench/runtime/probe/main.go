// Probe measures trace.SpanFromContext where there is no span, and reading the goroutine's slots, which only a woven program has.
package main

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"testing"
	"unsafe"

	"go.opentelemetry.io/otel/trace"
)

// slots is what the woven runtime has for runtime/active; nil in a plain program.
//
//go:linkname slots runtime.weaveGetSlots
var slots func() (own, inherited unsafe.Pointer)

func main() {
	_ = http.DefaultClient // woven programs get hooks for what they use
	ctx := context.Background()
	valid := 0
	each := func(op func()) float64 {
		r := testing.Benchmark(func(b *testing.B) {
			for range b.N {
				op()
			}
		})
		return float64(r.T) / float64(r.N)
	}
	span := each(func() {
		if trace.SpanFromContext(ctx).IsRecording() {
			valid++
		}
	})
	// The same but for the read.
	call := func() (own, inherited unsafe.Pointer) { return nil, nil }
	if slots != nil {
		call = slots
	}
	read := each(func() {
		if p, _ := call(); p != nil {
			valid++
		}
	})
	if valid > 0 {
		panic("there is a span")
	}
	json.NewEncoder(os.Stdout).Encode([]float64{span, read})
}
