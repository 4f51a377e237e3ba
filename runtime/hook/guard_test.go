package hook_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/propagation"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
)

// Values of a program whose methods panic, or say more than anybody wants.
type (
	nilError   struct{ text string }
	badError   struct{}
	badWrap    struct{ badError }
	hugeError  struct{}
	badStrings []string
)

func (e *nilError) Error() string   { return e.text }
func (badError) Error() string      { panic("Error") }
func (badWrap) Unwrap() error       { panic("Unwrap") }
func (badWrap) Is(error) bool       { panic("Is") }
func (hugeError) Error() string     { return strings.Repeat("ä", 1<<20) }
func (badStrings) String() string   { panic(badError{}) }
func (badStrings) GoString() string { panic("GoString") }

// TestForeignMethods ends operations with errors and panics whose own methods panic: each is recorded, and nobody sees a panic.
func TestForeignMethods(t *testing.T) {
	cyclic := map[string]any{}
	cyclic["itself"] = cyclic
	for name, c := range map[string]struct {
		value any
		text  string
		kind  string
	}{
		"typed nil":      {(*nilError)(nil), "<nil>", "*hook_test.nilError"},
		"Error":          {badError{}, "(panic in a method of hook_test.badError)", "hook_test.badError"},
		"Unwrap":         {badWrap{}, "(panic in a method of hook_test.badWrap)", "hook_test.badWrap"},
		"wrapped":        {wrapped{badError{}}, "around it", "hook_test.wrapped"},
		"by fmt":         {fmt.Errorf("around %w", errors.New("it")), "around it", "*errors.errorString"},
		"huge":           {hugeError{}, strings.Repeat("ä", 2<<10), "hook_test.hugeError"},
		"String":         {badStrings{}, "(panic in a method of hook_test.badStrings)", "hook_test.badStrings"},
		"without an end": {cyclic, "(map[string]interface {})", "map[string]interface {}"},
		"number":         {7, "7", "int"},
	} {
		t.Run(name, func(t *testing.T) {
			spans := record(t)
			_, op := lib.Start(context.Background(), hook.Client, "GET")
			text := c.text
			if err, ok := c.value.(error); ok {
				op.End(err)
			} else {
				op.Panicked(c.value)
				op.End(nil)
				text = "panic: " + text
			}
			all := spans.Ended()
			if len(all) != 1 {
				t.Fatalf("%d spans", len(all))
			}
			if s := all[0].Status(); s.Code != codes.Error || s.Description != text {
				t.Errorf("%.100q, want %.100q", s.Description, text)
			}
			if got := all[0].Attributes(); len(got) != 1 || got[0] != attribute.String("error.type", c.kind) {
				t.Errorf("%.200v", got)
			}
		})
	}
	if lib.Panics() != 0 {
		t.Errorf("%d panics of hooks", lib.Panics())
	}
	if hook.Try(func() { panic(1) }) || !hook.Try(func() {}) {
		t.Error("Try")
	}
}

// TestHiddenTexts checks that what is hidden of errors is hidden in the texts of panics, too.
func TestHiddenTexts(t *testing.T) {
	hook.HideErrors(func(err error) (string, bool) { return "hidden", strings.Contains(err.Error(), "tops3cret") })
	for value, want := range map[any]string{
		"a tops3cret": "panic: string", "another text": "panic: another text", errors.New("a tops3cret"): "panic: hidden", 7: "panic: 7",
	} {
		spans := record(t)
		_, op := lib.Start(context.Background(), hook.Client, "GET")
		op.Panicked(value)
		op.End(nil)
		s := spans.Ended()[0]
		if s.Status().Description != want || strings.Contains(fmt.Sprint(s.Events()), "tops3cret") {
			t.Errorf("%v is shown as %q, %v", value, s.Status().Description, s.Events())
		}
	}
}

// wrapped is an error around another, of a type of the program's own.
type wrapped struct{ error }

func (wrapped) Error() string   { return "around it" }
func (w wrapped) Unwrap() error { return w.error }

// guarded is a hook that gives back what it is given, and panics.
func guarded(i *hook.Instrumentation, given int) (out int) {
	out = given
	defer i.Recover()
	var none map[string]int
	none["a"] = given
	return 0
}

