package aggregate

import "sync/atomic"

// Series is one label set of a family. Its methods may be called from any goroutine.
//
// A series of one type uses one of the cell fields. Shards put their cells at the front of a list by
// compare-and-swap; readers walk it.
type Series struct {
	labels string
	clock  *clock // of the registry

	gauge      gauge
	counters   atomic.Pointer[counter]
	histograms atomic.Pointer[histogram]
	sets       atomic.Pointer[set]
}

// Labels returns the label set as an exposition writes it between braces, `a="b",c="d"`: escaped, sorted by
// name, names unique, values not empty. It is "" when there are no labels.
func (s *Series) Labels() string { return s.labels }

// Value returns the value of a counter or a gauge (sets are gauges) now, merged over all shards.
func (s *Series) Value() float64 {
	if c := s.counters.Load(); c != nil {
		return sumCounters(c)
	}
	if c := s.sets.Load(); c != nil {
		return countMembers(c, s.clock.seconds(), s.clock.setWindow)
	}
	return s.gauge.value()
}

// Histogram fills counts, which must be one longer than Family.Bounds, with the cumulative counts of the
// buckets now, merged over all shards, and returns the sum of the observations. The last count is that of
// the +Inf bucket: the count of all observations.
func (s *Series) Histogram(counts []uint64) (sum float64) {
	return mergeHistograms(s.histograms.Load(), counts)
}
