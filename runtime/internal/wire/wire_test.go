package wire

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"
	"unsafe"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	logspb "go.opentelemetry.io/proto/otlp/logs/v1"
	metricspb "go.opentelemetry.io/proto/otlp/metrics/v1"
	resourcepb "go.opentelemetry.io/proto/otlp/resource/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// random makes telemetry.
type random struct {
	*rand.Rand
	hostile bool
}

func (r random) text() string {
	if !r.hostile {
		return []string{"", "a", "GET /items/{sku}", "größer", "日本語", strings.Repeat("x", 127), strings.Repeat("y", 128)}[r.IntN(7)]
	}
	return hostile[r.IntN(len(hostile))]
}

var hostile = []string{"\xff", "a\xc3", "\xe2\x82", "ok", strings.Repeat("\xff\xfe", 1<<16), strings.Repeat("a", 1<<18), strings.Repeat("é", 40_000),
	strings.Repeat("\xf0\x9f\x98", 30_000), "\xed\xa0\x80", "\x00"}

func many[T any](r random, most int, one func() T) (all []T) {
	for range r.IntN(most + 1) {
		all = append(all, one())
	}
	return all
}

func (r random) value() attribute.Value {
	float := func() float64 { return []float64{0, -1.5, math.MaxFloat64, math.Inf(1), math.Inf(-1)}[r.IntN(5)] }
	integer := func() int64 { return []int64{0, 1, -1, 127, 128, math.MinInt64, math.MaxInt64}[r.IntN(7)] }
	boolean := func() bool { return r.IntN(2) == 0 }
	switch r.IntN(9) {
	case 0:
		return attribute.BoolValue(boolean())
	case 1:
		return attribute.Int64Value(integer())
	case 2:
		return attribute.Float64Value(float())
	case 3:
		return attribute.BoolSliceValue(many(r, 3, boolean))
	case 4:
		return attribute.Int64SliceValue(many(r, 3, integer))
	case 5:
		return attribute.Float64SliceValue(many(r, 3, float))
	case 6:
		return attribute.StringSliceValue(many(r, 3, r.text))
	case 7:
		return attribute.Value{}
	}
	return attribute.StringValue(r.text())
}

func (r random) attributes() []attribute.KeyValue {
	return many(r, 5, func() attribute.KeyValue { return attribute.KeyValue{Key: attribute.Key(r.text()), Value: r.value()} })
}

func (r random) time() time.Time {
	return []time.Time{time.Unix(0, 1), time.Unix(1_700_000_000, 123), time.Unix(-5, 0)}[r.IntN(3)]
}

func (r random) context() trace.SpanContext {
	var c trace.SpanContextConfig
	r.fill(c.TraceID[:])
	r.fill(c.SpanID[:])
	c.Remote, c.TraceFlags = r.IntN(2) == 0, trace.TraceFlags(r.IntN(2))
	if r.IntN(3) == 0 {
		c.TraceState, _ = trace.ParseTraceState("a=1,b=2")
	}
	return trace.NewSpanContext(c)
}

func (r random) fill(b []byte) {
	for i := range b {
		b[i] = byte(r.IntN(256))
	}
}

func (r random) scope() instrumentation.Scope {
	return instrumentation.Scope{Name: r.text(), Version: r.text(), SchemaURL: r.text(), Attributes: attribute.NewSet(r.attributes()...)}
}

func (r random) span(res *resource.Resource, scope instrumentation.Scope) sdktrace.ReadOnlySpan {
	s := tracetest.SpanStub{
		Name: r.text(), SpanContext: r.context(), SpanKind: trace.SpanKind(r.IntN(7)), StartTime: r.time(), EndTime: r.time(), Attributes: r.attributes(),
		Events: many(r, 3, func() sdktrace.Event {
			return sdktrace.Event{Name: r.text(), Attributes: r.attributes(), DroppedAttributeCount: r.IntN(3), Time: r.time()}
		}),
		Links: many(r, 3, func() sdktrace.Link {
			return sdktrace.Link{SpanContext: r.context(), Attributes: r.attributes(), DroppedAttributeCount: r.IntN(3)}
		}),
		Status:            sdktrace.Status{Code: codes.Code(r.IntN(3)), Description: r.text()},
		DroppedAttributes: r.IntN(3), DroppedEvents: r.IntN(3), DroppedLinks: r.IntN(3),
		Resource: res, InstrumentationScope: scope,
	}
	if r.IntN(2) == 0 {
		s.Parent = r.context()
	}
	return s.Snapshot()
}