// TestPanickingHook checks that a hook that panics is switched off at last.
func TestPanickingHook(t *testing.T) {
	spans := record(t)
	bad := hook.New("example.com/bad")
	for range 9 {
		if got := guarded(bad, 7); got != 7 {
			t.Errorf("%d", got)
		}
	}
	start := func() {
		_, op := bad.Start(context.Background(), hook.Client, "GET")
		op.End(nil)
	}
	start()
	if n := len(spans.Ended()); n != 1 || !bad.On() || bad.Panics() != 9 {
		t.Errorf("%d spans, on %v, %d panics", n, bad.On(), bad.Panics())
	}
	guarded(bad, 7)
	start()
	if n := len(spans.Ended()); n != 1 || bad.On() || bad.Panics() != 10 {
		t.Errorf("%d spans, on %v, %d panics", n, bad.On(), bad.Panics())
	}
	if lib.Panics() != 0 || !lib.On() || (*hook.Instrumentation)(nil).On() {
		t.Error("another instrumentation")
	}
}

// Parts of a program that take part in making a span.
type badSampler struct{ sdktrace.Sampler }

func (badSampler) ShouldSample(sdktrace.SamplingParameters) sdktrace.SamplingResult { panic("sampler") }

type badProcessor struct{ sdktrace.SpanProcessor }

func (badProcessor) OnStart(context.Context, sdktrace.ReadWriteSpan) {}
func (badProcessor) OnEnd(sdktrace.ReadOnlySpan)                     { panic("processor") }

type badContext struct{ context.Context }

type spanless struct{}

func (badContext) Value(any) any { panic("Value") }

// TestForeignParts starts and ends operations with a context, a sampler and a processor that panic.
func TestForeignParts(t *testing.T) {
	parts := hook.New("example.com/parts")
	spans := record(t)
	ctx := badContext{context.Background()}
	got, op := parts.Start(ctx, hook.Client, "GET")
	op.End(nil)
	if got != ctx || parts.Panics() != 0 || len(spans.Ended()) != 1 || spans.Ended()[0].Name() != "GET" {
		t.Errorf("%v %v %d", got, spans.Ended(), parts.Panics())
	}
	carrier := propagation.MapCarrier{"traceparent": "00-0102030405060708090a0b0c0d0e0f10-0102030405060708-01", "baggage": "a=b"}
	for _, p := range []propagation.TextMapPropagator{otel.GetTextMapPropagator(), propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{})} {
		defer otel.SetTextMapPropagator(otel.GetTextMapPropagator())
		otel.SetTextMapPropagator(p)
		if sc := hook.Explicit(hook.Extract(ctx, carrier)).SpanContext(); sc.SpanID().String() != "0102030405060708" {
			t.Errorf("what a caller sent is %v in a context that panics", sc)
		}
	}
	reader := sdkmetric.NewManualReader()
	otel.SetMeterProvider(sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)))
	defer otel.SetMeterProvider(noop.NewMeterProvider())
	_, sending := hook.NewMessaging(parts, "queue").Send(ctx, "send", hook.Message{Destination: "t"})
	sending.End(nil)
	_, call := hook.NewRPC(parts, "calls").Client(ctx, "s/M", "h:1")
	call.End("OK", false, nil)
	var read metricdata.ResourceMetrics
	if err := reader.Collect(ctx, &read); err != nil || len(read.ScopeMetrics) != 1 || len(read.ScopeMetrics[0].Metrics) != 3 || parts.Panics() != 0 {
		t.Errorf("%v, measured %v, %d panics", err, read.ScopeMetrics, parts.Panics())
	}
	known := context.WithValue(context.Background(), spanless{}, 1)
	if hook.Value(ctx, spanless{}) != nil || hook.Value(known, spanless{}) != 1 {
		t.Error("Value")
	}
	record(t, sdktrace.WithSampler(badSampler{}))
	if got, op := parts.Start(context.Background(), hook.Internal, "GET"); got != context.Background() || op.Span() != nil || op.Active() || parts.Panics() != 1 {
		t.Errorf("%v %v %d", got, op, parts.Panics())
	}
	record(t, sdktrace.WithSpanProcessor(badProcessor{}))
	_, op = parts.Start(context.Background(), hook.Client, "GET")
	op.End(nil)
}

// TestToldOnce runs hooks that panic in a process of their own, which says so once for each instrumentation, and where; of methods of
// the program that panic it says nothing.
func TestToldOnce(t *testing.T) {
	if os.Getenv("HOOK_TEST_TOLD") != "" {
		for range 1000 {
			guarded(hook.New("example.com/bad"), 7)
			hook.ErrorText(badError{})
			hook.Text(badStrings{})
			hook.ErrorText((*nilError)(nil))
		}
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestToldOnce$")
	cmd.Env = append(os.Environ(), "HOOK_TEST_TOLD=1")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(stderr.String()), "\n")
	if len(lines) != 1 || !strings.Contains(lines[0], "a hook of example.com/bad panicked: assignment to entry in nil map, at ") ||
		!strings.Contains(lines[0], "hook_test.guarded") || !strings.Contains(lines[0], "guard_test.go:") {
		t.Errorf("%q", lines)
	}
}
