package metrics

import (
	"context"
	"math"
	"runtime/metrics"
	"slices"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	weaveruntime "github.com/rules-go-weave/rules_go_weave/runtime"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/export"
)

// What package runtime/metrics calls the numbers that the semantic conventions ask for.
const (
	memoryTotal    = "/memory/classes/total:bytes"
	memoryReleased = "/memory/classes/heap/released:bytes"
	memoryStacks   = "/memory/classes/heap/stacks:bytes"
	memoryLimit    = "/gc/gomemlimit:bytes"
	allocated      = "/gc/heap/allocs:bytes"
	allocations    = "/gc/heap/allocs:objects"
	heapGoal       = "/gc/heap/goal:bytes"
	goroutines     = "/sched/goroutines:goroutines"
	processors     = "/sched/gomaxprocs:threads"
	gogc           = "/gc/gogc:percent"
	latencies      = "/sched/latencies:seconds"
)

// observeRuntime has the state of Go's runtime measured where metrics are read, by the semantic conventions for it;
// go.schedule.duration comes by scheduling. OTEL_INSTRUMENTATION_RUNTIME_METRICS_ENABLED=false switches both off.
func observeRuntime(provider metric.MeterProvider) {
	if !weaveruntime.Enabled("runtime_metrics") {
		return
	}
	meter := provider.Meter(export.Scope+"runtime", metric.WithSchemaURL(export.Schema))
	var mu sync.Mutex
	samples := []metrics.Sample{
		{Name: memoryTotal}, {Name: memoryReleased}, {Name: memoryStacks}, {Name: memoryLimit}, {Name: allocated}, {Name: allocations},
		{Name: heapGoal}, {Name: goroutines}, {Name: processors}, {Name: gogc},
	}
	gauge := func(name, unit, description string) metric.Int64Observable {
		o, _ := meter.Int64ObservableUpDownCounter(name, metric.WithUnit(unit), metric.WithDescription(description))
		return o
	}
	counter := func(name, unit, description string) metric.Int64Observable {
		o, _ := meter.Int64ObservableCounter(name, metric.WithUnit(unit), metric.WithDescription(description))
		return o
	}
	used := gauge("go.memory.used", "By", "Memory used by the Go runtime.")
	limit := gauge("go.memory.limit", "By", "Go runtime memory limit configured by the user, if a limit exists.")
	bytes := counter("go.memory.allocated", "By", "Memory allocated to the heap by the application.")
	objects := counter("go.memory.allocations", "{allocation}", "Count of allocations to the heap by the application.")
	goal := gauge("go.memory.gc.goal", "By", "Heap size target for the end of the GC cycle.")
	count := gauge("go.goroutine.count", "{goroutine}", "Count of live goroutines.")
	threads := gauge("go.processor.limit", "{thread}", "The number of OS threads that can execute user-level Go code simultaneously.")
	percent := gauge("go.config.gogc", "%", "Heap size target percentage configured by the user, otherwise 100.")
	stack := metric.WithAttributeSet(attribute.NewSet(attribute.String("go.memory.type", "stack")))
	other := metric.WithAttributeSet(attribute.NewSet(attribute.String("go.memory.type", "other")))
	_, _ = meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		mu.Lock()
		defer mu.Unlock()
		metrics.Read(samples)
		now := map[string]int64{}
		for _, s := range samples {
			if s.Value.Kind() == metrics.KindUint64 {
				now[s.Name] = int64(min(s.Value.Uint64(), math.MaxInt64))
			}
		}
		o.ObserveInt64(used, now[memoryStacks], stack)
		o.ObserveInt64(used, now[memoryTotal]-now[memoryReleased]-now[memoryStacks], other)
		if now[memoryLimit] != math.MaxInt64 {
			o.ObserveInt64(limit, now[memoryLimit])
		}
		o.ObserveInt64(bytes, now[allocated])
		o.ObserveInt64(objects, now[allocations])
		o.ObserveInt64(goal, now[heapGoal])
		o.ObserveInt64(count, now[goroutines])
		o.ObserveInt64(threads, now[processors])
		o.ObserveInt64(percent, now[gogc])
		return nil
	}, used, limit, bytes, objects, goal, count, threads, percent)
}

// scheduleBounds are the upper bounds of the buckets of go.schedule.duration, in seconds. The runtime counts by some hundred
// exponential ones; those that begin below a bound are counted in its bucket.
var scheduleBounds = []float64{1e-6, 1e-5, 5e-5, 1e-4, 5e-4, 1e-3, 5e-3, 1e-2, 5e-2, 0.1, 0.5, 1, 5}

// scheduling gives go.schedule.duration, a histogram that Go's runtime keeps: no instrument takes one that is counted already.
type scheduling struct {
	delta bool

	mu     sync.Mutex
	start  time.Time
	before []uint64 // what was counted when it was last read; nil unless delta
}

// newScheduling returns no producer where the runtime's metrics are switched off.
func newScheduling(temporality metricdata.Temporality) []sdkmetric.ManualReaderOption {
	if !weaveruntime.Enabled("runtime_metrics") {
		return nil
	}
	return []sdkmetric.ManualReaderOption{sdkmetric.WithProducer(&scheduling{delta: temporality == metricdata.DeltaTemporality, start: time.Now()})}
}

// Produce reads the histogram. The runtime does not keep the sum: it is that of the buckets' middles.
func (s *scheduling) Produce(context.Context) ([]metricdata.ScopeMetrics, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sample := []metrics.Sample{{Name: latencies}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindFloat64Histogram {
		return nil, nil
	}
	counted := sample[0].Value.Float64Histogram()
	now := time.Now()
	point := metricdata.HistogramDataPoint[float64]{StartTime: s.start, Time: now, Bounds: scheduleBounds, BucketCounts: make([]uint64, len(scheduleBounds)+1)}
	for i, n := range counted.Counts {
		if i < len(s.before) {
			n -= s.before[i]
		}
		if n == 0 {
			continue
		}
		low, high := counted.Buckets[i], counted.Buckets[i+1]
		if math.IsInf(low, -1) {
			low = 0
		}
		if math.IsInf(high, 1) {
			high = low
		}
		bucket, _ := slices.BinarySearchFunc(scheduleBounds, low, func(bound, low float64) int {
			if bound <= low {
				return -1
			}
			return 1
		})
		point.BucketCounts[bucket] += n
		point.Count += n
		point.Sum += float64(n) * (low + high) / 2
	}
	temporality := metricdata.CumulativeTemporality
	if s.delta {
		temporality = metricdata.DeltaTemporality
		s.before, s.start = slices.Clone(counted.Counts), now
	}
	return []metricdata.ScopeMetrics{{
		Scope: instrumentation.Scope{Name: export.Scope + "runtime", SchemaURL: export.Schema},
		Metrics: []metricdata.Metrics{{
			Name:        "go.schedule.duration",
			Description: "The time goroutines have spent in the scheduler in a runnable state before actually running.",
			Unit:        "s",
			Data:        metricdata.Histogram[float64]{Temporality: temporality, DataPoints: []metricdata.HistogramDataPoint[float64]{point}},
		}},
	}}, nil
}