// official has what OpenTelemetry's own exporter sends.
type official struct{ sent []*tracepb.ResourceSpans }

func (*official) Start(context.Context) error { return nil }
func (*official) Stop(context.Context) error  { return nil }
func (o *official) UploadTraces(_ context.Context, sent []*tracepb.ResourceSpans) error {
	o.sent = append(o.sent, sent...)
	return nil
}

func same(t *testing.T, got, want proto.Message) {
	t.Helper()
	if !proto.Equal(got, want) {
		ours, theirs := strings.Split(prototext.Format(got), "\n"), strings.Split(prototext.Format(want), "\n")
		for i := range min(len(ours), len(theirs)) {
			if strings.Join(strings.Fields(ours[i]), "") != strings.Join(strings.Fields(theirs[i]), "") {
				t.Fatalf("line %d: got\n%.300s\nwant\n%.300s", i, ours[i], theirs[i])
			}
		}
		t.Fatalf("got %d lines, want %d", len(ours), len(theirs))
	}
}

// TestSpans compares what is sent with what OpenTelemetry's own exporter sends.
func TestSpans(t *testing.T) {
	r := random{Rand: rand.New(rand.NewPCG(1, 2))}
	for range 3000 {
		res := resource.NewWithAttributes(r.text(), r.attributes()...)
		var scopes Scopes
		var records []Record
		var spans []sdktrace.ReadOnlySpan
		all := []instrumentation.Scope{r.scope(), r.scope()}
		for range 1 + r.IntN(4) {
			s := r.span(res, all[r.IntN(2)])
			spans = append(spans, s)
			told := OfSDK(s, &scopes)
			records = append(records, NewRecord(told.Scope, AppendSpan(nil, told, DefaultLimits)))
		}
		var theirs official
		if err := otlptrace.NewUnstarted(&theirs).ExportSpans(context.Background(), spans); err != nil {
			t.Fatal(err)
		}
		Sort(records)
		var got tracepb.TracesData
		if err := proto.Unmarshal(AppendRequest(nil, NewResource(res), records), &got); err != nil {
			t.Fatal(err)
		}
		// Their order of scopes is that of the first spans as well. What they leave out: a link's trace state, a trace's flags.
		for _, rs := range got.ResourceSpans {
			for _, ss := range rs.ScopeSpans {
				for _, s := range ss.Spans {
					s.Flags &^= 0xff
					for _, l := range s.Links {
						l.TraceState, l.Flags = "", l.Flags&^0xff
					}
				}
			}
		}
		same(t, &got, &tracepb.TracesData{ResourceSpans: theirs.sent})
	}
}

// limited checks that a message has no text that is too long.
func limited(t *testing.T, m protoreflect.Message, longest int) {
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		check := func(v protoreflect.Value) {
			switch f.Kind() {
			case protoreflect.MessageKind:
				limited(t, v.Message(), longest)
			case protoreflect.StringKind:
				if n := len(v.String()); n > longest || f.Name() == "key" && n > MaxName || f.Name() == "name" && n > MaxName {
					t.Errorf("%s has %d bytes", f.FullName(), n)
				}
				if !utf8.ValidString(v.String()) {
					t.Errorf("%s is not UTF-8", f.FullName())
				}
			}
		}
		if f.IsList() {
			for i := range v.List().Len() {
				check(v.List().Get(i))
			}
		} else {
			check(v)
		}
		return true
	})
}

