package sdk

import (
	"context"
	"testing"
	"time"

	"go.opentelemetry.io/otel"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// startSampling starts this package by a sampler, with nothing exported.
func startSampling(t *testing.T, sampler, arg string) {
	t.Helper()
	for name, value := range map[string]string{"OTEL_TRACES_SAMPLER": sampler, "OTEL_TRACES_SAMPLER_ARG": arg, "OTEL_TRACES_EXPORTER": "none", "OTEL_METRICS_EXPORTER": "none"} {
		t.Setenv(name, value)
	}
	before := otel.GetTracerProvider()
	start()
	otel.SetTracerProvider(started.provider)
	t.Cleanup(func() { otel.SetTracerProvider(before); started = nil })
}

// TestRootThatIsNotSampled: its span is found by whoever asks, and what comes below is not sampled and of its trace.
func TestRootThatIsNotSampled(t *testing.T) {
	startSampling(t, "parentbased_always_off", "")
	type key struct{}
	base, cancel := context.WithCancelCause(context.WithValue(t.Context(), key{}, "kept"))
	ctx, span, _ := Root(base)
	if span == nil {
		t.Fatal("sampled")
	}
	sc := span.SpanContext()
	if !sc.IsValid() || sc.IsSampled() || sc.IsRemote() || span.IsRecording() || trace.SpanFromContext(ctx) != span || ctx.Value(key{}) != "kept" {
		t.Errorf("%v in %v", sc, ctx)
	}
	below, stop := context.WithCancel(ctx)
	defer stop()
	_, child := started.provider.Tracer("test").Start(below, "child")
	if c := child.SpanContext(); c.TraceID() != sc.TraceID() || c.IsSampled() || c.SpanID() == sc.SpanID() {
		t.Errorf("child %v of %v", c, sc)
	}
	_, child = span.TracerProvider().Tracer("test").Start(ctx, "child")
	if c := child.SpanContext(); c.TraceID() != sc.TraceID() || c.IsSampled() {
		t.Errorf("child %v of %v", c, sc)
	}
	if _, other, _ := Root(base); other.SpanContext().TraceID() == sc.TraceID() {
		t.Error("two traces have one name")
	}
	cancel(context.DeadlineExceeded)
	if below.Err() == nil || context.Cause(below) != context.DeadlineExceeded {
		t.Error("cancellation does not arrive")
	}
	// The control: a span that the program starts takes more.
	tracer := started.provider.Tracer("test")
	ours := testing.AllocsPerRun(100, func() { Root(base) })
	theirs := testing.AllocsPerRun(100, func() { tracer.Start(base, "root") })
	if ours > 1 || theirs <= ours {
		t.Errorf("%v allocations, by the API %v", ours, theirs)
	}
	ctx, span, _, state := ActiveRoot(base)
	if trace.SpanFromContext(ctx) != span || span.SpanContext().IsSampled() || state == nil || !Unsampled(span) || Unsampled(child) {
		t.Errorf("%v in %v", span, ctx)
	}
	if n := testing.AllocsPerRun(100, func() { ActiveRoot(base) }); n > 1 {
		t.Errorf("%v allocations of one that is to be active", n)
	}
}

// TestRootsAreSampledAsTheSamplerDecides: nothing is decided twice, and nothing otherwise than the sampler does.
func TestRootsAreSampledAsTheSamplerDecides(t *testing.T) {
	startSampling(t, "parentbased_traceidratio", "0.25")
	sampler := sdktrace.TraceIDRatioBased(0.25)
	tracer := started.provider.Of("test")
	const all = 4000
	sampled := 0
	for range all {
		ctx, span, id := Root(t.Context())
		if span == nil {
			_, span = tracer.Begin(ctx, id, trace.SpanContext{}, trace.SpanContext{}, trace.SpanKindServer, "root", time.Time{})
			if !span.IsRecording() || span.SpanContext().TraceID() != id {
				t.Fatal("decided twice")
			}
			sampled++
		}
		want := sampler.ShouldSample(sdktrace.SamplingParameters{ParentContext: t.Context(), TraceID: span.SpanContext().TraceID()}).Decision
		if (want == sdktrace.RecordAndSample) != span.IsRecording() {
			t.Fatalf("%v recorded: %v", span.SpanContext().TraceID(), span.IsRecording())
		}
	}
	// Eight standard deviations to each side.
	if sampled < all/4-220 || sampled > all/4+220 {
		t.Errorf("%d of %d sampled", sampled, all)
	}
}

// TestRootsOfOtherSamplers are none that nobody records.
func TestRootsOfOtherSamplers(t *testing.T) {
	for _, name := range []string{"", "always_on", "traceidratio"} {
		startSampling(t, name, "0")
		if ctx, span, _ := Root(t.Context()); span != nil || ctx != t.Context() {
			t.Errorf("%q: %v", name, span)
		}
	}
}
