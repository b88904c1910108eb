package aggregate

import (
	"math"
	"slices"
)

// merged is the sum of layouts, that of the cells of one series, in the coarsest of their schemas.
type merged struct {
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

// merge makes m the sum of layouts; it keeps no reference to them.
func (m *merged) merge(layouts []*layout) {
	*m = merged{
		schema:   maxSchema,
		positive: counts{counts: m.positive.counts[:0]}, negative: counts{counts: m.negative.counts[:0]},
	}
	for _, l := range layouts {
		m.schema = min(m.schema, l.schema)
		m.zeroThreshold = max(m.zeroThreshold, l.zeroThreshold)
		m.zero += l.zero.Load()
	}
	for _, l := range layouts {
		m.zero += m.positive.add(&l.positive, l.schema-m.schema, m)
		m.zero += m.negative.add(&l.negative, l.schema-m.schema, m)
	}
}

// add adds the counts of s, whose schema is higher by shift, and returns the sum of those that belong into
// the zero bucket of m.
func (c *counts) add(s *span, shift int, m *merged) (zero uint64) {
	for i := range s.counts {
		n := s.counts[i].Load()
		if n == 0 {
			continue
		}
		index := coarser(s.first+i, shift)
		if upperBound(index, m.schema) <= m.zeroThreshold {
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

// limit halves the resolution until there are at most so many populated buckets, or it cannot be halved.
// Since counts only grow, so does the number of halvings: a schema never rises again.
func (m *merged) limit(maxBuckets int) {
	for m.positive.populated()+m.negative.populated() > maxBuckets && m.schema > minSchema {
		m.schema--
		m.positive.halve()
		m.negative.halve()
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

// total returns how many observations there are.
func (m *merged) total() uint64 {
	return m.zero + m.positive.total() + m.negative.total()
}

func (c *counts) total() (sum uint64) {
	for _, n := range c.counts {
		sum += n
	}
	return sum
}

// quantile returns the value that a share q, in [0, 1], of the observations does not exceed, NaN when there
// are none. Its relative error is at most half of what the bounds of a bucket differ by.
func (m *merged) quantile(q float64) float64 {
	total := m.total()
	if total == 0 {
		return math.NaN()
	}
	rank := uint64(math.Ceil(q * float64(total)))
	rank = min(max(rank, 1), total)
	for i, n := range slices.Backward(m.negative.counts) {
		if rank <= n {
			return -m.middle(m.negative.first + i)
		}
		rank -= n
	}
	if rank <= m.zero {
		return 0
	}
	rank -= m.zero
	for i, n := range m.positive.counts {
		if rank <= n {
			return m.middle(m.positive.first + i)
		}
		rank -= n
	}
	panic("BUG: the buckets hold less than their total")
}

// middle returns the value of a bucket from which both bounds differ by the same ratio of themselves.
func (m *merged) middle(index int) float64 {
	low, high := upperBound(index-1, m.schema), upperBound(index, m.schema)
	if math.IsInf(high, 1) {
		return high
	}
	return low * (2 / (1 + low/high))
}
