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
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/trace"

	"github.com/rules-go-weave/rules_go_weave/runtime/internal/measure"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/wire"
	"github.com/rules-go-weave/rules_go_weave/runtime/sdk"
)

// Duration is a histogram of the durations of operations, in seconds. A nil one measures nothing.
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
	made              instrument[metric.Float64Histogram, *measured[K]]
	sets              table[K, []metric.RecordOption] // for a provider of the program's own
}

// measured is what a duration is measured by with our provider.
type measured[K comparable] struct {
	recorder  *measure.Recorder
	histogram *measure.Histogram[float64]
	cells     table[K, *cell]
}

// cell is what has been measured for a key: the duration, and sizes beside it.
type cell struct {
	attrs    attribute.Set
	duration *measure.Series[float64]
	sizes    atomic.Pointer[[]sized]
}

// sized is the series of a size.
type sized struct {
	of     *measure.Histogram[int64]
	series *measure.Series[int64]
}

// maxSets bounds the keys that are kept: a program may make up methods or routes.
const maxSets = 2000

// NewDuration returns the histogram with this name. It asks for the attributes once per key.
func NewDuration[K comparable](i *Instrumentation, name, description string, buckets []float64, attributes func(K) []attribute.KeyValue) *Duration[K] {
	return &Duration[K]{name: name, description: description, buckets: buckets, attributes: attributes,
		made: instrument[metric.Float64Histogram, *measured[K]]{of: i}}
}

