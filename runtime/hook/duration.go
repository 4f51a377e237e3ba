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

	"github.com/rules-go-weave/rules_go_weave/runtime/internal/wire"
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
	buckets           []float64
	attributes        func(K) []attribute.KeyValue
	made              instrument[metric.Float64Histogram]

	mu   sync.RWMutex
	sets map[K][]metric.RecordOption
}

// maxSets bounds the keys that are kept: a program may make up methods or routes.
const maxSets = 2000

// NewDuration returns the histogram with this name. The attributes are asked for once per key.
func NewDuration[K comparable](i *Instrumentation, name, description string, buckets []float64, attributes func(K) []attribute.KeyValue) *Duration[K] {
	return &Duration[K]{name: name, description: description, buckets: buckets, attributes: attributes,
		made: instrument[metric.Float64Histogram]{of: i}, sets: map[K][]metric.RecordOption{}}
}

func (d *Duration[K]) instrument() *bound[metric.Float64Histogram] {
	provider := otel.GetMeterProvider()
	if b := d.made.current.Load(); b != nil && b.provider == provider {
		return b
	}
	return d.made.bind(provider, func(meter metric.Meter) metric.Float64Histogram {
		h, _ := meter.Float64Histogram(d.name, metric.WithUnit("s"), metric.WithDescription(d.description), metric.WithExplicitBucketBoundaries(d.buckets...))
		return h
	})
}

// Start returns the time, or the zero time if nothing is measured.
func (d *Duration[K]) Start() time.Time {
	if d == nil || !initialised.Load() || !d.instrument().wanted {
		return time.Time{}
	}
	return time.Now()
}

// Stop records the time since start, unless that is zero, and sizes beside it, which have the same attributes. A sampled span of
// ctx becomes the example of its bucket.
func (d *Duration[K]) Stop(ctx context.Context, start time.Time, key K, sizes ...Sized) {
	if start.IsZero() {
		return
	}
	b := d.instrument()
	if !b.wanted {
		return
	}
	options := d.options(key)
	b.of.Record(ctx, time.Since(start).Seconds(), options...)
	for _, s := range sizes {
		if s.Bytes >= 0 {
			s.Of.record(ctx, s.Bytes, options)
		}
	}
	sdk.Measured(b.provider)
}

// Size records a size alone, with the attributes that the key has for the duration.
func (d *Duration[K]) Size(ctx context.Context, key K, size Sized) {
	if d == nil || !initialised.Load() {
		return
	}
	if b := d.instrument(); b.wanted && size.Bytes >= 0 {
		size.Of.record(ctx, size.Bytes, d.options(key))
		sdk.Measured(b.provider)
	}
}

// options are the attributes of key, as instruments take them without making anything new.
func (d *Duration[K]) options(key K) []metric.RecordOption {
	d.mu.RLock()
	options := d.sets[key]
	d.mu.RUnlock()
	if options == nil {
		attrs, whole := kept(d.attributes(key))
		options = []metric.RecordOption{metric.WithAttributeSet(attribute.NewSet(attrs...))}
		d.mu.Lock()
		if whole && len(d.sets) < maxSets {
			d.sets[detached(key)] = options
		}
		d.mu.Unlock()
	}
	return options
}

// Size is a histogram of sizes in bytes.
type Size struct {
	name, description string
	made              instrument[metric.Int64Histogram]
}

// Sized is a size that is measured. A negative one is not known.
type Sized struct {
	Of    *Size
	Bytes int64
}

// sizes are the boundaries for sizes, to which the semantic conventions give none.
var sizes = metric.WithExplicitBucketBoundaries(0, 128, 512, 2<<10, 8<<10, 32<<10, 128<<10, 512<<10, 2<<20, 8<<20, 32<<20, 128<<20)

// NewSize returns the histogram with this name.
func NewSize(i *Instrumentation, name, description string) *Size {
	return &Size{name: name, description: description, made: instrument[metric.Int64Histogram]{of: i}}
}

func (s *Size) record(ctx context.Context, bytes int64, options []metric.RecordOption) {
	if s == nil {
		return
	}
	provider := otel.GetMeterProvider()
	b := s.made.current.Load()
	if b == nil || b.provider != provider {
		b = s.made.bind(provider, func(meter metric.Meter) metric.Int64Histogram {
			h, _ := meter.Int64Histogram(s.name, metric.WithUnit("By"), metric.WithDescription(s.description), sizes)
			return h
		})
	}
	if b.wanted {
		b.of.Record(ctx, bytes, options...)
	}
}

