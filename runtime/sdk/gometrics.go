package sdk

import (
	"context"
	"math"
	"runtime/metrics"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	weaveruntime "github.com/rules-go-weave/rules_go_weave/runtime"
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
)

// observeRuntime has the state of Go's runtime measured where metrics are read, by the semantic conventions for it
// (go.schedule.duration, a histogram, is left out: no instrument takes one that is counted already).
// OTEL_INSTRUMENTATION_RUNTIME_METRICS_ENABLED=false switches it off.
func observeRuntime(provider metric.MeterProvider) {
	if !weaveruntime.Enabled("runtime_metrics") {
		return
	}
	meter := provider.Meter(Scope+"runtime", metric.WithSchemaURL(schema))
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
