// Package measure keeps what hooks measure, where the program has set no meter provider of its own: histograms, and numbers that are
// asked for where metrics are read. A measurement is an index and a few additions, without a look-up of its attributes: who measures
// keeps the series that they have. The SDK's readers get all of it by Producer, beside what the program's own instruments measure.
//
// Aggregation, temporality, examples and the limit of series are what the SDK has for the same instruments; a test gives both the same
// measurements and compares what is read.
package measure

import (
	"context"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/trace"
)

// Examples says which measurements become examples.
type Examples int

// The choices of OTEL_METRICS_EXEMPLAR_FILTER.
const (
	OfSampled Examples = iota // those of sampled spans
	OfAll
	OfNone
)

// Config says what is kept of measurements.
type Config struct {
	Examples    Examples
	Limit       int  // series of an instrument
	Exponential bool // histograms have exponential buckets for the producers that want them
	Delta       bool // a producer wants what was measured since it was last asked
	// Only says that there is no producer beside that one, which then decides what is forgotten.
	Only bool
}

// Recorder has the instruments.
type Recorder struct {
	config Config
	mu     sync.Mutex
	scopes []*scope
}

// scope is what hooks of one instrumentation measure.
type scope struct {
	is    instrumentation.Scope
	reads []instrument
}

// instrument is read by the way of an interface: where no producer is linked, what reads is not either.
type instrument interface {
	read(p *Producer, at time.Time) (metricdata.Metrics, bool)
}

// New returns a recorder.
func New(config Config) *Recorder { return &Recorder{config: config} }

// add has an instrument read from now on.
func (r *Recorder) add(is instrumentation.Scope, i instrument) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.scopes {
		if s.is == is {
			s.reads = append(s.reads, i)
			return
		}
	}
	r.scopes = append(r.scopes, &scope{is: is, reads: []instrument{i}})
}

// Of returns what becomes an example by the span of ctx, and whether anything does.
func (r *Recorder) Of(ctx context.Context) (of trace.SpanContext, wanted bool) {
	if r.config.Examples == OfNone {
		return of, false
	}
	of = spanContext(ctx)
	return of, r.config.Examples == OfAll || of.IsSampled()
}

// spanContext is trace.SpanContextFromContext for a context that may be the program's, and panic.
func spanContext(ctx context.Context) (of trace.SpanContext) {
	defer func() { _ = recover() }()
	return trace.SpanContextFromContext(ctx)
}

// Producer provides metrics to a reader of the SDK. Each reader has its own.
type Producer struct {
	of                 *Recorder
	delta, exponential bool
	mu                 sync.Mutex
	last               time.Time
}

// NewProducer returns a producer. Only one may ask for what was measured since the last time, and for exponential buckets.
func (r *Recorder) NewProducer(temporality metricdata.Temporality, exponential bool) *Producer {
	return &Producer{of: r, delta: temporality == metricdata.DeltaTemporality, exponential: exponential}
}

// Produce reads all instruments.
func (p *Producer) Produce(context.Context) ([]metricdata.ScopeMetrics, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.of.mu.Lock()
	scopes := make([]scope, 0, len(p.of.scopes))
	for _, s := range p.of.scopes {
		scopes = append(scopes, scope{s.is, slices.Clone(s.reads)})
	}
	p.of.mu.Unlock()
	at := time.Now()
	var all []metricdata.ScopeMetrics
	for _, s := range scopes {
		out := metricdata.ScopeMetrics{Scope: s.is}
		for _, i := range s.reads {
			if m, any := i.read(p, at); any {
				out.Metrics = append(out.Metrics, m)
			}
		}
		if len(out.Metrics) > 0 {
			all = append(all, out)
		}
	}
	p.last = at
	return all, nil
}

// since is when what is read begins, of an instrument that is there since start.
func (p *Producer) since(start time.Time) time.Time {
	if p.delta && p.last.After(start) {
		return p.last
	}
	return start
}

func (p *Producer) temporality() metricdata.Temporality {
	if p.delta {
		return metricdata.DeltaTemporality
	}
	return metricdata.CumulativeTemporality
}

