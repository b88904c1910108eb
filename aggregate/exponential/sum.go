package exponential

import (
	"math"
	"slices"
	"sync/atomic"
)

// Sum adds up the histograms, or the windows, of the cells of one series. Its buckets have the coarsest
// schema, and the widest zero bucket, of all that were added. The zero value is an empty sum. It keeps its
// memory over Reset, and belongs to one goroutine.
type Sum struct {
	layouts    []*layout    // that were added
	histograms []*Histogram // that were added; not those of windows
	coarsening int32        // the most of histograms
	isMerged   bool         // what follows is the sum of layouts

	schema             int
	zeroThreshold      float64
	zero               uint64
	positive, negative []Bucket
	lowest, highest    float64 // the extremes of windows

	gathered []Bucket // scratch
	counts   []uint64 // scratch
}

// Reset makes s empty.
func (s *Sum) Reset() {
	s.layouts, s.histograms, s.coarsening, s.isMerged = s.layouts[:0], s.histograms[:0], 0, false
}

// Add adds the counts of a histogram until now.
func (s *Sum) Add(h *Histogram) {
	if l := h.current.Load(); l != nil {
		s.layouts, s.isMerged = append(s.layouts, l), false
		s.histograms, s.coarsening = append(s.histograms, h), max(s.coarsening, h.coarsening.Load())
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

// Buckets returns the buckets. When several histograms were added, they are in the finest schema in which
// at most maxBuckets are populated, if any schema is that coarse; of a single one, they are as it has them.
// The histograms note how coarse that was, and no later sum of one of them is finer: Prometheus would take
// that for a reset. The buckets are valid until the next call of Reset or Add.
func (s *Sum) Buckets(maxBuckets int) Buckets {
	s.merge()
	if len(s.histograms) > 1 {
		s.limit(maxBuckets)
	}
	return Buckets{
		Schema: s.schema, ZeroThreshold: s.zeroThreshold, ZeroCount: s.zero, Count: s.total(),
		Positive: s.positive, Negative: s.negative,
	}
}

func (s *Sum) limit(maxBuckets int) {
	before := s.schema
	for len(s.positive)+len(s.negative) > maxBuckets && s.schema > minSchema {
		s.schema--
		s.positive, s.negative = coarsened(s.positive, 1), coarsened(s.negative, 1)
	}
	if s.schema == before {
		return
	}
	for _, h := range s.histograms {
		raise(&h.coarsening, int32(maxSchema-s.schema))
	}
}

// raise makes a number at least n.
func raise(number *atomic.Int32, n int32) {
	for {
		old := number.Load()
		if old >= n || number.CompareAndSwap(old, n) {
			return
		}
	}
}

// Total returns how many observations there are.
func (s *Sum) Total() uint64 {
	s.merge()
	return s.total()
}

// Quantile returns the value that a share q, in [0, 1], of the observations does not exceed; NaN when there
// are no observations. It is the least or the greatest one where that is the value, and between them
// otherwise, with a relative error of at most half the ratio by which the bounds of a bucket differ. It is
// for windows.
func (s *Sum) Quantile(q float64) float64 {
	s.merge()
	total := s.total()
	if total == 0 {
		return math.NaN()
	}
	switch rank := uint64(math.Ceil(q * float64(total))); {
	case rank <= 1:
		return s.lowest
	case rank >= total:
		return s.highest
	default:
		return min(max(s.atRank(rank), s.lowest), s.highest)
	}
}

// atRank returns the middle of the bucket in which the observation of a rank, from 1 to the total, is.
func (s *Sum) atRank(rank uint64) float64 {
	for _, b := range slices.Backward(s.negative) {
		if rank <= b.Count {
			return -s.middle(b.Index)
		}
		rank -= b.Count
	}
	if rank <= s.zero {
		return 0
	}
	rank -= s.zero
	for _, b := range s.positive {
		if rank <= b.Count {
			return s.middle(b.Index)
		}
		rank -= b.Count
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
	s.schema, s.zeroThreshold, s.zero = maxSchema-int(s.coarsening), 0, 0
	s.lowest, s.highest = math.Inf(1), math.Inf(-1)
	s.positive, s.negative = s.positive[:0], s.negative[:0]
	for _, l := range s.layouts {
		s.schema = min(s.schema, l.schema)
		s.zeroThreshold = max(s.zeroThreshold, l.zeroThreshold)
		s.zero += l.shared.zero.Load()
		s.lowest = min(s.lowest, math.Float64frombits(l.shared.lowest.Load()))
		s.highest = max(s.highest, math.Float64frombits(l.shared.highest.Load()))
	}
	s.gathered = s.gathered[:0]
	for _, l := range s.layouts {
		s.gathered = l.positive.appendBuckets(s.gathered, l.schema-s.schema)
	}
	s.positive = s.dropZeros(s.appendCombined(s.positive))
	s.gathered = s.gathered[:0]
	for _, l := range s.layouts {
		s.gathered = l.negative.appendBuckets(s.gathered, l.schema-s.schema)
	}
	s.negative = s.dropZeros(s.appendCombined(s.negative))
}

// mostNeighbours is how far apart buckets may be that are brought into order by counting: 64 KiB. With the
// schema of windows that is 128 octaves.
const mostNeighbours = 8192

// appendCombined appends the gathered buckets with rising indexes, each once.
func (s *Sum) appendCombined(dst []Bucket) []Bucket {
	if len(s.gathered) == 0 {
		return dst
	}
	lowest, highest := s.gathered[0].Index, s.gathered[0].Index
	for _, b := range s.gathered {
		lowest, highest = min(lowest, b.Index), max(highest, b.Index)
	}
	if highest-lowest >= mostNeighbours { // Slow path: there are outliers.
		slices.SortFunc(s.gathered, compareIndexes)
		return append(dst, coarsened(s.gathered, 0)...)
	}
	for len(s.counts) <= highest-lowest {
		s.counts = append(s.counts, 0)
	}
	counts := s.counts[:highest-lowest+1]
	clear(counts)
	for _, b := range s.gathered {
		counts[b.Index-lowest] += b.Count
	}
	for i, n := range counts {
		if n > 0 {
			dst = append(dst, Bucket{lowest + i, n})
		}
	}
	return dst
}

// dropZeros returns the buckets outside the zero bucket. It adds the buckets inside to the zero bucket.
func (s *Sum) dropZeros(buckets []Bucket) []Bucket {
	n := 0
	for n < len(buckets) && upperBound(buckets[n].Index, s.schema) <= s.zeroThreshold {
		s.zero += buckets[n].Count
		n++
	}
	return slices.Delete(buckets, 0, n)
}

func (s *Sum) total() uint64 { return s.zero + total(s.positive) + total(s.negative) }