func (d *Duration[K]) instrument() *bound[metric.Float64Histogram, *measured[K]] {
	provider := otel.GetMeterProvider()
	if b := d.made.current.Load(); b != nil && b.provider == provider {
		return b
	}
	return d.made.bind(provider, func(r *measure.Recorder, of instrumentation.Scope) *measured[K] {
		return &measured[K]{recorder: r, histogram: measure.NewHistogram[float64](r, of, d.name, "s", d.description, d.buckets)}
	}, func(meter metric.Meter) metric.Float64Histogram {
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

// Stop records the time since start, unless that is zero, and sizes with the same attributes. A sampled span of ctx becomes the exemplar of
// its bucket.
func (d *Duration[K]) Stop(ctx context.Context, start time.Time, key K, sizes ...Sized) {
	if start.IsZero() {
		return
	}
	b := d.instrument()
	if !b.wanted {
		return
	}
	if m := b.own; m != nil {
		at := time.Now()
		of, example := m.recorder.Of(ctx)
		c := d.cell(m, key)
		for !c.duration.Record(at.Sub(start).Seconds(), at, of, example) {
			m.cells.drop(key)
			c = d.cell(m, key)
		}
		for _, s := range sizes {
			c.record(s, at, of, example)
		}
	} else {
		ctx, options := answering(ctx), d.options(key)
		b.of.Record(ctx, time.Since(start).Seconds(), options...)
		for _, s := range sizes {
			s.record(ctx, options)
		}
	}
	sdk.Measured(b.provider)
}

// Size records only a size, with the attributes of the key.
func (d *Duration[K]) Size(ctx context.Context, key K, size Sized) {
	if d == nil || !initialised.Load() {
		return
	}
	b := d.instrument()
	if !b.wanted || size.Bytes < 0 {
		return
	}
	if m := b.own; m != nil {
		of, example := m.recorder.Of(ctx)
		d.cell(m, key).record(size, time.Now(), of, example)
	} else {
		size.record(answering(ctx), d.options(key))
	}
	sdk.Measured(b.provider)
}

// cell returns what is measured for a key.
func (d *Duration[K]) cell(m *measured[K], key K) *cell {
	if c, there := m.cells.get(key); there {
		return c
	}
	attrs, whole := kept(d.attributes(key))
	set := attribute.NewSet(attrs...)
	c := &cell{attrs: set, duration: m.histogram.Series(set)}
	if whole {
		m.cells.put(key, c, maxSets)
	}
	return c
}

// record records a size.
func (c *cell) record(s Sized, at time.Time, of trace.SpanContext, example bool) {
	if s.Of == nil || s.Bytes < 0 {
		return
	}
	b := s.Of.instrument()
	if b.own == nil {
		return // the program has set its provider in this moment
	}
	for {
		known := c.sizes.Load()
		if known != nil {
			for _, k := range *known {
				if k.of == b.own && k.series.Record(s.Bytes, at, of, example) {
					return
				}
			}
		}
		one := sized{b.own, b.own.Series(c.attrs)}
		all := []sized{one}
		if known != nil {
			for _, k := range *known {
				if k.of != b.own {
					all = append(all, k)
				}
			}
		}
		c.sizes.CompareAndSwap(known, &all)
	}
}

// options are the attributes of key, as instruments take them without making anything new.
func (d *Duration[K]) options(key K) []metric.RecordOption {
	if options, there := d.sets.get(key); there {
		return options
	}
	attrs, whole := kept(d.attributes(key))
	options := []metric.RecordOption{metric.WithAttributeSet(attribute.NewSet(attrs...))}
	if whole {
		d.sets.put(key, options, maxSets)
	}
	return options
}

// Size is a histogram of sizes in bytes.
type Size struct {
	name, description string
	made              instrument[metric.Int64Histogram, *measure.Histogram[int64]]
}

// Sized is a measured size. A negative one is unknown.
type Sized struct {
	Of    *Size
	Bytes int64
}

// sizes are the boundaries for sizes, to which the semantic conventions give none.
var sizes = []float64{0, 128, 512, 2 << 10, 8 << 10, 32 << 10, 128 << 10, 512 << 10, 2 << 20, 8 << 20, 32 << 20, 128 << 20}

// NewSize returns the histogram with this name.
func NewSize(i *Instrumentation, name, description string) *Size {
	return &Size{name: name, description: description, made: instrument[metric.Int64Histogram, *measure.Histogram[int64]]{of: i}}
}

func (s *Size) instrument() *bound[metric.Int64Histogram, *measure.Histogram[int64]] {
	provider := otel.GetMeterProvider()
	if b := s.made.current.Load(); b != nil && b.provider == provider {
		return b
	}
	return s.made.bind(provider, func(r *measure.Recorder, of instrumentation.Scope) *measure.Histogram[int64] {
		return measure.NewHistogram[int64](r, of, s.name, "By", s.description, sizes)
	}, func(meter metric.Meter) metric.Int64Histogram {
		h, _ := meter.Int64Histogram(s.name, metric.WithUnit("By"), metric.WithDescription(s.description), metric.WithExplicitBucketBoundaries(sizes...))
		return h
	})
}

// record records the size with a provider of the program's own.
func (s Sized) record(ctx context.Context, options []metric.RecordOption) {
	if s.Of == nil || s.Bytes < 0 {
		return
	}
	if b := s.Of.instrument(); b.wanted && b.own == nil {
		b.of.Record(ctx, s.Bytes, options...)
	}
}

// Active counts operations in progress. It costs next to nothing, because it is read only when metrics are. A nil one counts nothing.
type Active[K comparable] struct {
	name, unit, description string
	attributes              func(K) []attribute.KeyValue
	made                    instrument[metric.Int64ObservableUpDownCounter, bool]

	counts table[K, *count]
}

type count struct {
	n       atomic.Int64
	set     attribute.Set
	options []metric.ObserveOption
}

// NewActive returns the counter with this name. It asks for the attributes once per key.
func NewActive[K comparable](i *Instrumentation, name, unit, description string, attributes func(K) []attribute.KeyValue) *Active[K] {
	return &Active[K]{name: name, unit: unit, description: description, attributes: attributes,
		made: instrument[metric.Int64ObservableUpDownCounter, bool]{of: i}}
}

// Count returns the number for a key, to which the caller adds 1 and from which it later subtracts 1; nil if nothing is measured.
func (a *Active[K]) Count(key K) *atomic.Int64 {
	if a == nil || !initialised.Load() {
		return nil
	}
	provider := otel.GetMeterProvider()
	b := a.made.current.Load()
	if b == nil || b.provider != provider {
		b = a.made.bind(provider, func(r *measure.Recorder, of instrumentation.Scope) bool {
			r.Observe(of, a.name, a.unit, a.description, func(observe func(int64, attribute.Set)) {
				a.each(func(c *count) { observe(c.n.Load(), c.set) })
			})
			return true
		}, func(meter metric.Meter) metric.Int64ObservableUpDownCounter {
			c, _ := meter.Int64ObservableUpDownCounter(a.name, metric.WithUnit(a.unit), metric.WithDescription(a.description), metric.WithInt64Callback(a.observe))
			return c
		})
	}
	if !b.wanted {
		return nil
	}
	sdk.Measured(provider)
	c, there := a.counts.get(key)
	if !there {
		attrs, whole := kept(a.attributes(key))
		if !whole {
			return nil
		}
		set := attribute.NewSet(attrs...)
		a.counts.put(key, &count{set: set, options: []metric.ObserveOption{metric.WithAttributeSet(set)}}, maxSets)
		// Another one may have come before.
		if c, there = a.counts.get(key); !there {
			return nil
		}
	}
	return &c.n
}

func (a *Active[K]) observe(_ context.Context, o metric.Int64Observer) error {
	a.each(func(c *count) { o.Observe(c.n.Load(), c.options...) })
	return nil
}

func (a *Active[K]) each(do func(*count)) {
	a.counts.mu.Lock()
	defer a.counts.mu.Unlock()
	for _, c := range a.counts.all {
		do(c)
	}
}

// Observed is a number that other code counts, read when metrics are.
type Observed struct {
	name, unit, description string
	ask                     func(observe func(n int64, attrs ...attribute.KeyValue))
	made                    instrument[metric.Int64ObservableUpDownCounter, bool]
}

// NewObserved returns the counter with this name. ask reports its numbers.
func NewObserved(i *Instrumentation, name, unit, description string, ask func(observe func(n int64, attrs ...attribute.KeyValue))) *Observed {
	return &Observed{name: name, unit: unit, description: description, ask: ask,
		made: instrument[metric.Int64ObservableUpDownCounter, bool]{of: i}}
}

// Begin enables reading of the numbers.
func (o *Observed) Begin() {
	if o == nil || !initialised.Load() {
		return
	}
	provider := otel.GetMeterProvider()
	if b := o.made.current.Load(); b != nil && b.provider == provider {
		return
	}
	o.made.bind(provider, func(r *measure.Recorder, of instrumentation.Scope) bool {
		r.Observe(of, o.name, o.unit, o.description, func(observe func(int64, attribute.Set)) {
			o.ask(func(n int64, attrs ...attribute.KeyValue) {
				observe(n, attribute.NewSet(wire.Attributes(attrs, metricLimits)...))
			})
		})
		return true
	}, func(meter metric.Meter) metric.Int64ObservableUpDownCounter {
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

// instrument is an instrument of the provider that is the global one, which the program may replace at any time: one of the API's, or
// what we have in its place where the provider is ours.
type instrument[I, Own any] struct {
	of      *Instrumentation
	current atomic.Pointer[bound[I, Own]]
}

// bound is an instrument of one provider.
type bound[I, Own any] struct {
	of       I
	own      Own  // the zero value if the provider is the program's
	wanted   bool // false: there is no instrument, since nobody wants to know
	provider metric.MeterProvider
}

// binding is held while an instrument is made, of which there is to be one.
var binding sync.Mutex

// bind makes the instrument anew. A nil own has it be the API's whoever's the provider is.
func (i *instrument[I, Own]) bind(provider metric.MeterProvider, own func(*measure.Recorder, instrumentation.Scope) Own, make func(metric.Meter) I) *bound[I, Own] {
	binding.Lock()
	defer binding.Unlock()
	if now := i.current.Load(); now != nil && now.provider == provider {
		return now
	}
	b := &bound[I, Own]{provider: provider, wanted: sdk.Metering(provider)}
	if b.wanted {
		if r := sdk.Recorder(provider); r != nil && own != nil {
			b.own = own(r, instrumentation.Scope{Name: Scope + i.of.name, SchemaURL: i.of.schema})
		} else {
			b.of = make(provider.Meter(Scope+i.of.name, metric.WithSchemaURL(i.of.schema)))
		}
	}
	// One of a type that cannot be compared would be made again every time.
	if reflect.TypeOf(provider).Comparable() {
		i.current.Store(b)
	}
	return b
}
