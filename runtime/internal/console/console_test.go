package console

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/rules-go-weave/rules_go_weave/runtime/internal/wire"
)

// TestHostileSpan prints a span whose text is not UTF-8 and has no bound, and whose numbers have no form in JSON.
func TestHostileSpan(t *testing.T) {
	bad := strings.Repeat("x", 1<<20) + "\xff"
	attrs := []attribute.KeyValue{attribute.String("\xff", "\xff"), attribute.String("long", bad), attribute.Float64("nan", math.NaN()), attribute.Float64("f", 1.5),
		attribute.Float64Slice("infs", []float64{1, math.Inf(-1)})}
	s := tracetest.SpanStub{Name: bad, Attributes: attrs, Events: []sdktrace.Event{{Name: bad, Attributes: attrs}}, Links: []sdktrace.Link{{Attributes: attrs}},
		Status: sdktrace.Status{Description: bad}, Resource: resource.Empty()}.Snapshot()
	line := span([]byte("before "), wire.OfSDK(s, new(wire.Scopes)), resource.Empty(), wire.DefaultLimits)
	var got struct {
		Name       string
		Attributes []struct{ Value struct{ Value any } }
	}
	text, yes := strings.CutPrefix(string(line), "before ")
	if err := json.Unmarshal([]byte(text), &got); !yes || err != nil || strings.Count(text, "\n") != 1 || len(text) > 100<<10 || !utf8.ValidString(text) {
		t.Fatalf("%v, %d bytes, %.100s", err, len(text), text)
	}
	if len(got.Name) != wire.MaxName || len(got.Attributes) != 5 || got.Attributes[2].Value.Value != "NaN" || got.Attributes[3].Value.Value != 1.5 || got.Attributes[4].Value.Value != "[1 -Inf]" {
		t.Errorf("%d %.300v", len(got.Name), got.Attributes)
	}
}

// TestMetricsWithoutAForm prints metrics of which one has no form in JSON: the others are as they always are.
func TestMetricsWithoutAForm(t *testing.T) {
	point := func(f float64) metricdata.Gauge[float64] {
		return metricdata.Gauge[float64]{DataPoints: []metricdata.DataPoint[float64]{{Value: f}}}
	}
	all := &metricdata.ResourceMetrics{Resource: resource.Empty(), ScopeMetrics: []metricdata.ScopeMetrics{{Metrics: []metricdata.Metrics{{Name: "nan", Data: point(math.NaN())}, {Name: "one", Data: point(1)}}}}}
	line, err := json.Marshal(metrics(all))
	if err != nil || !strings.Contains(string(line), `"Name":"one"`) || !strings.Contains(string(line), `"Value":1`) || !strings.Contains(string(line), "NaN") {
		t.Errorf("%s, %v", line, err)
	}
	all.ScopeMetrics[0].Metrics = all.ScopeMetrics[0].Metrics[1:]
	if metrics(all) != any(all) {
		t.Error("changed for nothing")
	}
}