// TestHostile encodes text that is not UTF-8 and has no bounds: in every field, of every signal.
func TestHostile(t *testing.T) {
	r := random{rand.New(rand.NewPCG(3, 4)), true}
	for i := range 40 {
		res := resource.NewWithAttributes(r.text(), r.attributes()...)
		scope := r.scope()
		var scopes Scopes
		limits, longest := DefaultLimits, MaxText
		if i%2 == 1 {
			limits, longest = LimitChars(20), MaxText // a status and a body are no attributes
		}
		span := AppendSpan(nil, OfSDK(r.span(res, scope), new(Scopes)), limits)
		if len(span) > MaxItem+64 {
			t.Fatalf("a span of %d bytes", len(span))
		}
		var traces tracepb.TracesData
		unmarshal(t, AppendRequest(nil, NewResource(res), []Record{NewRecord(scopes.Of(scope), span)}), &traces)
		limited(t, traces.ProtoReflect(), longest)
		for _, kv := range traces.ResourceSpans[0].ScopeSpans[0].Spans[0].Attributes {
			if n := utf8.RuneCountInString(kv.Value.GetStringValue()); i%2 == 1 && n > 20 {
				t.Errorf("%d characters, limited to 20", n)
			}
		}

		var metrics metricspb.MetricsData
		unmarshal(t, AppendRequest(nil, NewResource(res), Metrics(&scopes, r.metrics(res, scope), DefaultLimits)), &metrics)
		limited(t, metrics.ProtoReflect(), longest)

		log := NewLog(nil, LogHeader{Time: r.time(), Observed: r.time(), Severity: 9, SeverityText: r.text(), Body: r.text(), Span: r.context()}, DefaultLimits, 128)
		log.Group(r.text(), func() {
			log.Text(r.text(), r.text())
			log.Group("empty", func() {})
			log.Bytes("raw", []byte(r.text()))
		})
		for range 300 {
			log.Text(r.text(), r.text())
		}
		record := log.End()
		if len(record) > MaxItem+64 {
			t.Fatalf("a record of %d bytes", len(record))
		}
		var logs logspb.LogsData
		unmarshal(t, AppendRequest(nil, NewResource(res), []Record{NewRecord(scopes.Of(scope), record)}), &logs)
		limited(t, logs.ProtoReflect(), longest)
		one := logs.ResourceLogs[0].ScopeLogs[0].LogRecords[0]
		if n := len(one.Attributes) + int(one.DroppedAttributesCount); n != 301 {
			t.Errorf("%d attributes", n)
		}
	}
}

func unmarshal(t *testing.T, b []byte, m proto.Message) {
	t.Helper()
	if err := proto.Unmarshal(b, m); err != nil {
		t.Fatal(err)
	}
}

// TestItemIsBounded has a span with as many large values as the SDK allows.
func TestItemIsBounded(t *testing.T) {
	big := attribute.String("k", strings.Repeat("x", MaxText))
	slice := attribute.StringSlice("s", slices.Repeat([]string{strings.Repeat("x", 1000)}, 10_000))
	attrs := append(slices.Repeat([]attribute.KeyValue{big}, 127), slice)
	s := tracetest.SpanStub{Attributes: attrs, Events: slices.Repeat([]sdktrace.Event{{Name: "e", Attributes: attrs}}, 128), Links: slices.Repeat([]sdktrace.Link{{Attributes: attrs}}, 128)}.Snapshot()
	b := AppendSpan(nil, OfSDK(s, new(Scopes)), DefaultLimits)
	if len(b) > MaxItem+64 {
		t.Errorf("%d bytes", len(b))
	}
	var got tracepb.TracesData
	unmarshal(t, AppendRequest(nil, NewResource(nil), []Record{NewRecord(new(Scopes).Of(instrumentation.Scope{}), b)}), &got)
	span := got.ResourceSpans[0].ScopeSpans[0].Spans[0]
	if len(span.Attributes)+int(span.DroppedAttributesCount) != 128 || len(span.Events)+int(span.DroppedEventsCount) != 128 || len(span.Links)+int(span.DroppedLinksCount) != 128 {
		t.Errorf("%d of 128 attributes and %d dropped, %d events and %d, %d links and %d", len(span.Attributes), span.DroppedAttributesCount,
			len(span.Events), span.DroppedEventsCount, len(span.Links), span.DroppedLinksCount)
	}
}

