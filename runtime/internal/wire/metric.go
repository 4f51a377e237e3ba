package wire

import (
	"encoding/binary"
	"math"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"google.golang.org/protobuf/encoding/protowire"
)

// The fields of a Metric that hold its data, and so say of which kind it is.
const (
	gaugeField, sumField, histogramField, exponentialField, summaryField = 5, 7, 9, 10, 11
)

// Metrics returns the points of all metrics that a reader of the SDK has collected.
func Metrics(scopes *Scopes, all *metricdata.ResourceMetrics, limits Limits) (records []Record) {
	for _, s := range all.ScopeMetrics {
		scope := scopes.Of(s.Scope)
		for _, m := range s.Metrics {
			p := points{scope: scope, limits: limits, metric: &metric{
				head: name(short(name(nil, 1, m.Name), 2, m.Description, MaxText), 3, m.Unit),
			}}
			switch data := m.Data.(type) {
			case metricdata.Gauge[int64]:
				numbers(p.of(gaugeField, nil), data.DataPoints, &records)
			case metricdata.Gauge[float64]:
				numbers(p.of(gaugeField, nil), data.DataPoints, &records)
			case metricdata.Sum[int64]:
				numbers(p.of(sumField, sum(data.Temporality, data.IsMonotonic)), data.DataPoints, &records)
			case metricdata.Sum[float64]:
				numbers(p.of(sumField, sum(data.Temporality, data.IsMonotonic)), data.DataPoints, &records)
			case metricdata.Histogram[int64]:
				histograms(p.of(histogramField, sum(data.Temporality, false)), data.DataPoints, &records)
			case metricdata.Histogram[float64]:
				histograms(p.of(histogramField, sum(data.Temporality, false)), data.DataPoints, &records)
			case metricdata.ExponentialHistogram[int64]:
				exponentials(p.of(exponentialField, sum(data.Temporality, false)), data.DataPoints, &records)
			case metricdata.ExponentialHistogram[float64]:
				exponentials(p.of(exponentialField, sum(data.Temporality, false)), data.DataPoints, &records)
			case metricdata.Summary:
				summaries(p.of(summaryField, nil), data.DataPoints, &records)
			}
		}
	}
	return records
}

// points makes records of the points of one metric.
type points struct {
	scope  *Scope
	metric *metric
	limits Limits
}

func (p points) of(field int, tail []byte) points {
	p.metric.data, p.metric.tail = field, tail
	return p
}

// sum is what the message of a sum or a histogram has beside the points.
func sum(t metricdata.Temporality, monotonic bool) []byte {
	var b []byte
	switch t {
	case metricdata.DeltaTemporality:
		b = varint(b, 2, 1)
	default:
		b = varint(b, 2, 2)
	}
	if monotonic {
		b = varint(b, 3, 1)
	}
	return b
}

// add adds a point, which f appends to a buffer.
func (p points) add(records *[]Record, attrs attribute.Set, attrsField protowire.Number, f func([]byte) []byte) {
	b, at := open(nil, 1)
	b = f(b)
	b, _ = set(b, attrsField, attrs, p.limits, MaxItem)
	*records = append(*records, Record{scope: p.scope, metric: p.metric, Bytes: shut(b, at)})
}

func times(b []byte, start, at time.Time) []byte {
	if n := nano(start); n != 0 {
		b = fixed64(b, 2, n)
	}
	return fixed64(b, 3, nano(at))
}

func numbers[N int64 | float64](p points, of []metricdata.DataPoint[N], records *[]Record) {
	for _, point := range of {
		p.add(records, point.Attributes, 7, func(b []byte) []byte {
			b = times(b, point.StartTime, point.Time)
			b = either(b, 4, 6, point.Value)
			return exemplars(b, 5, point.Exemplars, p.limits)
		})
	}
}

// either appends a number as a float or as an integer.
func either[N int64 | float64](b []byte, doubleField, intField protowire.Number, n N) []byte {
	switch v := any(n).(type) {
	case int64:
		return fixed64(b, intField, uint64(v))
	case float64:
		return double(b, doubleField, v)
	}
	return b
}

