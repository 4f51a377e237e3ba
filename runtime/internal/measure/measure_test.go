package measure

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/exemplar"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/metric/metricdata/metricdatatest"
	"go.opentelemetry.io/otel/trace"
)

var (
	bounds = []float64{0.005, 0.01, 0.025, 0.05, 0.1, 1, 10}
	sizes  = []float64{0, 128, 512, 2 << 10}
	lib    = instrumentation.Scope{Name: "lib", SchemaURL: "https://schema"}
)

// sdk has the same instruments of the SDK.
type sdk struct {
	reader   *sdkmetric.ManualReader
	duration metric.Float64Histogram
	size     metric.Int64Histogram
	active   map[attribute.Set]int64
}

func newSDK(t *testing.T, temporality metricdata.Temporality, exponential bool, limit int, filter exemplar.Filter) *sdk {
	s := &sdk{active: map[attribute.Set]int64{}}
	options := []sdkmetric.ManualReaderOption{sdkmetric.WithTemporalitySelector(func(k sdkmetric.InstrumentKind) metricdata.Temporality {
		if k == sdkmetric.InstrumentKindHistogram {
			return temporality
		}
		return metricdata.CumulativeTemporality
	})}
	if exponential {
		options = append(options, sdkmetric.WithAggregationSelector(func(k sdkmetric.InstrumentKind) sdkmetric.Aggregation {
			if k == sdkmetric.InstrumentKindHistogram {
				return sdkmetric.AggregationBase2ExponentialHistogram{MaxSize: maxBuckets, MaxScale: maxScale}
			}
			return sdkmetric.DefaultAggregationSelector(k)
		}))
	}
	s.reader = sdkmetric.NewManualReader(options...)
	meter := sdkmetric.NewMeterProvider(sdkmetric.WithReader(s.reader), sdkmetric.WithCardinalityLimit(limit), sdkmetric.WithExemplarFilter(filter)).
		Meter("lib", metric.WithSchemaURL("https://schema"))
	var err error
	if s.duration, err = meter.Float64Histogram("duration", metric.WithUnit("s"), metric.WithDescription("how long"), metric.WithExplicitBucketBoundaries(bounds...)); err != nil {
		t.Fatal(err)
	}
	if s.size, err = meter.Int64Histogram("size", metric.WithUnit("By"), metric.WithExplicitBucketBoundaries(sizes...)); err != nil {
		t.Fatal(err)
	}
	if _, err = meter.Int64ObservableUpDownCounter("active", metric.WithUnit("1"), metric.WithInt64Callback(func(_ context.Context, o metric.Int64Observer) error {
		for set, n := range s.active {
			o.Observe(n, metric.WithAttributeSet(set))
		}
		return nil
	})); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *sdk) read(t *testing.T) metricdata.ScopeMetrics {
	t.Helper()
	var all metricdata.ResourceMetrics
	if err := s.reader.Collect(t.Context(), &all); err != nil {
		t.Fatal(err)
	}
	if len(all.ScopeMetrics) == 0 {
		return metricdata.ScopeMetrics{Scope: lib}
	}
	return sorted(all.ScopeMetrics[0])
}

func read(t *testing.T, p *Producer) metricdata.ScopeMetrics {
	t.Helper()
	all, err := p.Produce(t.Context())
	if err != nil || len(all) > 1 {
		t.Fatal(all, err)
	}
	if len(all) == 0 {
		return metricdata.ScopeMetrics{Scope: lib}
	}
	return sorted(all[0])
}