func (r random) metrics(res *resource.Resource, scope instrumentation.Scope) *metricdata.ResourceMetrics {
	return &metricdata.ResourceMetrics{Resource: res, ScopeMetrics: []metricdata.ScopeMetrics{{Scope: scope, Metrics: []metricdata.Metrics{
		{Name: r.text(), Description: r.text(), Unit: r.text(), Data: metricdata.Gauge[int64]{DataPoints: points2(r, int64(-3))}},
		{Name: r.text(), Data: metricdata.Gauge[float64]{DataPoints: points2(r, math.Inf(1))}},
		{Name: r.text(), Data: metricdata.Sum[int64]{DataPoints: points2(r, int64(5)), IsMonotonic: true, Temporality: metricdata.DeltaTemporality}},
		{Name: r.text(), Data: metricdata.Sum[float64]{DataPoints: points2(r, 0.5), Temporality: metricdata.CumulativeTemporality}},
		{Name: r.text(), Data: metricdata.Histogram[int64]{DataPoints: buckets(r, int64(7)), Temporality: metricdata.DeltaTemporality}},
		{Name: r.text(), Data: metricdata.Histogram[float64]{DataPoints: buckets(r, 7.5), Temporality: metricdata.CumulativeTemporality}},
		{Name: r.text(), Data: metricdata.ExponentialHistogram[int64]{DataPoints: exponents(r, int64(7)), Temporality: metricdata.DeltaTemporality}},
		{Name: r.text(), Data: metricdata.ExponentialHistogram[float64]{DataPoints: exponents(r, 7.5), Temporality: metricdata.CumulativeTemporality}},
		{Name: r.text(), Data: metricdata.Summary{DataPoints: []metricdata.SummaryDataPoint{{Attributes: r.set(), StartTime: r.time(), Time: r.time(), Count: 3, Sum: 4.5, QuantileValues: []metricdata.QuantileValue{{Quantile: 0.5, Value: 2}}}}}},
	}}}}
}

func (r random) set() attribute.Set { return attribute.NewSet(r.attributes()...) }

func examples[N int64 | float64](r random, n N) []metricdata.Exemplar[N] {
	return many(r, 2, func() metricdata.Exemplar[N] {
		c := r.context()
		traceID, spanID := c.TraceID(), c.SpanID()
		return metricdata.Exemplar[N]{FilteredAttributes: r.attributes(), Time: r.time(), Value: n, TraceID: traceID[:], SpanID: spanID[:]}
	})
}

func points2[N int64 | float64](r random, n N) []metricdata.DataPoint[N] {
	return many(r, 3, func() metricdata.DataPoint[N] {
		return metricdata.DataPoint[N]{Attributes: r.set(), StartTime: r.time(), Time: r.time(), Value: n, Exemplars: examples(r, n)}
	})
}

func buckets[N int64 | float64](r random, n N) []metricdata.HistogramDataPoint[N] {
	return many(r, 3, func() metricdata.HistogramDataPoint[N] {
		p := metricdata.HistogramDataPoint[N]{Attributes: r.set(), StartTime: r.time(), Time: r.time(), Count: 9, Bounds: []float64{0, 1.5}, BucketCounts: []uint64{1, 0, 8}, Sum: n, Exemplars: examples(r, n)}
		if r.IntN(2) == 0 {
			p.Min, p.Max = metricdata.NewExtrema(n), metricdata.NewExtrema(n)
		}
		return p
	})
}

func exponents[N int64 | float64](r random, n N) []metricdata.ExponentialHistogramDataPoint[N] {
	return many(r, 3, func() metricdata.ExponentialHistogramDataPoint[N] {
		return metricdata.ExponentialHistogramDataPoint[N]{Attributes: r.set(), StartTime: r.time(), Time: r.time(), Count: 9, Min: metricdata.NewExtrema(n), Max: metricdata.NewExtrema(n),
			Sum: n, Scale: int32(r.IntN(40) - 20), ZeroCount: 2, ZeroThreshold: 0.25, PositiveBucket: metricdata.ExponentialBucket{Offset: -3, Counts: []uint64{0, 1, 300}}, Exemplars: examples(r, n)}
	})
}

// TestMetrics compares what is sent with messages that are made field by field.
func TestMetrics(t *testing.T) {
	r := random{Rand: rand.New(rand.NewPCG(5, 6))}
	for range 500 {
		res := resource.NewWithAttributes(r.text(), r.attributes()...)
		scope := r.scope()
		all := r.metrics(res, scope)
		want := &metricspb.ResourceMetrics{Resource: &resourcepb.Resource{Attributes: keyValues(res.Attributes())}, SchemaUrl: res.SchemaURL()}
		to := &metricspb.ScopeMetrics{SchemaUrl: scope.SchemaURL}
		if scope != (instrumentation.Scope{}) {
			to.Scope = &commonpb.InstrumentationScope{Name: scope.Name, Version: scope.Version, Attributes: keyValues(scope.Attributes.ToSlice())}
		}
		for _, m := range all.ScopeMetrics[0].Metrics {
			if one := message(m); one != nil {
				to.Metrics = append(to.Metrics, one)
			}
		}
		want.ScopeMetrics = append(want.ScopeMetrics, to)
		var got metricspb.MetricsData
		unmarshal(t, AppendRequest(nil, NewResource(res), Metrics(new(Scopes), all, DefaultLimits)), &got)
		same(t, &got, &metricspb.MetricsData{ResourceMetrics: []*metricspb.ResourceMetrics{want}})
	}
}

