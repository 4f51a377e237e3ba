package otlp

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	metricspb "go.opentelemetry.io/proto/otlp/metrics/v1"
	resourcepb "go.opentelemetry.io/proto/otlp/resource/v1"
)

// SendMetrics sends what a reader of the SDK has collected. OpenTelemetry's own package for this has its messages made where no
// other package can ask for them, and links grpc.
func SendMetrics(ctx context.Context, c Sender, all *metricdata.ResourceMetrics) error {
	if len(all.ScopeMetrics) == 0 {
		return nil
	}
	out := &metricspb.ResourceMetrics{
		Resource:  Resource(all.Resource),
		SchemaUrl: all.Resource.SchemaURL(),
	}
	for _, s := range all.ScopeMetrics {
		scope := &metricspb.ScopeMetrics{
			Scope:     &commonpb.InstrumentationScope{Name: s.Scope.Name, Version: s.Scope.Version, Attributes: keyValues(s.Scope.Attributes.ToSlice())},
			SchemaUrl: s.Scope.SchemaURL,
		}
		for _, m := range s.Metrics {
			scope.Metrics = append(scope.Metrics, metric(m))
		}
		out.ScopeMetrics = append(out.ScopeMetrics, scope)
	}
	// MetricsData looks on the wire like the ExportMetricsServiceRequest that the protocol names.
	return c.Send(ctx, &metricspb.MetricsData{ResourceMetrics: []*metricspb.ResourceMetrics{out}})
}

// Resource is a resource as a message.
func Resource(r *resource.Resource) *resourcepb.Resource {
	return &resourcepb.Resource{Attributes: keyValues(r.Attributes())}
}

// metric is a metric as a message. One of a kind that the SDK does not make by itself has no data.
func metric(m metricdata.Metrics) *metricspb.Metric {
	out := &metricspb.Metric{Name: m.Name, Description: m.Description, Unit: m.Unit}
	switch data := m.Data.(type) {
	case metricdata.Gauge[int64]:
		out.Data = &metricspb.Metric_Gauge{Gauge: &metricspb.Gauge{DataPoints: numbers(data.DataPoints)}}
	case metricdata.Gauge[float64]:
		out.Data = &metricspb.Metric_Gauge{Gauge: &metricspb.Gauge{DataPoints: numbers(data.DataPoints)}}
	case metricdata.Sum[int64]:
		out.Data = &metricspb.Metric_Sum{Sum: &metricspb.Sum{DataPoints: numbers(data.DataPoints), IsMonotonic: data.IsMonotonic, AggregationTemporality: temporality(data.Temporality)}}
	case metricdata.Sum[float64]:
		out.Data = &metricspb.Metric_Sum{Sum: &metricspb.Sum{DataPoints: numbers(data.DataPoints), IsMonotonic: data.IsMonotonic, AggregationTemporality: temporality(data.Temporality)}}
	case metricdata.Histogram[int64]:
		out.Data = &metricspb.Metric_Histogram{Histogram: &metricspb.Histogram{DataPoints: histograms(data.DataPoints), AggregationTemporality: temporality(data.Temporality)}}
	case metricdata.Histogram[float64]:
		out.Data = &metricspb.Metric_Histogram{Histogram: &metricspb.Histogram{DataPoints: histograms(data.DataPoints), AggregationTemporality: temporality(data.Temporality)}}
	}
	return out
}

func numbers[N int64 | float64](points []metricdata.DataPoint[N]) (out []*metricspb.NumberDataPoint) {
	for _, p := range points {
		n := &metricspb.NumberDataPoint{Attributes: keyValues(p.Attributes.ToSlice()), StartTimeUnixNano: nano(p.StartTime), TimeUnixNano: nano(p.Time), Exemplars: exemplars(p.Exemplars)}
		switch v := any(p.Value).(type) {
		case int64:
			n.Value = &metricspb.NumberDataPoint_AsInt{AsInt: v}
		case float64:
			n.Value = &metricspb.NumberDataPoint_AsDouble{AsDouble: v}
		}
		out = append(out, n)
	}
	return out
}

func histograms[N int64 | float64](points []metricdata.HistogramDataPoint[N]) (out []*metricspb.HistogramDataPoint) {
	for _, p := range points {
		sum := float64(p.Sum)
		h := &metricspb.HistogramDataPoint{
			Attributes: keyValues(p.Attributes.ToSlice()), StartTimeUnixNano: nano(p.StartTime), TimeUnixNano: nano(p.Time),
			Count: p.Count, Sum: &sum, BucketCounts: p.BucketCounts, ExplicitBounds: p.Bounds, Exemplars: exemplars(p.Exemplars),
		}
		if v, ok := p.Min.Value(); ok {
			least := float64(v)
			h.Min = &least
		}
		if v, ok := p.Max.Value(); ok {
			most := float64(v)
			h.Max = &most
		}
		out = append(out, h)
	}
	return out
}

func exemplars[N int64 | float64](all []metricdata.Exemplar[N]) (out []*metricspb.Exemplar) {
	for _, e := range all {
		m := &metricspb.Exemplar{FilteredAttributes: keyValues(e.FilteredAttributes), TimeUnixNano: nano(e.Time), SpanId: e.SpanID, TraceId: e.TraceID}
		switch v := any(e.Value).(type) {
		case int64:
			m.Value = &metricspb.Exemplar_AsInt{AsInt: v}
		case float64:
			m.Value = &metricspb.Exemplar_AsDouble{AsDouble: v}
		}
		out = append(out, m)
	}
	return out
}

func temporality(t metricdata.Temporality) metricspb.AggregationTemporality {
	if t == metricdata.DeltaTemporality {
		return metricspb.AggregationTemporality_AGGREGATION_TEMPORALITY_DELTA
	}
	return metricspb.AggregationTemporality_AGGREGATION_TEMPORALITY_CUMULATIVE
}

func nano(t time.Time) uint64 {
	if t.IsZero() {
		return 0
	}
	return uint64(max(0, t.UnixNano()))
}

func keyValues(attrs []attribute.KeyValue) (out []*commonpb.KeyValue) {
	for _, kv := range attrs {
		out = append(out, &commonpb.KeyValue{Key: string(kv.Key), Value: value(kv.Value)})
	}
	return out
}

func value(v attribute.Value) *commonpb.AnyValue {
	switch v.Type() {
	case attribute.BOOL:
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_BoolValue{BoolValue: v.AsBool()}}
	case attribute.INT64:
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_IntValue{IntValue: v.AsInt64()}}
	case attribute.FLOAT64:
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_DoubleValue{DoubleValue: v.AsFloat64()}}
	case attribute.BOOLSLICE:
		return list(v.AsBoolSlice(), attribute.BoolValue)
	case attribute.INT64SLICE:
		return list(v.AsInt64Slice(), attribute.Int64Value)
	case attribute.FLOAT64SLICE:
		return list(v.AsFloat64Slice(), attribute.Float64Value)
	case attribute.STRINGSLICE:
		return list(v.AsStringSlice(), attribute.StringValue)
	}
	return &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: v.AsString()}}
}

func list[T any](values []T, make func(T) attribute.Value) *commonpb.AnyValue {
	array := &commonpb.ArrayValue{}
	for _, v := range values {
		array.Values = append(array.Values, value(make(v)))
	}
	return &commonpb.AnyValue{Value: &commonpb.AnyValue_ArrayValue{ArrayValue: array}}
}