// Active counts what is going on at the time. It costs next to nothing, being read only where metrics are. A nil one counts nothing.
type Active[K comparable] struct {
	name, unit, description string
	attributes              func(K) []attribute.KeyValue
	made                    instrument[metric.Int64ObservableUpDownCounter]

	mu     sync.RWMutex
	counts map[K]*count
}

type count struct {
	n       atomic.Int64
	options []metric.ObserveOption
}

// NewActive returns the counter with this name. The attributes are asked for once per key.
func NewActive[K comparable](i *Instrumentation, name, unit, description string, attributes func(K) []attribute.KeyValue) *Active[K] {
	return &Active[K]{name: name, unit: unit, description: description, attributes: attributes,
		made: instrument[metric.Int64ObservableUpDownCounter]{of: i}, counts: map[K]*count{}}
}

// Count returns the number for a key, which the caller adds 1 to and later takes 1 from; nil if nobody wants to know.
func (a *Active[K]) Count(key K) *atomic.Int64 {
	if a == nil || !initialised.Load() {
		return nil
	}
	provider := otel.GetMeterProvider()
	b := a.made.current.Load()
	if b == nil || b.provider != provider {
		b = a.made.bind(provider, func(meter metric.Meter) metric.Int64ObservableUpDownCounter {
			c, _ := meter.Int64ObservableUpDownCounter(a.name, metric.WithUnit(a.unit), metric.WithDescription(a.description), metric.WithInt64Callback(a.observe))
			return c
		})
	}
	if !b.wanted {
		return nil
	}
	sdk.Measured(provider)
	a.mu.RLock()
	c := a.counts[key]
	a.mu.RUnlock()
	if c == nil {
		a.mu.Lock()
		defer a.mu.Unlock()
		if c = a.counts[key]; c == nil {
			attrs, whole := kept(a.attributes(key))
			if !whole || len(a.counts) >= maxSets {
				return nil
			}
			c = &count{options: []metric.ObserveOption{metric.WithAttributeSet(attribute.NewSet(attrs...))}}
			a.counts[detached(key)] = c
		}
	}
	return &c.n
}

func (a *Active[K]) observe(_ context.Context, o metric.Int64Observer) error {
	a.mu.RLock()
	defer a.mu.RUnlock()
	for _, c := range a.counts {
		o.Observe(c.n.Load(), c.options...)
	}
	return nil
}

// Observed is a number that somebody else counts, asked for where metrics are read.
type Observed struct {
	name, unit, description string
	ask                     func(observe func(n int64, attrs ...attribute.KeyValue))
	made                    instrument[metric.Int64ObservableUpDownCounter]
}

// NewObserved returns the counter with this name. ask tells its numbers.
func NewObserved(i *Instrumentation, name, unit, description string, ask func(observe func(n int64, attrs ...attribute.KeyValue))) *Observed {
	return &Observed{name: name, unit: unit, description: description, ask: ask,
		made: instrument[metric.Int64ObservableUpDownCounter]{of: i}}
}

// Begin has the numbers asked for from now on.
func (o *Observed) Begin() {
	if o == nil || !initialised.Load() {
		return
	}
	provider := otel.GetMeterProvider()
	if b := o.made.current.Load(); b != nil && b.provider == provider {
		return
	}
	o.made.bind(provider, func(meter metric.Meter) metric.Int64ObservableUpDownCounter {
		c, _ := meter.Int64ObservableUpDownCounter(o.name, metric.WithUnit(o.unit), metric.WithDescription(o.description),
			metric.WithInt64Callback(func(_ context.Context, to metric.Int64Observer) error {
				o.ask(func(n int64, attrs ...attribute.KeyValue) {
					to.Observe(n, metric.WithAttributes(wire.Attributes(attrs, metricLimits)...))
				})
				return nil
			}))
		return c
	})
}

// instrument is an instrument of the provider that is the global one, which the program may replace at any time.
type instrument[I any] struct {
	of      *Instrumentation
	current atomic.Pointer[bound[I]]
}

// bound is an instrument of one provider.
type bound[I any] struct {
	of       I
	wanted   bool // false: there is no instrument, since nobody wants to know
	provider metric.MeterProvider
}

// bind makes the instrument anew.
func (i *instrument[I]) bind(provider metric.MeterProvider, make func(metric.Meter) I) *bound[I] {
	b := &bound[I]{provider: provider, wanted: sdk.Metering(provider)}
	old := i.current.Load()
	if b.wanted {
		b.of = make(provider.Meter(Scope+i.of.name, metric.WithSchemaURL(i.of.schema)))
	}
	// One of a type that cannot be compared would be made again every time.
	if reflect.TypeOf(provider).Comparable() && !i.current.CompareAndSwap(old, b) {
		if now := i.current.Load(); now != nil && now.provider == provider {
			return now
		}
	}
	return b
}