// message is a metric as a message; nil for one without points, which is not sent.
func message(m metricdata.Metrics) *metricspb.Metric {
	out := &metricspb.Metric{Name: m.Name, Description: m.Description, Unit: m.Unit}
	n := 0
	switch data := m.Data.(type) {
	case metricdata.Gauge[int64]:
		n, out.Data = len(data.DataPoints), &metricspb.Metric_Gauge{Gauge: &metricspb.Gauge{DataPoints: numberMessages(data.DataPoints)}}
	case metricdata.Gauge[float64]:
		n, out.Data = len(data.DataPoints), &metricspb.Metric_Gauge{Gauge: &metricspb.Gauge{DataPoints: numberMessages(data.DataPoints)}}
	case metricdata.Sum[int64]:
		n, out.Data = len(data.DataPoints), &metricspb.Metric_Sum{Sum: &metricspb.Sum{DataPoints: numberMessages(data.DataPoints), IsMonotonic: data.IsMonotonic, AggregationTemporality: temporalityMessage(data.Temporality)}}
	case metricdata.Sum[float64]:
		n, out.Data = len(data.DataPoints), &metricspb.Metric_Sum{Sum: &metricspb.Sum{DataPoints: numberMessages(data.DataPoints), IsMonotonic: data.IsMonotonic, AggregationTemporality: temporalityMessage(data.Temporality)}}
	case metricdata.Histogram[int64]:
		n, out.Data = len(data.DataPoints), &metricspb.Metric_Histogram{Histogram: &metricspb.Histogram{DataPoints: histogramMessages(data.DataPoints), AggregationTemporality: temporalityMessage(data.Temporality)}}
	case metricdata.Histogram[float64]:
		n, out.Data = len(data.DataPoints), &metricspb.Metric_Histogram{Histogram: &metricspb.Histogram{DataPoints: histogramMessages(data.DataPoints), AggregationTemporality: temporalityMessage(data.Temporality)}}
	case metricdata.ExponentialHistogram[int64]:
		n, out.Data = len(data.DataPoints), &metricspb.Metric_ExponentialHistogram{ExponentialHistogram: &metricspb.ExponentialHistogram{DataPoints: exponentMessages(data.DataPoints), AggregationTemporality: temporalityMessage(data.Temporality)}}
	case metricdata.ExponentialHistogram[float64]:
		n, out.Data = len(data.DataPoints), &metricspb.Metric_ExponentialHistogram{ExponentialHistogram: &metricspb.ExponentialHistogram{DataPoints: exponentMessages(data.DataPoints), AggregationTemporality: temporalityMessage(data.Temporality)}}
	case metricdata.Summary:
		n = len(data.DataPoints)
		s := &metricspb.Summary{}
		for _, p := range data.DataPoints {
			m := &metricspb.SummaryDataPoint{Attributes: keyValues(p.Attributes.ToSlice()), StartTimeUnixNano: nano(p.StartTime), TimeUnixNano: nano(p.Time), Count: p.Count, Sum: p.Sum}
			for _, q := range p.QuantileValues {
				m.QuantileValues = append(m.QuantileValues, &metricspb.SummaryDataPoint_ValueAtQuantile{Quantile: q.Quantile, Value: q.Value})
			}
			s.DataPoints = append(s.DataPoints, m)
		}
		out.Data = &metricspb.Metric_Summary{Summary: s}
	}
	if n == 0 {
		return nil
	}
	return out
}

