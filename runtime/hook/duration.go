package hook

import (
	"context"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/rules-go-weave/rules_go_weave/runtime/sdk"
)

// Duration is a histogram of how long operations take, in seconds. A nil one measures nothing.
//
//	start := duration.Start()
//	...
//	duration.Stop(ctx, start, key)
//
// Keys are what the attributes are made of: comparable, and few enough to be kept for ever.
type Duration[K comparable] struct {
	name, description string
	scope             string
	buckets           []float64
	attributes        func(K) []attribute.KeyValue
	current           atomic.Pointer[histogram[K]]
}

// histogram is an instrument of the provider that was the global one when it was made.
type histogram[K comparable] struct {
	metric.Float64Histogram // nil: nobody wants to know
	provider                metric.MeterProvider

	mu   sync.RWMutex
	sets map[K][]metric.RecordOption
}

// maxSets bounds the keys that are kept: a program may make up methods or routes.
const maxSets = 2000

// NewDuration returns the histogram with this name. The attributes are asked for once per key.
func NewDuration[K comparable](i *Instrumentation, name, description string, buckets []float64, attributes func(K) []attribute.KeyValue) *Duration[K] {
	return &Duration[K]{name: name, description: description, scope: i.name, buckets: buckets, attributes: attributes}
}

func (d *Duration[K]) instrument() *histogram[K] {
	provider := otel.GetMeterProvider()
	if h := d.current.Load(); h != nil && h.provider == provider {
		return h
	}
	h := &histogram[K]{provider: provider, sets: map[K][]metric.RecordOption{}}
	if sdk.Metering(provider) {
		meter := provider.Meter(Scope+d.scope, metric.WithSchemaURL(schema))
		h.Float64Histogram, _ = meter.Float64Histogram(d.name, metric.WithUnit("s"), metric.WithDescription(d.description), metric.WithExplicitBucketBoundaries(d.buckets...))
	}
	if reflect.TypeOf(provider).Comparable() {
		d.current.Store(h)
	}
	return h
}

// Start returns the time, or the zero time if nothing is measured.
func (d *Duration[K]) Start() time.Time {
	if d == nil || d.instrument().Float64Histogram == nil {
		return time.Time{}
	}
	return time.Now()
}

// Stop records the time since start, unless that is zero. A sampled span of ctx becomes the example of its bucket.
func (d *Duration[K]) Stop(ctx context.Context, start time.Time, key K) {
	if start.IsZero() {
		return
	}
	h := d.instrument()
	if h.Float64Histogram == nil {
		return
	}
	h.Record(ctx, time.Since(start).Seconds(), h.options(key, d.attributes)...)
	sdk.Measured(h.provider)
}

// options are the attributes of key, as the instrument takes them without making anything new.
func (h *histogram[K]) options(key K, attributes func(K) []attribute.KeyValue) []metric.RecordOption {
	h.mu.RLock()
	options := h.sets[key]
	h.mu.RUnlock()
	if options == nil {
		options = []metric.RecordOption{metric.WithAttributeSet(attribute.NewSet(attributes(key)...))}
		h.mu.Lock()
		if len(h.sets) < maxSets {
			h.sets[key] = options
		}
		h.mu.Unlock()
	}
	return options
}