func histograms[N int64 | float64](p points, of []metricdata.HistogramDataPoint[N], records *[]Record) {
	for _, point := range of {
		p.add(records, point.Attributes, 9, func(b []byte) []byte {
			b = times(b, point.StartTime, point.Time)
			b = fixed64(b, 4, point.Count)
			b = double(b, 5, float64(point.Sum))
			if len(point.BucketCounts) > 0 {
				b = protowire.AppendVarint(protowire.AppendTag(b, 6, protowire.BytesType), uint64(8*len(point.BucketCounts)))
				for _, n := range point.BucketCounts {
					b = binary.LittleEndian.AppendUint64(b, n)
				}
			}
			if len(point.Bounds) > 0 {
				b = protowire.AppendVarint(protowire.AppendTag(b, 7, protowire.BytesType), uint64(8*len(point.Bounds)))
				for _, f := range point.Bounds {
					b = binary.LittleEndian.AppendUint64(b, math.Float64bits(f))
				}
			}
			b = extrema(b, 11, 12, point.Min, point.Max)
			return exemplars(b, 8, point.Exemplars, p.limits)
		})
	}
}

func extrema[N int64 | float64](b []byte, minField, maxField protowire.Number, least, most metricdata.Extrema[N]) []byte {
	if v, ok := least.Value(); ok {
		b = double(b, minField, float64(v))
	}
	if v, ok := most.Value(); ok {
		b = double(b, maxField, float64(v))
	}
	return b
}

func exponentials[N int64 | float64](p points, of []metricdata.ExponentialHistogramDataPoint[N], records *[]Record) {
	for _, point := range of {
		p.add(records, point.Attributes, 1, func(b []byte) []byte {
			b = times(b, point.StartTime, point.Time)
			b = fixed64(b, 4, point.Count)
			b = double(b, 5, float64(point.Sum))
			b = varint(b, 6, protowire.EncodeZigZag(int64(point.Scale)))
			b = fixed64(b, 7, point.ZeroCount)
			b = exponentialBuckets(b, 8, point.PositiveBucket)
			b = exponentialBuckets(b, 9, point.NegativeBucket)
			b = extrema(b, 12, 13, point.Min, point.Max)
			b = double(b, 14, point.ZeroThreshold)
			return exemplars(b, 11, point.Exemplars, p.limits)
		})
	}
}

func exponentialBuckets(b []byte, field protowire.Number, of metricdata.ExponentialBucket) []byte {
	b, at := open(b, field)
	b = varint(b, 1, protowire.EncodeZigZag(int64(of.Offset)))
	if len(of.Counts) > 0 {
		b2, in := open(b, 2)
		for _, n := range of.Counts {
			b2 = protowire.AppendVarint(b2, n)
		}
		b = shut(b2, in)
	}
	return shut(b, at)
}

func summaries(p points, of []metricdata.SummaryDataPoint, records *[]Record) {
	for _, point := range of {
		p.add(records, point.Attributes, 7, func(b []byte) []byte {
			b = times(b, point.StartTime, point.Time)
			b = double(fixed64(b, 4, point.Count), 5, point.Sum)
			for _, q := range point.QuantileValues {
				b2, at := open(b, 6)
				b = shut(double(double(b2, 1, q.Quantile), 2, q.Value), at)
			}
			return b
		})
	}
}

func exemplars[N int64 | float64](b []byte, field protowire.Number, all []metricdata.Exemplar[N], limits Limits) []byte {
	for _, e := range all {
		end := len(b) + MaxItem/16
		b2, at := open(b, field)
		b2 = fixed64(b2, 2, nano(e.Time))
		b2 = either(b2, 3, 6, e.Value)
		if len(e.SpanID) > 0 {
			b2 = bytes(b2, 4, e.SpanID)
		}
		if len(e.TraceID) > 0 {
			b2 = bytes(b2, 5, e.TraceID)
		}
		b2, _ = attributes(b2, 7, e.FilteredAttributes, limits, end)
		b = shut(b2, at)
	}
	return b
}
