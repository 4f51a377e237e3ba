package hook_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
)

// The library that the hooks below are for.
type client struct{ fail error }

func (c *client) get(ctx context.Context, key string) (value []byte, err error) {
	// What goweave inserts.
	ctx, exit := get(c, ctx, key)
	if exit != nil {
		defer func() { exit(value, err) }()
	}
	if trace.SpanFromContext(ctx).SpanContext().IsValid() {
		value = []byte("in a span")
	}
	return value, c.fail
}

// The hook, as the package's documentation shows it.
var lib = hook.New("example.com/cache")

func get(c *client, ctx context.Context, key string) (context.Context, func([]byte, error)) {
	ctx, op := lib.Start(ctx, hook.Client, "GET", attribute.String("db.system.name", "cache"))
	if !op.Recording() {
		return ctx, nil // an operation of kind Client is not active in the goroutine, so it need not end
	}
	return ctx, func(_ []byte, err error) { op.End(err) }
}

// record has spans recorded until the test ends.
func record(t *testing.T, options ...sdktrace.TracerProviderOption) *tracetest.SpanRecorder {
	t.Helper()
	spans := tracetest.NewSpanRecorder()
	before := otel.GetTracerProvider()
	otel.SetTracerProvider(sdktrace.NewTracerProvider(append(options, sdktrace.WithSpanProcessor(spans))...))
	t.Cleanup(func() { otel.SetTracerProvider(before) })
	return spans
}

func TestClient(t *testing.T) {
	spans := record(t)
	ctx, parent := otel.Tracer("test").Start(context.Background(), "parent")
	if value, err := new(client).get(ctx, "key"); string(value) != "in a span" || err != nil {
		t.Errorf("%q %v", value, err)
	}
	if _, err := (&client{fmt.Errorf("around: %w", errors.New("no"))}).get(ctx, "key"); err == nil {
		t.Error("no error")
	}
	parent.End()
	all := spans.Ended()
	if len(all) != 3 {
		t.Fatalf("%d spans", len(all))
	}
	for i, s := range all[:2] {
		if s.Name() != "GET" || s.SpanKind() != trace.SpanKindClient || s.Parent().SpanID() != parent.SpanContext().SpanID() ||
			s.InstrumentationScope().Name != hook.Scope+"example.com/cache" || (s.Status().Code == codes.Error) != (i == 1) {
			t.Errorf("%+v", s)
		}
	}
	if got := fmt.Sprint(all[1].Attributes()); !strings.Contains(got, "db.system.name") || !strings.Contains(got, "error.type") || !strings.Contains(got, "*errors.errorString") {
		t.Error(got)
	}
}

// TestNothing checks that operations that nobody records allocate nothing.
func TestNothing(t *testing.T) {
	before := otel.GetTracerProvider()
	defer otel.SetTracerProvider(before)
	c, ctx := new(client), context.Background()
	otel.SetTracerProvider(noop.NewTracerProvider())
	suppressed := hook.Suppress(ctx)
	if n := testing.AllocsPerRun(100, func() { c.get(suppressed, "key") }); n > 1 {
		t.Errorf("suppressed: %v allocations", n)
	}
	var none *hook.Instrumentation
	if n := testing.AllocsPerRun(100, func() {
		_, op, _ := none.StartBare(ctx, hook.Client, "GET", nil)
		op.Set()
		op.Fail(nil)
		op.Leave()
		op.End(nil)
	}); n > 0 {
		t.Errorf("before initialisation: %v allocations", n)
	}
}

func TestSuppress(t *testing.T) {
	spans := record(t)
	ctx := hook.Suppress(context.Background())
	if value, _ := new(client).get(ctx, "key"); value != nil || !hook.Suppressed(ctx) || hook.Suppressed(context.Background()) {
		t.Errorf("%q", value)
	}
	if n := len(spans.Ended()); n != 0 {
		t.Errorf("%d spans", n)
	}
	new(client).get(context.Background(), "key")
	if n := len(spans.Ended()); n != 1 {
		t.Errorf("%d spans without suppression", n)
	}
}

// wrapper is around a RoundTripper.
type wrapper struct {
	http.RoundTripper
	by *hook.Instrumentation
}

func (w wrapper) WeaveWrapped() *hook.Instrumentation { return w.by }

func TestOnce(t *testing.T) {
	other := hook.New("other")
	wrap := func(by *hook.Instrumentation) func(http.RoundTripper) http.RoundTripper {
		return func(r http.RoundTripper) http.RoundTripper { return wrapper{r, by} }
	}
	one := hook.Once(lib, http.DefaultTransport, wrap(lib))
	if again := hook.Once(lib, one, wrap(lib)); again != one {
		t.Error("wrapped twice")
	}
	if both := hook.Once(other, one, wrap(other)); both == one {
		t.Error("another instrumentation's wrapper keeps ours away")
	}
}

// TestLimits checks that OpenTelemetry's limits are those of the hooks' spans.
func TestLimits(t *testing.T) {
	limits := sdktrace.NewSpanLimits()
	limits.AttributeCountLimit, limits.AttributeValueLengthLimit = 1, 3
	spans := record(t, sdktrace.WithRawSpanLimits(limits))
	_, op := lib.Start(context.Background(), hook.Internal, "x")
	op.Set(attribute.String("a", "long text"), attribute.String("b", "c"))
	op.End(nil)
	if got := spans.Ended()[0]; len(got.Attributes()) != 1 || got.Attributes()[0].Value.AsString() != "lon" || got.DroppedAttributes() != 1 {
		t.Errorf("%v", got.Attributes())
	}
}

func TestErrorType(t *testing.T) {
	for want, err := range map[string]error{
		"":                    nil,
		"*errors.errorString": errors.New(""),
		"*http.ProtocolError": fmt.Errorf("a: %w", fmt.Errorf("b: %w", http.ErrNotSupported)),
	} {
		if got := hook.ErrorType(err); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestCarries(t *testing.T) {
	if !hook.Carries(propagation.TraceContext{}, http.Header{}) {
		t.Error("another propagator may know other headers")
	}
	own := otel.GetTextMapPropagator()
	if hook.Carries(own, http.Header{"Accept": {"x"}}) || !hook.Carries(own, http.Header{"Traceparent": {"x"}}) {
		t.Error("what OTEL_PROPAGATORS names reads traceparent")
	}
}

func TestActiveSpan(t *testing.T) {
	for _, ctx := range []context.Context{nil, context.Background()} {
		if span, ok := hook.ActiveSpan(ctx); ok {
			t.Errorf("%v", span)
		}
	}
	record(t)
	ctx, op := lib.Start(context.Background(), hook.Internal, "x")
	defer op.End(nil)
	if span, ok := hook.ActiveSpan(ctx); !ok || span.SpanContext().SpanID() != op.Span().SpanContext().SpanID() {
		t.Errorf("%v %v", span, ok)
	}
}