func numberMessages[N int64 | float64](of []metricdata.DataPoint[N]) (out []*metricspb.NumberDataPoint) {
	for _, p := range of {
		n := &metricspb.NumberDataPoint{Attributes: keyValues(p.Attributes.ToSlice()), StartTimeUnixNano: nano(p.StartTime), TimeUnixNano: nano(p.Time), Exemplars: exemplarMessages(p.Exemplars)}
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

func extremaMessage[N int64 | float64](e metricdata.Extrema[N]) *float64 {
	if v, ok := e.Value(); ok {
		return proto.Float64(float64(v))
	}
	return nil
}

func histogramMessages[N int64 | float64](of []metricdata.HistogramDataPoint[N]) (out []*metricspb.HistogramDataPoint) {
	for _, p := range of {
		out = append(out, &metricspb.HistogramDataPoint{
			Attributes: keyValues(p.Attributes.ToSlice()), StartTimeUnixNano: nano(p.StartTime), TimeUnixNano: nano(p.Time), Count: p.Count, Sum: proto.Float64(float64(p.Sum)),
			BucketCounts: p.BucketCounts, ExplicitBounds: p.Bounds, Min: extremaMessage(p.Min), Max: extremaMessage(p.Max), Exemplars: exemplarMessages(p.Exemplars),
		})
	}
	return out
}

func exponentMessages[N int64 | float64](of []metricdata.ExponentialHistogramDataPoint[N]) (out []*metricspb.ExponentialHistogramDataPoint) {
	bucket := func(b metricdata.ExponentialBucket) *metricspb.ExponentialHistogramDataPoint_Buckets {
		return &metricspb.ExponentialHistogramDataPoint_Buckets{Offset: b.Offset, BucketCounts: b.Counts}
	}
	for _, p := range of {
		out = append(out, &metricspb.ExponentialHistogramDataPoint{
			Attributes: keyValues(p.Attributes.ToSlice()), StartTimeUnixNano: nano(p.StartTime), TimeUnixNano: nano(p.Time), Count: p.Count, Sum: proto.Float64(float64(p.Sum)),
			Scale: p.Scale, ZeroCount: p.ZeroCount, ZeroThreshold: p.ZeroThreshold, Positive: bucket(p.PositiveBucket), Negative: bucket(p.NegativeBucket),
			Min: extremaMessage(p.Min), Max: extremaMessage(p.Max), Exemplars: exemplarMessages(p.Exemplars),
		})
	}
	return out
}

func exemplarMessages[N int64 | float64](all []metricdata.Exemplar[N]) (out []*metricspb.Exemplar) {
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

func temporalityMessage(t metricdata.Temporality) metricspb.AggregationTemporality {
	if t == metricdata.DeltaTemporality {
		return metricspb.AggregationTemporality_AGGREGATION_TEMPORALITY_DELTA
	}
	return metricspb.AggregationTemporality_AGGREGATION_TEMPORALITY_CUMULATIVE
}

// keyValues are attributes as OpenTelemetry's own exporter makes messages of them.
func keyValues(attrs []attribute.KeyValue) []*commonpb.KeyValue {
	var theirs official
	err := otlptrace.NewUnstarted(&theirs).ExportSpans(context.Background(), tracetest.SpanStubs{{Attributes: attrs}}.Snapshots())
	if err != nil {
		panic(err)
	}
	return theirs.sent[0].ScopeSpans[0].Spans[0].Attributes
}

func TestLog(t *testing.T) {
	span := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}, TraceFlags: 1})
	l := NewLog(nil, LogHeader{Time: time.Unix(1, 0), Observed: time.Unix(2, 0), Severity: 13, SeverityText: "WARN", Body: "hello", Span: span}, DefaultLimits, 7)
	l.Bool("b", true)
	l.Int("i", -1)
	l.Group("empty", func() {})
	l.Group("g", func() {
		l.Float("f", math.NaN())
		l.Inline(func() { l.Text("t", "in g") })
		l.Group("h", func() { l.Int("deep", 1) })
	})
	l.Bytes("raw", []byte{0xff})
	l.Inline(func() { l.Text("t", "at the top") })
	l.Text("", "")
	l.Int("last", 0)
	l.Int("one too many", 1)
	l.Group("a group too many", func() { t.Error("asked for") })
	record := l.End()
	str := func(s string) *commonpb.AnyValue {
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: s}}
	}
	num := func(n int64) *commonpb.AnyValue {
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_IntValue{IntValue: n}}
	}
	group := func(all ...*commonpb.KeyValue) *commonpb.AnyValue {
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_KvlistValue{KvlistValue: &commonpb.KeyValueList{Values: all}}}
	}
	want := &logspb.LogRecord{
		TimeUnixNano: 1e9, ObservedTimeUnixNano: 2e9, SeverityNumber: 13, SeverityText: "WARN", Body: str("hello"), Flags: 1,
		TraceId: append([]byte{1}, make([]byte, 15)...), SpanId: append([]byte{2}, make([]byte, 7)...), DroppedAttributesCount: 2,
		Attributes: []*commonpb.KeyValue{
			{Key: "b", Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_BoolValue{BoolValue: true}}},
			{Key: "i", Value: num(-1)},
			{Key: "g", Value: group(
				&commonpb.KeyValue{Key: "f", Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_DoubleValue{DoubleValue: math.NaN()}}},
				&commonpb.KeyValue{Key: "t", Value: str("in g")},
				&commonpb.KeyValue{Key: "h", Value: group(&commonpb.KeyValue{Key: "deep", Value: num(1)})})},
			{Key: "raw", Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_BytesValue{BytesValue: []byte{0xff}}}},
			{Key: "t", Value: str("at the top")},
			{Value: str("")},
			{Key: "last", Value: num(0)},
		},
	}
	var got logspb.LogsData
	unmarshal(t, AppendRequest(nil, NewResource(nil), []Record{NewRecord(new(Scopes).Of(instrumentation.Scope{}), record)}), &got)
	same(t, got.ResourceLogs[0].ScopeLogs[0].LogRecords[0], want)
	shown := ShowLog(record)
	if s := fmt.Sprint(shown.Severity, shown.Body, shown.Attributes, shown.Time, len(shown.TraceID)); s != "WARNhellomap[:"+" b:true g:map[f:NaN h:map[deep:1] t:in g] i:-1 last:0 raw:[255] t:at the top] 1000000000 16" {
		t.Errorf("shown as %s", s)
	}
}

