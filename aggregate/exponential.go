package aggregate

import (
	"math"
	"sort"
	"sync/atomic"
)

// exponential counts observations in buckets whose bounds grow by a constant factor: the native histograms of
// Prometheus (https://prometheus.io/docs/specs/native_histograms/), and the slices of a summary's window.
//
// Bucket i of schema s holds the values in (2^((i-1)*2^-s), 2^(i*2^-s)]; values near zero have a bucket of
// their own, negative ones mirrored buckets. The number of buckets is bounded: when there are too many the
// zero bucket is widened, and when it may not be, each two neighbours become one.
//
// One goroutine writes. Readers take the layout once and load its counts; a writer that needs another layout
// copies it and publishes the copy, so that a reader sees a slightly old state, never a half one.
type exponential struct {
	current atomic.Pointer[layout] // nil while nothing was observed; written by the owner
}

// layout is which buckets there are. Only its counts change.
type layout struct {
	slice         uint32 // of a summary's window; 0 otherwise
	schema        int
	zeroThreshold float64 // values of at most this, or its negative, are in the zero bucket

	zero               *atomic.Uint64
	positive, negative span
	populated          int // buckets with a count; used by the owner only
}

// span is the counts of neighbouring buckets.
type span struct {
	first  int // index of counts[0]
	counts []atomic.Uint64
}

const (
	minSchema, maxSchema = -4, 8

	// minSpan and maxSpan are the fewest and most neighbouring buckets that are kept room for. With the
	// schema of summaries the most cover 32 octaves.
	minSpan, maxSpan = 16, 2048

	// defaultZeroThreshold is 2^-128, which Prometheus's client libraries use.
	defaultZeroThreshold = 2.938735877055719e-39
)

// observe counts value, which is no NaN, weight times. slice is that of the window, or 0.
func (e *exponential) observe(value float64, weight uint64, o *nativeOptions, slice uint32) {
	l := e.current.Load()
	if l == nil || l.slice != slice {
		l = &layout{slice: slice, schema: o.schema, zeroThreshold: o.zeroThreshold, zero: new(atomic.Uint64)}
		e.current.Store(l)
	}
	if math.Abs(value) <= l.zeroThreshold {
		l.zero.Store(l.zero.Load() + weight)
		return
	}
	count := l.bucket(value)
	for count == nil { // Slow path: the buckets must reach further.
		l = l.reaching(value)
		e.current.Store(l)
		count = l.bucket(value)
	}
	before := count.Load()
	count.Store(before + weight)
	if before != 0 {
		return
	}
	l.populated++
	if l.populated > o.maxBuckets {
		e.current.Store(l.limited(o))
	}
}

// bucket returns the count of the bucket that value is in, or nil when there is no room for it.
func (l *layout) bucket(value float64) *atomic.Uint64 {
	s := &l.positive
	if value < 0 {
		s = &l.negative
	}
	if i := indexOf(math.Abs(value), l.schema) - s.first; uint(i) < uint(len(s.counts)) {
		return &s.counts[i]
	}
	return nil
}

// reaching returns a copy of l with room for the bucket of value, or a step towards that: one of half the
// resolution.
func (l *layout) reaching(value float64) *layout {
	grown := *l
	s, index := &grown.positive, indexOf(math.Abs(value), l.schema)
	if value < 0 {
		s = &grown.negative
	}
	first, end := s.first, s.first+len(s.counts)
	if len(s.counts) == 0 {
		first, end = index, index+1
	}
	size := max(minSpan, end-first+len(s.counts)/2)
	if index < first {
		size = max(size, end-index)
		first = end - min(size, maxSpan)
	} else {
		size = max(size, index+1-first)
	}
	if size = min(size, maxSpan); index < first || index >= first+size {
		return l.halved()
	}
	*s = s.moved(first, size, 0)
	return &grown
}

// moved returns a copy of s with room for size buckets from first on, of a schema that is less by shift.
func (s *span) moved(first, size, shift int) span {
	m := span{first: first, counts: make([]atomic.Uint64, size)}
	for i := range s.counts {
		if n := s.counts[i].Load(); n != 0 {
			to := &m.counts[coarser(s.first+i, shift)-first]
			to.Store(to.Load() + n)
		}
	}
	return m
}