// Observe has a number asked for where metrics are read, one that goes up and down. Numbers with the same attributes are added.
func (r *Recorder) Observe(is instrumentation.Scope, name, unit, description string, ask func(observe func(n int64, attrs attribute.Set))) {
	r.add(is, &observed{name: name, unit: unit, description: description, limit: r.config.Limit, start: time.Now(), ask: ask})
}

// observed is a number that is asked for.
type observed struct {
	name, unit, description string
	limit                   int
	start                   time.Time
	ask                     func(observe func(n int64, attrs attribute.Set))
}

func (o *observed) read(_ *Producer, at time.Time) (metricdata.Metrics, bool) {
	var points []metricdata.DataPoint[int64]
	places := map[attribute.Distinct]int{}
	o.ask(func(n int64, attrs attribute.Set) {
		i, known := places[attrs.Equivalent()]
		switch {
		case known:
			points[i].Value += n
			return
		case o.limit > 0 && len(points) >= o.limit-1:
			attrs = overflow
			if i, known = places[attrs.Equivalent()]; known {
				points[i].Value += n
				return
			}
		}
		places[attrs.Equivalent()] = len(points)
		points = append(points, metricdata.DataPoint[int64]{Attributes: attrs, StartTime: o.start, Time: at, Value: n})
	})
	return metricdata.Metrics{Name: o.name, Description: o.description, Unit: o.unit,
		Data: metricdata.Sum[int64]{DataPoints: points, Temporality: metricdata.CumulativeTemporality}}, len(points) > 0
}

// overflow stands for the attributes of what is more than an instrument may tell apart.
var overflow = attribute.NewSet(attribute.Bool("otel.metric.overflow", true))

// Histogram counts measurements in buckets.
type Histogram[N int64 | float64] struct {
	of                      *Recorder
	name, unit, description string
	bounds                  []float64
	start                   time.Time

	mu     sync.Mutex
	series map[attribute.Distinct]*Series[N]
	order  []*Series[N]
}

// NewHistogram returns a histogram, with the upper bounds of its buckets.
func NewHistogram[N int64 | float64](r *Recorder, is instrumentation.Scope, name, unit, description string, bounds []float64) *Histogram[N] {
	h := &Histogram[N]{of: r, name: name, unit: unit, description: description, bounds: bounds, start: time.Now(), series: map[attribute.Distinct]*Series[N]{}}
	r.add(is, h)
	return h
}

// Series returns the series with these attributes, or that of what is too much.
func (h *Histogram[N]) Series(attrs attribute.Set) *Series[N] {
	h.mu.Lock()
	defer h.mu.Unlock()
	if s := h.series[attrs.Equivalent()]; s != nil {
		return s
	}
	if limit := h.of.config.Limit; limit > 0 && len(h.series) >= limit-1 {
		attrs = overflow
		if s := h.series[attrs.Equivalent()]; s != nil {
			return s
		}
	}
	s := &Series[N]{of: h, attrs: attrs, more: make([]atomic.Pointer[shard[N]], min(runtime.GOMAXPROCS(0), maxShards)-1)}
	s.first.init(h)
	h.series[attrs.Equivalent()], h.order = s, append(h.order, s)
	return s
}

// maxShards bounds the parts that a series is counted in.
const maxShards = 32

// Series is what has been measured with the same attributes. It is counted in parts, of which there are more than one only where those
// who measure have met.
type Series[N int64 | float64] struct {
	of    *Histogram[N]
	attrs attribute.Set
	gone  atomic.Bool // forgotten, as nothing was measured for a while; written with all parts locked
	used  atomic.Int32
	first shard[N]
	more  []atomic.Pointer[shard[N]]

	// What was read before by the producer that wants what came since. Under its lock.
	before struct {
		count  uint64
		counts []uint64
	}
}

// shard is a part of a series.
type shard[N int64 | float64] struct {
	mu     sync.Mutex
	counts []uint64
	count  uint64
	total  total[N]
	since  *total[N] // what was measured since it was read; nil if nothing reads it
	expo   *exponential
	bucket []example[N] // the newest of each bucket; nil until there is one
	chosen []example[N] // some, for exponential buckets
	seen   uint64       // of those that might have been chosen
	_      [32]byte     // no two in one line of a cache
}

// total is what is known of measurements together.
type total[N int64 | float64] struct {
	some     bool
	sum      N
	min, max N
}

