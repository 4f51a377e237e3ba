package hook_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

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
