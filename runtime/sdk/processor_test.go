package sdk

import (
	"bytes"
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
)

// sink is an exporter that counts, and that waits while it is held.
type sink struct {
	held   chan struct{} // nil: not held
	fail   error
	mu     sync.Mutex
	counts []int
	told   []string
	idle   chan struct{}
}

func (s *sink) ExportSpans(_ context.Context, spans []sdktrace.ReadOnlySpan) error {
	if s.held != nil {
		<-s.held
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts = append(s.counts, len(spans))
	return s.fail
}

func (s *sink) Shutdown(context.Context) error { panic("the exporter was shut down") }

func (s *sink) total() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.counts {
		n += c
	}
	return n
}

func (s *sink) processor(t *testing.T, config processorConfig) (*processor, *sdktrace.TracerProvider) {
	s.idle = make(chan struct{}, 100)
	p := newProcessor(&exporter{SpanExporter: s,
		failed: func(err error, _ int) {
			s.mu.Lock()
			defer s.mu.Unlock()
			what := "dropped"
			if err != nil {
				what = err.Error()
			}
			s.told = append(s.told, what)
		},
		idle: func() { s.idle <- struct{}{} }}, config)
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(p))
	t.Cleanup(func() { provider.Shutdown(context.Background()) })
	return p, provider
}

func end(provider trace.TracerProvider, n int) {
	t := provider.Tracer("")
	for range n {
		_, span := t.Start(context.Background(), "span")
		span.End()
	}
}

// batchGoroutines counts the goroutines of batch processors.
func batchGoroutines() int {
	b := make([]byte, 1<<20)
	return bytes.Count(b[:runtime.Stack(b, true)], []byte("created by go.opentelemetry.io/otel/sdk/trace.NewBatchSpanProcessor "))
}

func TestProcessorRests(t *testing.T) {
	s := &sink{}
	_, provider := s.processor(t, processorConfig{delay: 20 * time.Millisecond, timeout: time.Second, queue: 100, batch: 10})
	for round := range 3 {
		for tries := 0; batchGoroutines() != 0; tries++ {
			if tries == 1000 {
				t.Fatalf("round %d: a goroutine while there is nothing to send", round)
			}
			time.Sleep(time.Millisecond) // it was told to end
		}
		end(provider, 25)
		<-s.idle
		if got := s.total(); got != 25*(round+1) {
			t.Errorf("round %d: %d spans exported", round, got)
		}
	}
	if len(s.told) > 0 {
		t.Errorf("told %q", s.told)
	}
}

func TestProcessorIsBounded(t *testing.T) {
	s := &sink{held: make(chan struct{})}
	p, provider := s.processor(t, processorConfig{delay: 20 * time.Millisecond, timeout: time.Minute, queue: 100, batch: 10})
	const n = 10_000
	end(provider, n)
	// What is kept: what waits for a batch processor, or its queue and its batch.
	p.begin()
	p.mu.RLock()
	waiting := len(p.waiting)
	p.mu.RUnlock()
	end(provider, n)
	// The control for TestProcessorRests.
	if batchGoroutines() == 0 {
		t.Error("no goroutine although an export goes on")
	}
	if waiting != 0 {
		t.Errorf("%d spans wait for a processor that is there", waiting)
	}
	close(s.held)
	<-s.idle
	if got := s.total(); got < 100 || got > 2*100+2*10 {
		t.Errorf("%d of %d spans were kept", got, 2*n)
	}
	if len(s.told) != 1 || s.told[0] != "dropped" || p.told != uint64(2*n-s.total()) {
		t.Errorf("told %q, %d", s.told, p.told)
	}
}

func TestProcessorFlushes(t *testing.T) {
	s := &sink{}
	p, provider := s.processor(t, processorConfig{delay: time.Hour, timeout: time.Second, queue: 100, batch: 50})
	end(provider, 70)
	if err := p.ForceFlush(context.Background()); err != nil || s.total() != 70 {
		t.Errorf("%d spans, %v", s.total(), err)
	}
	end(provider, 5)
	if err := provider.Shutdown(context.Background()); err != nil || s.total() != 75 {
		t.Errorf("%d spans, %v", s.total(), err)
	}
	p.OnEnd(tracetest.SpanStub{SpanContext: trace.NewSpanContext(trace.SpanContextConfig{TraceFlags: trace.FlagsSampled})}.Snapshot())
	if err := p.ForceFlush(context.Background()); err != nil || s.total() != 75 {
		t.Errorf("after the shutdown: %d spans, %v", s.total(), err)
	}
}

func TestProcessorTellsOfFailures(t *testing.T) {
	s := &sink{fail: errors.New("down")}
	p, provider := s.processor(t, processorConfig{delay: time.Hour, timeout: time.Second, queue: 100, batch: 50})
	end(provider, 3)
	if err := p.ForceFlush(context.Background()); err != nil {
		t.Errorf("%v, which OpenTelemetry's error handler would log", err)
	}
	if len(s.told) != 1 || s.told[0] != "down" {
		t.Errorf("told %q", s.told)
	}
}

// TestProcessorUnderLoad ends spans from many goroutines while processors come and go: none is lost.
func TestProcessorUnderLoad(t *testing.T) {
	s := &sink{}
	p, provider := s.processor(t, processorConfig{delay: time.Millisecond, timeout: time.Second, queue: 1 << 16, batch: 64})
	var group sync.WaitGroup
	for range 8 {
		group.Add(1)
		go func() {
			defer group.Done()
			for range 100 {
				end(provider, 10)
				time.Sleep(time.Millisecond)
			}
		}()
	}
	group.Wait()
	if err := p.ForceFlush(context.Background()); err != nil || s.total() != 8000 {
		t.Errorf("%d spans, %v", s.total(), err)
	}
}
