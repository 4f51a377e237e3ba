package measure

import (
	"math"
	"slices"

	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// The SDK's bounds: buckets of each sign, and the finest and the coarsest scale.
const (
	maxBuckets         = 160
	maxScale, minScale = 20, -10
)

// exponential counts in buckets whose bounds are powers of 2 to the power of 1 by 2 to the power of scale. The scale becomes coarser
// where what is counted does not fit.
type exponential struct {
	scale              int32
	zero               uint64
	positive, negative buckets
}

// buckets are those from an index on.
type buckets struct {
	offset int32
	counts []uint64
}

func newExponential() *exponential { return &exponential{scale: maxScale} }

// add counts a value.
func (e *exponential) add(v float64) {
	switch {
	case v == 0 || math.IsNaN(v):
		e.zero++
	case v > 0:
		e.count(&e.positive, e.index(v), 1)
	default:
		e.count(&e.negative, e.index(-v), 1)
	}
}

// index is that of the bucket above whose lower bound, which is not in it, and up to whose upper bound a value is.
func (e *exponential) index(v float64) int32 {
	v = min(v, math.MaxFloat64)
	fraction, exponent := math.Frexp(v) // from 1/2 on, below 1
	if e.scale <= 0 {
		if fraction == 0.5 {
			exponent--
		}
		return int32(exponent-1) >> -e.scale
	}
	if fraction == 0.5 {
		return int32(exponent-1)<<e.scale - 1
	}
	within := int32(math.Ceil(math.Log(fraction) * math.Ldexp(math.Log2E, int(e.scale))))
	return int32(exponent)<<e.scale + within - 1
}

// count counts n in the bucket of an index, which is one of the present scale.
func (e *exponential) count(b *buckets, index int32, n uint64) {
	if len(b.counts) == 0 {
		b.offset, b.counts = index, append(b.counts, n)
		return
	}
	low, high := min(b.offset, index), max(b.offset+int32(len(b.counts))-1, index)
	by := int32(0)
	for high>>by-low>>by >= maxBuckets {
		by++
	}
	if by > 0 {
		e.coarsen(by)
		index >>= by
	}
	if index < b.offset {
		b.counts = slices.Insert(b.counts, 0, make([]uint64, b.offset-index)...)
		b.offset = index
	}
	if more := int(index-b.offset) + 1 - len(b.counts); more > 0 {
		b.counts = append(b.counts, make([]uint64, more)...)
	}
	b.counts[index-b.offset] += n
}

// coarsen makes the scale coarser.
func (e *exponential) coarsen(by int32) {
	e.scale -= by
	for _, b := range []*buckets{&e.positive, &e.negative} {
		if len(b.counts) == 0 {
			continue
		}
		first := b.offset >> by
		counts := make([]uint64, (b.offset+int32(len(b.counts))-1)>>by-first+1)
		for i, n := range b.counts {
			counts[(b.offset+int32(i))>>by-first] += n
		}
		b.offset, b.counts = first, counts
	}
}

// merge adds what another one has counted.
func (e *exponential) merge(o *exponential) {
	if o.scale < e.scale {
		e.coarsen(e.scale - o.scale)
	}
	e.zero += o.zero
	for _, pair := range [][2]*buckets{{&e.positive, &o.positive}, {&e.negative, &o.negative}} {
		to, from := pair[0], pair[1]
		for i, n := range from.counts {
			if n > 0 {
				e.count(to, (from.offset+int32(i))>>(o.scale-e.scale), n)
			}
		}
	}
}

func (b buckets) data() metricdata.ExponentialBucket {
	return metricdata.ExponentialBucket{Offset: b.offset, Counts: slices.Clone(b.counts)}
}