// TestEndlessGroups has groups that never end.
func TestEndlessGroups(t *testing.T) {
	for _, named := range []bool{true, false} {
		l := NewLog(nil, LogHeader{}, DefaultLimits, -1)
		var again func()
		again = func() {
			if named {
				l.Group("g", again)
			} else {
				l.Inline(again)
			}
		}
		again()
		if n := len(l.End()); n > 1000 {
			t.Errorf("%d bytes", n)
		}
	}
}

func TestAppendText(t *testing.T) {
	for _, c := range []struct {
		in     string
		limit  int
		out    string
		within int // a limit in characters
	}{
		{"", 4, "", -1},
		{"abcd", 4, "abcd", -1},
		{"abcde", 4, "abcd", -1},
		{"abé", 4, "abé", -1},
		{"abcé", 4, "abc", -1},
		{"ab日", 4, "ab", -1},
		{"abc\xff", 4, "abc", -1}, // no place for what stands for it
		{"a\xff\xfeb", 5, "a\uFFFDb", -1},
		{"\xe2\x82", 5, "\uFFFD", -1}, // not cut, but incomplete
		{"\xff\xff\xff\xff", 3, "\uFFFD", -1},
		{"日本語", 100, "日本", 2},
		{"日\xff語", 100, "日\uFFFD", 2},
		{"abc", 0, "", -1},
		{"abc", 100, "", 0},
	} {
		got := string(appendText([]byte("before "), c.in, Limits{Bytes: c.limit, Chars: c.within}))
		if got != "before "+c.out {
			t.Errorf("%q cut to %d: %q", c.in, c.limit, got)
		}
		if len(c.in) <= c.limit && c.within < 0 && got != "before "+strings.ToValidUTF8(c.in, "\uFFFD") && !strings.Contains(c.in, "\xff") {
			t.Errorf("%q: %q", c.in, got)
		}
	}
}

