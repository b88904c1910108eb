package exponential

import (
	"math"
	"sync/atomic"
)

// layout is the buckets of a histogram at a schema and a zero threshold. Buckets are added to it as far as
// there is room, and counts grow; everything else needs another layout.
type layout struct {
	slice         uint32 // of a summary's window; 0 otherwise
	schema        int
	zeroThreshold float64 // values of at most this, or its negative, are in the zero bucket

	shared             *shared
	positive, negative table
	irreducible        int // the number of buckets when nothing reduced it; used by the owner only
}

// shared is what a layout has in common with the one that replaces it, unless the zero bucket changes.
type shared struct {
	zero            atomic.Uint64 // count of the zero bucket
	lowest, highest atomic.Uint64 // float64; of a summary's window: its least and greatest value
}

func newLayout(slice uint32, o *Options) *layout {
	l := &layout{slice: slice, schema: o.Schema, zeroThreshold: o.ZeroThreshold, shared: &shared{}}
	l.shared.lowest.Store(math.Float64bits(math.Inf(1)))
	l.shared.highest.Store(math.Float64bits(math.Inf(-1)))
	return l
}

// noteExtremes notes a value that may be the least or the greatest one.
func (s *shared) noteExtremes(value float64) {
	if value < math.Float64frombits(s.lowest.Load()) {
		s.lowest.Store(math.Float64bits(value))
	}
	if value > math.Float64frombits(s.highest.Load()) {
		s.highest.Store(math.Float64bits(value))
	}
}

// add counts a value. It returns false when its bucket is new and there is no room for it.
func (l *layout) add(value float64, n uint64) bool {
	switch {
	case math.Abs(value) <= l.zeroThreshold:
		l.shared.zero.Store(l.shared.zero.Load() + n)
		return true
	case value < 0:
		return l.negative.add(indexOf(-value, l.schema), n)
	default:
		return l.positive.add(indexOf(value, l.schema), n)
	}
}

// populated returns how many buckets there are, without the zero bucket.
func (l *layout) populated() int { return l.positive.len + l.negative.len }

// grown returns a copy of l that has room for a new bucket on the side of value.
func (l *layout) grown(value float64) *layout {
	g := *l
	if value < 0 {
		g.negative = l.negative.grown()
	} else {
		g.positive = l.positive.grown()
	}
	return &g
}

// reduced returns a copy of l that has fewer buckets, or a step towards that; nil when l has the fewest.
// Client libraries take the same steps: the zero bucket is widened as far as it may be, then the resolution
// is halved.
func (l *layout) reduced(o *Options) *layout {
	if wider := l.wider(o.MaxZeroThreshold); wider != nil {
		return wider
	}
	if l.schema == minSchema {
		return nil
	}
	return l.halved()
}

// halved returns a copy of l with half the resolution.
func (l *layout) halved() *layout {
	h := *l
	h.schema--
	h.positive = tableOf(coarsened(l.positive.sorted(), 1), 0)
	h.negative = tableOf(coarsened(l.negative.sorted(), 1), 0)
	return &h
}

// wider returns a copy of l whose zero bucket has swallowed the buckets nearest to it, or nil when it would
// be wider than limit.
func (l *layout) wider(limit float64) *layout {
	if l.zeroThreshold >= limit {
		return nil
	}
	positive, negative := l.positive.sorted(), l.negative.sorted()
	nearest := math.MaxInt
	for _, buckets := range [][]Bucket{positive, negative} {
		if len(buckets) > 0 {
			nearest = min(nearest, buckets[0].Index)
		}
	}
	if nearest == math.MaxInt {
		return nil
	}
	threshold := upperBound(nearest, l.schema)
	if threshold > limit {
		return nil
	}
	w := *l
	zero := l.shared.zero.Load()
	for _, buckets := range []*[]Bucket{&positive, &negative} {
		if len(*buckets) > 0 && (*buckets)[0].Index == nearest {
			zero += (*buckets)[0].Count
			*buckets = (*buckets)[1:]
		}
	}
	w.zeroThreshold, w.shared = threshold, &shared{}
	w.shared.zero.Store(zero)
	w.positive, w.negative = tableOf(positive, 0), tableOf(negative, 0)
	return &w
}
