package prometheus

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"
)

// TestHostileText shows metrics whose text is not UTF-8, has no bound, and holds what the format has another meaning for.
func TestHostileText(t *testing.T) {
	for _, bad := range []string{"\xff", "a\xc3", "\"} 1\nother 2\\", strings.Repeat("x\xff", 1<<20), ""} {
		attrs := attribute.NewSet(attribute.String("k", bad), attribute.String("\xffk"+bad, "v"), attribute.StringSlice("s", []string{bad, bad}), attribute.Float64Slice("f", []float64{math.NaN()}))
		all := metricdata.ResourceMetrics{Resource: resource.NewSchemaless(attribute.String("service.name", bad)), ScopeMetrics: []metricdata.ScopeMetrics{{
			Scope: instrumentation.Scope{Name: bad},
			Metrics: []metricdata.Metrics{
				{Name: "m" + bad, Description: bad, Unit: bad, Data: metricdata.Gauge[float64]{DataPoints: []metricdata.DataPoint[float64]{{Attributes: attrs, Value: math.NaN()}}}},
				{Name: "fine", Data: metricdata.Sum[int64]{IsMonotonic: true, DataPoints: []metricdata.DataPoint[int64]{{Value: 7}}}},
			}}}}
		text := string(Text(&all))
		if !utf8.ValidString(text) || len(text) > 300<<10 {
			t.Errorf("%.20q: %d bytes, valid: %v", bad, len(text), utf8.ValidString(text))
		}
		samples := 0
		for line := range strings.Lines(text) {
			if strings.HasPrefix(line, "#") {
				continue
			}
			samples++
			if !strings.HasPrefix(line, "target_info{") && !strings.HasPrefix(line, "m") && line != fmt.Sprintf("fine_total{otel_scope_name=\"%s\"} 7\n", escape(bad)) {
				t.Errorf("%.20q: %.100q", bad, line)
			}
		}
		if samples != 3 {
			t.Errorf("%.20q: %d samples", bad, samples)
		}
	}
}
