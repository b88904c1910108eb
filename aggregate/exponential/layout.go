package exponential

import (
	"math"
	"sync/atomic"
)

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

// minSpan and maxSpan are the fewest and most neighbouring buckets for which a span has room. With the schema
// of windows, the most cover 32 octaves.
const minSpan, maxSpan = 16, 2048

func newSpan(first int, counts []uint64) span {
	s := span{first: first, counts: make([]atomic.Uint64, len(counts))}
	for i, n := range counts {
		s.counts[i].Store(n)
	}
	return s
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
func (l *layout) limited(o *Options) *layout {
	for l.populated > o.MaxBuckets {
		if wider := l.wider(o.MaxZeroThreshold); wider != nil {
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