func (t *total[N]) add(v N) {
	t.sum += v
	switch {
	case !t.some:
		t.some, t.min, t.max = true, v, v
	case v < t.min:
		t.min = v
	case v > t.max:
		t.max = v
	}
}

func (t *total[N]) merge(o total[N]) {
	if !o.some {
		return
	}
	if !t.some {
		*t = o
		return
	}
	t.sum, t.min, t.max = t.sum+o.sum, min(t.min, o.min), max(t.max, o.max)
}

// example is one measurement.
type example[N int64 | float64] struct {
	at    time.Time // zero: there is none
	value N
	trace trace.TraceID
	span  trace.SpanID
}

// maxChosen is how many examples there are with exponential buckets.
const maxChosen = 20

func (s *shard[N]) init(h *Histogram[N]) {
	s.counts = make([]uint64, len(h.bounds)+1)
	if h.of.config.Delta {
		s.since = new(total[N])
	}
	if h.of.config.Exponential {
		s.expo = newExponential()
	}
}

// lock returns a part that nobody else has, locked.
func (s *Series[N]) lock() *shard[N] {
	used := s.used.Load()
	if used == 0 {
		if s.first.mu.TryLock() {
			return &s.first
		}
		if len(s.more) == 0 {
			s.first.mu.Lock()
			return &s.first
		}
	}
	// Goroutines have stacks of their own.
	var here byte
	at := int32(uintptr(unsafe.Pointer(&here)) >> 11 * 0x9e3779b1 >> 8 & 0x7fffff)
	for range used + 1 {
		if p := s.part(at % (used + 1)); p.mu.TryLock() {
			return p
		}
		at++
	}
	if int(used) < len(s.more) {
		s.used.CompareAndSwap(used, used+1)
		used++
	}
	p := s.part(at % (used + 1))
	p.mu.Lock()
	return p
}

func (s *Series[N]) part(i int32) *shard[N] {
	if i == 0 {
		return &s.first
	}
	at := &s.more[i-1]
	if p := at.Load(); p != nil {
		return p
	}
	p := new(shard[N])
	p.init(s.of)
	if at.CompareAndSwap(nil, p) {
		return p
	}
	return at.Load()
}

// Record counts a measurement, which may become an example by a span. It returns false for a series that has been forgotten: then the
// histogram has another one.
func (s *Series[N]) Record(v N, at time.Time, of trace.SpanContext, example bool) bool {
	i := 0
	for bounds := s.of.bounds; i < len(bounds) && !(bounds[i] >= float64(v)); i++ {
	}
	p := s.lock()
	if s.gone.Load() {
		p.mu.Unlock()
		return false
	}
	p.count++
	p.counts[i]++
	p.total.add(v)
	if p.since != nil {
		p.since.add(v)
	}
	if p.expo != nil {
		p.expo.add(float64(v))
	}
	if example {
		p.show(v, at, of, i)
	}
	p.mu.Unlock()
	return true
}

// show keeps an example.
func (p *shard[N]) show(v N, at time.Time, of trace.SpanContext, bucket int) {
	e := example[N]{at, v, of.TraceID(), of.SpanID()}
	if p.bucket == nil {
		p.bucket = make([]example[N], len(p.counts))
	}
	p.bucket[bucket] = e
	if p.expo == nil {
		return
	}
	p.seen++
	if len(p.chosen) < maxChosen {
		p.chosen = append(p.chosen, e)
	} else if j := rand.Uint64N(p.seen); j < maxChosen {
		p.chosen[j] = e
	}
}

// parts are those that there are.
func (s *Series[N]) parts() []*shard[N] {
	all := []*shard[N]{&s.first}
	for i := range s.more {
		if p := s.more[i].Load(); p != nil {
			all = append(all, p)
		}
	}
	return all
}

// sum is a series as it is read.
type sum[N int64 | float64] struct {
	count    uint64
	counts   []uint64
	total    total[N]
	expo     *exponential
	examples []example[N]
}