func sorted(s metricdata.ScopeMetrics) metricdata.ScopeMetrics {
	slices.SortFunc(s.Metrics, func(a, b metricdata.Metrics) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return s
}

func span(r *rand.Rand) context.Context {
	var c trace.SpanContextConfig
	c.TraceID[0], c.SpanID[0] = 1, 1
	c.TraceID[15], c.SpanID[7] = byte(r.IntN(256)), byte(r.IntN(256))
	c.TraceFlags = trace.TraceFlags(r.IntN(2))
	return trace.ContextWithSpanContext(context.Background(), trace.NewSpanContext(c))
}

// TestAsTheSDKDoes gives the SDK's instruments and ours the same measurements, reads both now and then, and compares all that is read:
// both temporalities, both kinds of buckets, examples, and what is more than the limit of series.
func TestAsTheSDKDoes(t *testing.T) {
	points := 0
	for _, temporality := range []metricdata.Temporality{metricdata.CumulativeTemporality, metricdata.DeltaTemporality} {
		for _, exponential := range []bool{false, true} {
			for examples, filter := range map[Examples]exemplar.Filter{OfSampled: exemplar.TraceBasedFilter, OfAll: exemplar.AlwaysOnFilter, OfNone: exemplar.AlwaysOffFilter} {
				delta := temporality == metricdata.DeltaTemporality
				r := rand.New(rand.NewPCG(7, uint64(examples)))
				theirs := newSDK(t, temporality, exponential, 12, filter)
				recorder := New(Config{Examples: examples, Limit: 12, Exponential: exponential, Delta: delta, Only: true})
				producer := recorder.NewProducer(temporality, exponential)
				duration := NewHistogram[float64](recorder, lib, "duration", "s", "how long", bounds)
				size := NewHistogram[int64](recorder, lib, "size", "By", "", sizes)
				recorder.Observe(lib, "active", "1", "", func(observe func(int64, attribute.Set)) {
					for set, n := range theirs.active {
						observe(n, set)
					}
				})
				durations, sized := map[attribute.Set]*Series[float64]{}, map[attribute.Set]*Series[int64]{}
				compare := []metricdatatest.Option{metricdatatest.IgnoreTimestamp()}
				if exponential {
					compare = append(compare, metricdatatest.IgnoreExemplars()) // each chooses its own
				}
				for round := range 14 {
					// After a round without, ours has forgotten as much as the SDK always does.
					most := []int{5, 0, 20, 0, 3, 8, 0}[round%7]
					for range 300 * min(most, 1) {
						set := attribute.NewSet(attribute.Int("k", r.IntN(most)))
						ctx := span(r)
						of, example := recorder.Of(ctx)
						d := []float64{0, 0.005, 1e-9, 3, 1e6, r.Float64(), r.ExpFloat64(), math.Ldexp(1, r.IntN(40)-20)}[r.IntN(8)]
						theirs.duration.Record(ctx, d, metric.WithAttributeSet(set))
						for durations[set] == nil || !durations[set].Record(d, time.Now(), of, example) {
							durations[set] = duration.Series(set)
						}
						n := []int64{0, 1, 128, 129, 1 << 40, r.Int64N(4096), -5}[r.IntN(7)]
						theirs.size.Record(ctx, n, metric.WithAttributeSet(set))
						for sized[set] == nil || !sized[set].Record(n, time.Now(), of, example) {
							sized[set] = size.Series(set)
						}
						if len(theirs.active) < 11 {
							theirs.active[set] += n
						}
					}
					want, got := theirs.read(t), read(t, producer)
					for _, m := range want.Metrics {
						if s, yes := m.Data.(metricdata.Sum[int64]); yes { // examples of what nobody measures: the reading itself
							for i := range s.DataPoints {
								s.DataPoints[i].Exemplars = nil
							}
						}
					}
					if !metricdatatest.AssertEqual(t, want, got, compare...) {
						t.Fatalf("temporality %v, exponential %v, examples %v, round %d", temporality, exponential, examples, round)
					}
					if exponential {
						examplesOf(t, got, examples != OfNone && most > 0)
					}
					points += len(got.Metrics)
				}
			}
		}
	}
	if points < 200 {
		t.Errorf("%d metrics are compared, which is next to nothing", points)
	}
}

// examplesOf checks that examples are some of what was measured.
func examplesOf(t *testing.T, s metricdata.ScopeMetrics, wanted bool) {
	t.Helper()
	n := 0
	for _, m := range s.Metrics {
		if h, yes := m.Data.(metricdata.ExponentialHistogram[float64]); yes {
			for _, p := range h.DataPoints {
				n += len(p.Exemplars)
				for _, e := range p.Exemplars {
					least, _ := p.Min.Value()
					most, _ := p.Max.Value()
					if e.Value < least || e.Value > most || len(e.SpanID) != 8 || len(p.Exemplars) > maxChosen {
						t.Errorf("%+v of %+v", e, p)
					}
				}
			}
		}
	}
	if wanted && n == 0 {
		t.Error("no examples")
	}
}

// TestAtOnce measures in many goroutines while two producers read: nothing is lost, and nothing counted twice.
func TestAtOnce(t *testing.T) {
	recorder := New(Config{Limit: 2000, Delta: true, Exponential: true})
	delta, all := recorder.NewProducer(metricdata.DeltaTemporality, true), recorder.NewProducer(metricdata.CumulativeTemporality, false)
	h := NewHistogram[int64](recorder, lib, "h", "1", "", sizes)
	const workers, each = 8, 20_000
	var count, sum, buckets uint64
	collect := func() {
		for _, m := range read(t, delta).Metrics {
			for _, p := range m.Data.(metricdata.ExponentialHistogram[int64]).DataPoints {
				count, sum, buckets = count+p.Count, sum+uint64(p.Sum), buckets+p.ZeroCount
				for _, n := range p.PositiveBucket.Counts {
					buckets += n
				}
			}
		}
	}
	var group sync.WaitGroup
	for w := range workers {
		group.Add(1)
		go func() {
			defer group.Done()
			s := h.Series(attribute.NewSet(attribute.Int("k", w%2)))
			for i := range each {
				for !s.Record(int64(i%3), time.Now(), trace.SpanContext{}, false) {
					s = h.Series(attribute.NewSet(attribute.Int("k", w%2)))
				}
			}
		}()
	}
	done := make(chan struct{})
	go func() { group.Wait(); close(done) }()
	for over := false; !over; {
		select {
		case <-done:
			over = true
		default:
		}
		collect()
	}
	collect()
	total := uint64(0)
	for _, p := range read(t, all).Metrics[0].Data.(metricdata.Histogram[int64]).DataPoints {
		total += p.Count
	}
	wantSum := uint64(0)
	for i := range each {
		wantSum += workers * uint64(i%3)
	}
	if count != workers*each || buckets != count || total != count || sum != wantSum {
		t.Errorf("%d measured, %d in buckets, %d in all, sum %d of %d", count, buckets, total, sum, wantSum)
	}
}

// TestForgotten measures with ever new attributes, and reads: what is forgotten makes room, and what comes again is counted again.
func TestForgotten(t *testing.T) {
	recorder := New(Config{Limit: 10, Delta: true, Only: true})
	p := recorder.NewProducer(metricdata.DeltaTemporality, false)
	h := NewHistogram[int64](recorder, lib, "h", "1", "", sizes)
	of := func(k int) attribute.Set { return attribute.NewSet(attribute.Int("k", k)) }
	first := h.Series(of(0))
	for round := range 20 {
		for i := range 9 {
			if !h.Series(of(round*9+i)).Record(1, time.Now(), trace.SpanContext{}, false) {
				t.Fatal("forgotten as soon as it is there")
			}
		}
		points := read(t, p).Metrics[0].Data.(metricdata.Histogram[int64]).DataPoints
		read(t, p)
		for _, point := range points {
			if point.Attributes.HasValue("otel.metric.overflow") || point.Count != 1 || len(points) != 9 {
				t.Fatalf("round %d: %d points, %+v", round, len(points), point)
			}
		}
	}
	if len(h.series) > 10 || len(h.order) > 10 {
		t.Errorf("%d series are kept", len(h.series))
	}
	if first.Record(1, time.Now(), trace.SpanContext{}, false) || !h.Series(of(0)).Record(1, time.Now(), trace.SpanContext{}, false) {
		t.Error("counted where nobody reads")
	}
}

// TestRecordCostsNoAllocation, of a series that is known.
func TestRecordCostsNoAllocation(t *testing.T) {
	h := NewHistogram[float64](New(Config{}), lib, "h", "s", "", bounds)
	s := h.Series(attribute.NewSet())
	of := trace.SpanContextFromContext(span(rand.New(rand.NewPCG(1, 1))))
	if n := testing.AllocsPerRun(100, func() { s.Record(0.3, time.Now(), of, true) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestIndex compares the buckets of numbers at their bounds with what the bounds are.
func TestIndex(t *testing.T) {
	for scale := int32(minScale); scale <= maxScale; scale++ {
		e := &exponential{scale: scale}
		for range 1000 {
			v := math.Ldexp(rand.Float64()+0.5, rand.IntN(200)-100)
			i := float64(e.index(v))
			log := math.Log2(v) * math.Ldexp(1, int(scale))
			if log < i-1e-6 || log > i+1+1e-6 {
				t.Fatal(fmt.Sprint("scale ", scale, ": ", v, " in ", i, ", by its logarithm ", log))
			}
		}
		for power := -20; power <= 20; power++ {
			if i, want := e.index(math.Ldexp(1, power)), int32(math.Ceil(math.Ldexp(float64(power), int(scale))))-1; i != want {
				t.Fatal("scale ", scale, ": 2 to the power of ", power, " in ", i, ", want ", want)
			}
		}
	}
}
