package sdk

import (
	"context"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/rules-go-weave/rules_go_weave/runtime/internal/otlp"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/queue"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/wire"
)

// deadCollector takes connections and answers nothing.
func deadCollector(t *testing.T) otlp.Sender {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://"+listener.Addr().String())
	sender, err := otlp.New(otlp.Traces)
	if err != nil {
		t.Fatal(err)
	}
	return sender
}

// TestMemory ends 20,000 spans of hostile size, and of bytes that are no UTF-8, while the collector is dead. What is held of them is
// the queue. The control is the SDK's own processor, which is bounded in spans.
func TestMemory(t *testing.T) {
	const n, size, bound = 20_000, 12_000, 12 << 20
	held := func(provider trace.TracerProvider, n int) int64 {
		tracer := provider.Tracer("hostile")
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		for i := range n {
			text := func() string { return "\xff" + strings.Repeat(string([]byte{'a' + byte(i%26)}), size) }
			_, span := tracer.Start(context.Background(), text())
			span.SetAttributes(attribute.String("url.path", text()), attribute.StringSlice("header", []string{text(), text()}))
			span.SetStatus(codes.Error, text())
			span.AddEvent(text(), trace.WithAttributes(attribute.String("exception.stacktrace", text())))
			span.End()
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		runtime.KeepAlive(provider)
		return int64(after.HeapAlloc) - int64(before.HeapAlloc)
	}
	config := queue.Config{Delay: time.Hour, Timeout: time.Minute, Items: 2048, Batch: 512}
	sender := deadCollector(t)
	defer sender.Close()
	dropped := make(chan int, 100)
	p := newProcessor(resource.Empty(), config, sender, func(_ error, lost int) { dropped <- lost })
	if grown := held(newProvider(sdktrace.AlwaysSample(), false, []*processor{p}), n); grown > bound {
		t.Errorf("%d bytes are held", grown)
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	_ = p.Shutdown(ended)

	if grown := held(sdktrace.NewTracerProvider(sdktrace.WithBatcher(blocked{})), 1000); grown < 3*bound {
		t.Errorf("the control holds %d bytes", grown)
	}
}

// blocked is an exporter whose collector is dead.
type blocked struct{ sdktrace.SpanExporter }

func (blocked) ExportSpans(ctx context.Context, _ []sdktrace.ReadOnlySpan) error {
	<-ctx.Done()
	return ctx.Err()
}

// taken is a sender that remembers.
type taken struct{ sizes []int }

func (s *taken) Send(_ context.Context, _ *wire.Resource, records []wire.Record) (int, error) {
	for _, r := range records {
		s.sizes = append(s.sizes, len(r.Bytes))
	}
	return 0, nil
}

func (*taken) Close() {}

// recordOnly is a sampler.
type recordOnly struct{ sdktrace.Sampler }

func (recordOnly) ShouldSample(sdktrace.SamplingParameters) sdktrace.SamplingResult {
	return sdktrace.SamplingResult{Decision: sdktrace.RecordOnly}
}

// TestSampledAlone checks that what is recorded only, and not sampled, is not sent.
func TestSampledAlone(t *testing.T) {
	s := &taken{}
	p := newProcessor(resource.Empty(), queue.Config{Delay: time.Hour, Timeout: time.Minute, Items: 100, Batch: 10}, s, func(error, int) {})
	for _, sampler := range []sdktrace.Sampler{recordOnly{}, sdktrace.AlwaysSample()} {
		_, span := newProvider(sampler, false, []*processor{p}).Tracer("x").Start(context.Background(), "x")
		if !span.IsRecording() {
			t.Error("not recorded")
		}
		span.End()
	}
	if err := p.ForceFlush(context.Background()); err != nil || len(s.sizes) != 1 {
		t.Errorf("%v, %v", s.sizes, err)
	}
}
