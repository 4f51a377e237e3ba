package hook_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
)

// hostile is text that a request may hold.
var hostile = "\xff" + strings.Repeat("x", 1<<20)

// TestForeignProvider has the program export the hooks' spans by an exporter of its own: what they say is cut and valid all the same.
func TestForeignProvider(t *testing.T) {
	spans := record(t)
	_, op := lib.Start(context.Background(), hook.Client, hostile, attribute.String("early", hostile))
	op.Set(attribute.String("late\xff", hostile), attribute.StringSlice("all", []string{"ok", "\xff"}))
	op.Panicked(hostile)
	op.End(errors.New(hostile))
	s := spans.Ended()[0]
	texts := []string{s.Name(), s.Status().Description}
	for _, kv := range s.Attributes() {
		texts = append(texts, string(kv.Key), kv.Value.AsString())
		texts = append(texts, kv.Value.AsStringSlice()...)
	}
	for _, kv := range s.Events()[0].Attributes {
		texts = append(texts, kv.Value.AsString())
	}
	for _, text := range texts {
		if len(text) > 16<<10 || !utf8.ValidString(text) {
			t.Errorf("%d bytes: %.20q", len(text), text)
		}
	}
	if len(texts) < 12 {
		t.Errorf("%d texts", len(texts))
	}
}

// keeper is a provider of a program's own, whose spans keep what they are given.
type keeper struct {
	noop.TracerProvider
	kept [][]attribute.KeyValue
}

func (k *keeper) Tracer(string, ...trace.TracerOption) trace.Tracer { return keeping{keeper: k} }

type keeping struct {
	noop.Tracer
	keeper *keeper
}

func (k keeping) Start(ctx context.Context, _ string, options ...trace.SpanStartOption) (context.Context, trace.Span) {
	config := trace.NewSpanStartConfig(options...)
	span := kept{keeper: k.keeper}
	span.SetAttributes(config.Attributes()...)
	return trace.ContextWithSpan(ctx, span), span
}

type kept struct {
	noop.Span
	keeper *keeper
}

func (kept) IsRecording() bool                        { return true }
func (k kept) TracerProvider() trace.TracerProvider   { return k.keeper }
func (k kept) SetAttributes(kv ...attribute.KeyValue) { k.keeper.kept = append(k.keeper.kept, kv) }

// TestForeignSpanKeepsAttributes uses the memory of attributes again that a span of the program's own was given, as hooks do.
func TestForeignSpanKeepsAttributes(t *testing.T) {
	before := otel.GetTracerProvider()
	defer otel.SetTracerProvider(before)
	k := new(keeper)
	otel.SetTracerProvider(k)
	buffer := []attribute.KeyValue{attribute.String("early", "kept")}
	_, op, _ := lib.StartBare(context.Background(), hook.Client, "s", func() []attribute.KeyValue { return buffer })
	clear(buffer)
	buffer = append(buffer[:0], attribute.String("late", "kept"))
	op.Set(buffer...)
	clear(buffer)
	op.End(nil)
	var all []attribute.KeyValue
	for _, kv := range k.kept {
		all = append(all, kv...)
	}
	if want := []attribute.KeyValue{attribute.String("early", "kept"), attribute.String("late", "kept")}; !slices.Equal(all, want) {
		t.Errorf("the program's span has %v", all)
	}
}

type key struct {
	host  string
	inner struct{ route string }
}

// TestMetricsKeepLittle measures with attributes that are parts of large texts, and with large ones: what is kept is small.
func TestMetricsKeepLittle(t *testing.T) {
	before := otel.GetMeterProvider()
	reader := sdkmetric.NewManualReader()
	otel.SetMeterProvider(sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader), sdkmetric.WithCardinalityLimit(100)))
	defer otel.SetMeterProvider(before)
	attrs := func(k key) []attribute.KeyValue {
		return []attribute.KeyValue{attribute.String("host", k.host), attribute.String("route", k.inner.route)}
	}
	d := hook.NewDuration(lib, "d", "", nil, attrs)
	a := hook.NewActive(lib, "a", "1", "", attrs)
	heap := func(size int) int64 {
		var m1, m2 runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m1)
		for i := range 300 {
			line := strings.Repeat(fmt.Sprintf("%09d\xff", i+size), 10_000)
			k := key{host: line[:size]}
			k.inner.route = line[3 : 3+size]
			d.Stop(context.Background(), d.Start(), k)
			if n := a.Count(k); n != nil {
				n.Add(1)
			}
		}
		runtime.GC()
		runtime.ReadMemStats(&m2)
		return int64(m2.HeapAlloc) - int64(m1.HeapAlloc)
	}
	for _, size := range []int{9, 90_000} {
		if grown := heap(size); grown > 4<<20 {
			t.Errorf("texts of %d bytes: %d bytes are kept", size, grown)
		}
	}
	var all metricdata.ResourceMetrics
	if err := reader.Collect(context.Background(), &all); err != nil {
		t.Fatal(err)
	}
	points := 0
	for _, m := range all.ScopeMetrics[0].Metrics {
		if data, yes := m.Data.(metricdata.Histogram[float64]); yes {
			for _, p := range data.DataPoints {
				points++
				for _, kv := range p.Attributes.ToSlice() {
					if s := kv.Value.AsString(); !utf8.ValidString(s) || len(s) > 1<<10 {
						t.Errorf("%d bytes: %.20q", len(s), s)
					}
				}
			}
		}
	}
	if points < 50 {
		t.Errorf("%d points", points)
	}
	runtime.KeepAlive(d)
	runtime.KeepAlive(a)
}