// halved returns a copy of l with half the resolution.
func (l *layout) halved() *layout {
	h := *l
	h.schema--
	for _, s := range []*span{&h.positive, &h.negative} {
		if len(s.counts) > 0 {
			first := coarser(s.first, 1)
			*s = s.moved(first, max(minSpan, coarser(s.first+len(s.counts)-1, 1)-first+1), 1)
		}
	}
	h.recount()
	return &h
}

// limited returns a copy of l with at most the allowed number of populated buckets, if its schema can be that
// low: the zero bucket is widened as far as it may be, then the resolution is halved.
func (l *layout) limited(o *nativeOptions) *layout {
	for l.populated > o.maxBuckets {
		if wider := l.wider(o.maxZeroThreshold); wider != nil {
			l = wider
		} else if l.schema > minSchema {
			l = l.halved()
		} else {
			break
		}
	}
	return l
}

// wider returns a copy of l whose zero bucket has swallowed the populated buckets nearest to it, or nil when
// it would be wider than limit.
func (l *layout) wider(limit float64) *layout {
	nearest := math.MaxInt
	for _, s := range []*span{&l.positive, &l.negative} {
		for i := range s.counts {
			if s.counts[i].Load() != 0 {
				nearest = min(nearest, s.first+i)
				break
			}
		}
	}
	threshold := upperBound(nearest, l.schema)
	if threshold > limit {
		return nil
	}
	w := *l
	w.zeroThreshold, w.zero = threshold, new(atomic.Uint64)
	zero := l.zero.Load()
	for _, s := range []*span{&w.positive, &w.negative} {
		*s = s.moved(s.first, len(s.counts), 0)
		if i := nearest - s.first; i >= 0 && i < len(s.counts) {
			zero += s.counts[i].Swap(0)
		}
	}
	w.zero.Store(zero)
	w.recount()
	return &w
}

func (l *layout) recount() {
	l.populated = 0
	for _, s := range []*span{&l.positive, &l.negative} {
		for i := range s.counts {
			if s.counts[i].Load() != 0 {
				l.populated++
			}
		}
	}
}

// coarser returns the index of the bucket that bucket index becomes a part of when the schema falls by shift.
func coarser(index, shift int) int { return (index + 1<<shift - 1) >> shift }

// indexOf returns the index of the bucket of schema that value, more than 0, is in. Infinity is one beyond
// the largest number.
func indexOf(value float64, schema int) int {
	beyond := 0
	if math.IsInf(value, 1) {
		value, beyond = math.MaxFloat64, 1
	}
	fraction, exponent := math.Frexp(value) // value = fraction * 2^exponent, fraction in [0.5, 1)
	if schema > 0 {
		bounds := fractions(schema)
		return sort.SearchFloat64s(bounds, fraction) + (exponent-1)*len(bounds) + beyond
	}
	if fraction == 0.5 { // a power of two is in the bucket that it bounds
		exponent--
	}
	return coarser(exponent, -schema) + beyond
}

// upperBound returns the upper bound of a bucket; that of the bucket of infinity is infinite.
func upperBound(index, schema int) float64 {
	fraction, exponent := 0.5, index<<max(0, -schema)+1
	if schema > 0 {
		bounds := fractions(schema)
		fraction, exponent = bounds[index&(len(bounds)-1)], index>>schema+1
	}
	if fraction == 0.5 && exponent == 1025 {
		return math.MaxFloat64 // 2^1024 is no float64, and nothing lies between
	}
	return math.Ldexp(fraction, exponent)
}

// schemaOf returns the coarsest schema whose buckets grow by at most factor, more than 1.
func schemaOf(factor float64) int {
	schema := int(-math.Floor(math.Log2(math.Log2(factor))))
	return min(max(schema, minSchema), maxSchema)
}

// fractions returns the bounds of the buckets in [0.5, 1) of a schema above 0.
func fractions(schema int) []float64 { return fractionTables[schema-1] }

// fractionTables are computed, down to the last bit, as the bounds of Prometheus's client libraries are:
// every other one is that of the schema below, those between are a factor from their neighbours.
var fractionTables = func() (tables [maxSchema][]float64) {
	coarser := []float64{0.5}
	for i := range tables {
		bounds := make([]float64, 0, 2*len(coarser))
		factor := math.Exp2(math.Exp2(-float64(i + 1)))
		for _, bound := range coarser {
			bounds = append(bounds, bound, bound*factor)
		}
		tables[i], coarser = bounds, bounds
	}
	return tables
}()