// TestTextIsCut has text that ends where memory ends: who reads on beyond the limit dies.
func TestTextIsCut(t *testing.T) {
	page := os.Getpagesize()
	for _, fill := range []string{"a", "\xff", "é", "\xe2\x82", "日"} {
		const limit = 512
		memory, err := syscall.Mmap(-1, 0, 2*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
		if err != nil {
			t.Fatal(err)
		}
		copy(memory[page-limit:page], strings.Repeat(fill, limit))
		if err := syscall.Mprotect(memory[page:], syscall.PROT_NONE); err != nil {
			t.Fatal(err)
		}
		s := unsafe.String(&memory[page-limit], limit+page/2)
		if got := AppendText(nil, s, limit); len(got) > limit || !utf8.Valid(got) || len(got) == 0 {
			t.Errorf("%q...: %q", fill, got)
		}
		if err := syscall.Munmap(memory); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAttributes(t *testing.T) {
	fine := []attribute.KeyValue{attribute.String("a", "b"), attribute.StringSlice("c", []string{"d"}), attribute.Int("e", 1)}
	if got := Attributes(fine, DefaultLimits); &got[0] != &fine[0] {
		t.Error("copied for nothing")
	}
	bad := []attribute.KeyValue{attribute.String("ok", "é"), attribute.String("k\xff", "v\xff"), attribute.StringSlice("s", []string{"x", "\xff"}), attribute.String("long", strings.Repeat("é", MaxText))}
	got := Attributes(bad, DefaultLimits)
	if len(got) != 4 || got[0] != bad[0] || got[1] != attribute.String("k\uFFFD", "v\uFFFD") || got[2].Value.AsStringSlice()[1] != "\uFFFD" || len(got[3].Value.AsString()) != MaxText {
		t.Errorf("%v", got[:3])
	}
	if bad[1].Key != "k\xff" {
		t.Error("the caller's slice has changed")
	}
}

// TestScopesAreBounded has a program that makes up scopes.
func TestScopesAreBounded(t *testing.T) {
	var s Scopes
	first := s.Of(instrumentation.Scope{Name: "first"})
	for i := range 10_000 {
		s.Of(instrumentation.Scope{Name: fmt.Sprint(i)})
	}
	huge := s.Of(instrumentation.Scope{Name: strings.Repeat("x", 1<<20)})
	if n := len(*s.known.Load()); n != maxScopes {
		t.Errorf("%d scopes are kept", n)
	}
	if s.Of(instrumentation.Scope{Name: "first"}) != first || len(huge.head) > MaxName+10 || huge.known {
		t.Error("not the same scope, or a huge one")
	}
	if known, other := NewRecord(first, nil).Size(), NewRecord(huge, nil).Size(); other < known+MaxName {
		t.Errorf("a record's own scope is not counted: %d, %d", known, other)
	}
}

func TestFitting(t *testing.T) {
	scope := new(Scopes).Of(instrumentation.Scope{Name: "s"})
	big := NewRecord(scope, make([]byte, MaxBody/2))
	res := NewResource(nil)
	if n := Fitting(res, []Record{big, big, big}); n != 1 {
		t.Errorf("%d", n)
	}
	if n := Fitting(res, []Record{NewRecord(scope, make([]byte, 2*MaxBody)), big}); n != 1 {
		t.Errorf("%d", n)
	}
	if n := Fitting(res, slices.Repeat([]Record{NewRecord(scope, []byte("small"))}, 500)); n != 500 {
		t.Errorf("%d", n)
	}
}

func TestSort(t *testing.T) {
	var scopes Scopes
	a, b := scopes.Of(instrumentation.Scope{Name: "a"}), scopes.Of(instrumentation.Scope{Name: "b"})
	records := []Record{NewRecord(b, []byte("1")), NewRecord(a, []byte("2")), NewRecord(b, []byte("3"))}
	Sort(records)
	var order []byte
	for _, r := range records {
		order = append(order, r.Bytes...)
	}
	if string(order) != "213" {
		t.Errorf("%s", order)
	}
}

// TestSpanCostsNoAllocation measures what a span takes that ends: nothing.
func TestSpanCostsNoAllocation(t *testing.T) {
	s := tracetest.SpanStub{Name: "GET /items", Attributes: []attribute.KeyValue{attribute.String("http.request.method", "GET"), attribute.Int("http.response.status_code", 200)},
		InstrumentationScope: instrumentation.Scope{Name: "net_http", SchemaURL: "x"}}.Snapshot()
	told := OfSDK(s, new(Scopes))
	buffer := make([]byte, 0, 4096)
	if n := testing.AllocsPerRun(100, func() { AppendSpan(buffer, told, DefaultLimits) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