// read adds the parts of a series, for a producer.
func (s *Series[N]) read(p *Producer) (all sum[N]) {
	all.counts = make([]uint64, len(s.first.counts))
	if p.exponential {
		all.expo = newExponential()
	} else {
		all.examples = make([]example[N], len(s.first.counts))
	}
	for _, part := range s.parts() {
		part.mu.Lock()
		all.count += part.count
		for i, n := range part.counts {
			all.counts[i] += n
		}
		if p.delta {
			all.total.merge(*part.since)
			*part.since = total[N]{}
		} else {
			all.total.merge(part.total)
		}
		if p.exponential {
			all.expo.merge(part.expo)
			all.examples = append(all.examples, part.chosen...)
			if p.delta {
				part.expo, part.chosen, part.seen = newExponential(), nil, 0
			}
		} else {
			for i, e := range part.bucket {
				if e.at.After(all.examples[i].at) {
					all.examples[i] = e
				}
			}
		}
		part.mu.Unlock()
	}
	if !p.delta {
		return all
	}
	count, counts := all.count, slices.Clone(all.counts)
	all.count -= s.before.count
	for i, n := range s.before.counts {
		all.counts[i] -= n
	}
	s.before.count, s.before.counts = count, counts
	return all
}

// forget has a series forgotten in which nothing was measured since it was read.
func (s *Series[N]) forget() bool {
	parts := s.parts()
	count := uint64(0)
	for _, p := range parts {
		p.mu.Lock()
		count += p.count
	}
	idle := count == s.before.count
	if idle {
		s.gone.Store(true)
	}
	for _, p := range parts {
		p.mu.Unlock()
	}
	return idle
}

// read reads all series, and forgets those in which nothing was measured, as the SDK does where it tells what came since.
func (h *Histogram[N]) read(p *Producer, at time.Time) (metricdata.Metrics, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	start := p.since(h.start)
	var plain []metricdata.HistogramDataPoint[N]
	var exponentials []metricdata.ExponentialHistogramDataPoint[N]
	kept := h.order[:0]
	for _, s := range h.order {
		all := s.read(p)
		if all.count == 0 {
			if p.delta && h.of.config.Only && s.forget() {
				delete(h.series, s.attrs.Equivalent())
				continue
			}
			kept = append(kept, s)
			continue
		}
		kept = append(kept, s)
		least, most := metricdata.NewExtrema(all.total.min), metricdata.NewExtrema(all.total.max)
		var examples []metricdata.Exemplar[N]
		for _, e := range all.examples {
			if e.at.IsZero() || p.delta && !p.last.IsZero() && !e.at.After(p.last) {
				continue
			}
			example := metricdata.Exemplar[N]{Time: e.at, Value: e.value}
			if e.trace.IsValid() {
				example.TraceID = slices.Clone(e.trace[:])
			}
			if e.span.IsValid() {
				example.SpanID = slices.Clone(e.span[:])
			}
			examples = append(examples, example)
		}
		if !p.exponential {
			plain = append(plain, metricdata.HistogramDataPoint[N]{Attributes: s.attrs, StartTime: start, Time: at, Count: all.count, Bounds: h.bounds,
				BucketCounts: all.counts, Min: least, Max: most, Sum: all.total.sum, Exemplars: examples})
			continue
		}
		if len(examples) > maxChosen {
			rand.Shuffle(len(examples), func(i, j int) { examples[i], examples[j] = examples[j], examples[i] })
			examples = examples[:maxChosen]
		}
		exponentials = append(exponentials, metricdata.ExponentialHistogramDataPoint[N]{Attributes: s.attrs, StartTime: start, Time: at, Count: all.count,
			Min: least, Max: most, Sum: all.total.sum, Scale: all.expo.scale, ZeroCount: all.expo.zero,
			PositiveBucket: all.expo.positive.data(), NegativeBucket: all.expo.negative.data(), Exemplars: examples})
	}
	clear(h.order[len(kept):])
	h.order = kept
	if p.exponential {
		return h.is(metricdata.ExponentialHistogram[N]{DataPoints: exponentials, Temporality: p.temporality()}), len(exponentials) > 0
	}
	return h.is(metricdata.Histogram[N]{DataPoints: plain, Temporality: p.temporality()}), len(plain) > 0
}

func (h *Histogram[N]) is(data metricdata.Aggregation) metricdata.Metrics {
	return metricdata.Metrics{Name: h.name, Description: h.description, Unit: h.unit, Data: data}
}
