package exponential

import (
	"math"
	"slices"
)

// Sum adds up the histograms, or the windows, of the cells of one series. Its buckets have the coarsest schema,
// and the widest zero bucket, of all that were added. The zero value is an empty sum. It keeps its memory over
// Reset, and belongs to one goroutine.
type Sum struct {
	layouts  []*layout // that were added
	isMerged bool      // what follows is the sum of layouts

	schema             int
	zeroThreshold      float64
	zero               uint64
	positive, negative counts
}

// counts is the sum of spans.
type counts struct {
	first  int
	counts []uint64
}

// Reset makes s empty.
func (s *Sum) Reset() { s.layouts, s.isMerged = s.layouts[:0], false }

// Add adds the counts of a histogram until now.
func (s *Sum) Add(h *Histogram) {
	if l := h.current.Load(); l != nil {
		s.layouts, s.isMerged = append(s.layouts, l), false
	}
}

// AddWindow adds the counts of the slices that a window has not forgotten at a time.
func (s *Sum) AddWindow(w *Window, now uint32) {
	number := now / w.sliceSeconds
	for i := range w.slices {
		if l := w.slices[i].current.Load(); l != nil && l.slice+uint32(len(w.slices)) > number {
			s.layouts, s.isMerged = append(s.layouts, l), false
		}
	}
}

// Buckets returns the buckets, in the finest schema in which at most maxBuckets are populated, if any schema is
// that coarse. Since counts only grow, later sums of the same histograms have no finer schema. The buckets are
// valid until the next call of Reset or Add.
func (s *Sum) Buckets(maxBuckets int) Buckets {
	s.merge()
	for s.positive.populated()+s.negative.populated() > maxBuckets && s.schema > minSchema {
		s.schema--
		s.positive.halve()
		s.negative.halve()
	}
	return Buckets{
		Schema: s.schema, ZeroThreshold: s.zeroThreshold, ZeroCount: s.zero, Count: s.total(),
		Positive: s.positive.counts, PositiveFirst: s.positive.first,
		Negative: s.negative.counts, NegativeFirst: s.negative.first,
	}
}

// Total returns how many observations there are.
func (s *Sum) Total() uint64 {
	s.merge()
	return s.total()
}

// Quantile returns the value that a share q, in [0, 1], of the observations does not exceed; NaN when there are
// no observations. Its relative error is at most half the ratio by which the bounds of a bucket differ.
func (s *Sum) Quantile(q float64) float64 {
	s.merge()
	total := s.total()
	if total == 0 {
		return math.NaN()
	}
	rank := uint64(math.Ceil(q * float64(total)))
	rank = min(max(rank, 1), total)
	for i, n := range slices.Backward(s.negative.counts) {
		if rank <= n {
			return -s.middle(s.negative.first + i)
		}
		rank -= n
	}
	if rank <= s.zero {
		return 0
	}
	rank -= s.zero
	for i, n := range s.positive.counts {
		if rank <= n {
			return s.middle(s.positive.first + i)
		}
		rank -= n
	}
	panic("BUG: the buckets hold less than their total")
}

// middle returns the value of a bucket from which both bounds differ by the same ratio of themselves.
func (s *Sum) middle(index int) float64 {
	low, high := upperBound(index-1, s.schema), upperBound(index, s.schema)
	if math.IsInf(high, 1) {
		return high
	}
	return low * (2 / (1 + low/high))
}

// merge adds the layouts up, unless that was done.
func (s *Sum) merge() {
	if s.isMerged {
		return
	}
	s.isMerged = true
	s.schema, s.zeroThreshold, s.zero = maxSchema, 0, 0
	s.positive = counts{counts: s.positive.counts[:0]}
	s.negative = counts{counts: s.negative.counts[:0]}
	for _, l := range s.layouts {
		s.schema = min(s.schema, l.schema)
		s.zeroThreshold = max(s.zeroThreshold, l.zeroThreshold)
		s.zero += l.zero.Load()
	}
	for _, l := range s.layouts {
		s.zero += s.positive.add(&l.positive, l.schema-s.schema, s)
		s.zero += s.negative.add(&l.negative, l.schema-s.schema, s)
	}
}

func (s *Sum) total() uint64 { return s.zero + s.positive.total() + s.negative.total() }

// add adds the counts of a span whose schema is higher by shift, and returns the sum of the counts that belong
// into the zero bucket of the sum.
func (c *counts) add(from *span, shift int, to *Sum) (zero uint64) {
	for i := range from.counts {
		n := from.counts[i].Load()
		if n == 0 {
			continue
		}
		index := coarser(from.first+i, shift)
		if upperBound(index, to.schema) <= to.zeroThreshold {
			zero += n
			continue
		}
		c.reach(index)
		c.counts[index-c.first] += n
	}
	return zero
}

// reach makes room for index.
func (c *counts) reach(index int) {
	if len(c.counts) == 0 {
		c.first = index
	}
	if below := c.first - index; below > 0 {
		old := c.counts
		c.counts = append(c.counts, make([]uint64, below)...)
		copy(c.counts[below:], old)
		clear(c.counts[:below])
		c.first = index
	}
	for index-c.first >= len(c.counts) {
		c.counts = append(c.counts, 0)
	}
}

func (c *counts) populated() (n int) {
	for _, count := range c.counts {
		if count != 0 {
			n++
		}
	}
	return n
}

func (c *counts) halve() {
	first := coarser(c.first, 1)
	for i, n := range c.counts {
		c.counts[i] = 0 // not read again: index i goes to i or below
		c.counts[coarser(c.first+i, 1)-first] += n
	}
	if len(c.counts) > 0 {
		c.counts = c.counts[:coarser(c.first+len(c.counts)-1, 1)-first+1]
	}
	c.first = first
}

func (c *counts) total() (sum uint64) {
	for _, n := range c.counts {
		sum += n
	}
	return sum
}
