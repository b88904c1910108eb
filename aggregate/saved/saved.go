package saved

import (
	"slices"

	"weir/aggregate/exponential"
	"weir/aggregate/label"
)

// The forms of families whose series only grow.
const (
	FormCounter   = "counter"
	FormHistogram = "histogram"
	FormSummary   = "summary"
)

// Family is a record of a state: some series of one family. The names of fields are part of the format.
// Each change of the fields raises the version of the file and adds a fixture to aggregate/testdata/state.
// Fields that an older version lacks are zero.
type Family struct {
	Name, Help string
	UTF8Name   string // as it was sent; empty when that is Name
	Form       string // the kind of cell: one of the forms, or another that is not journaled
	TTL        uint32 // of series whose rule has no TTL of its own
	Bounds     []float64
	Native     *Native
	Window     *Window
	Series     []Series
}

// Native is the shape of native histograms: see exponential.Options.
type Native struct {
	Schema, MaxBuckets              int
	ZeroThreshold, MaxZeroThreshold float64
}

// Window is the window of a summary.
type Window struct {
	Quantiles    []float64
	Slices       int
	SliceSeconds uint32
}

// Series is a series with the merged values of its cells.
type Series struct {
	Labels  string
	UTF8    string // with names as they were sent; empty when that is Labels
	Created uint32
	Idle    uint32 // seconds since the last sample
	TTL     uint32
	Newborn bool // scrapes see 0 instead of the value: it is created as zero. The format has this name

	Value   float64  // of a counter or a gauge; the sum of observations
	Count   uint64   // of a summary
	Buckets []uint64 // of a classic histogram, not cumulative
	Native  *Buckets
	Members map[uint64]int64 // of a set: member -> second it was last seen
	Slices  []Slice          // of a set that is estimated
}

// Buckets are exponential.Buckets.
type Buckets struct {
	Schema                       int
	ZeroThreshold                float64
	Zero                         uint64
	PositiveFirst, NegativeFirst int      // of states of before: the index of the first of
	Positive, Negative           []uint64 // neighbouring buckets, and their counts

	PositiveBuckets, NegativeBuckets []exponential.Bucket
}

// Slice is a distinct.Slice.
type Slice struct {
	Second int64
	Sketch []byte
}

// ParseLabels returns the label set of a saved series; an error when one of its texts is no label set.
func (x *Series) ParseLabels() (label.Labels, error) {
	labels, err := label.ParseText(x.Labels)
	if _, utf8Err := label.ParseText(x.UTF8); err == nil {
		err = utf8Err
	}
	return labels, err
}

// Begin makes x the value of a series that counts from zero again, created now.
func (x *Series) Begin(now uint32) {
	x.Created, x.Value, x.Count, x.Native = now, 0, 0, nil
	clear(x.Buckets)
}

// raise makes x the later of two values of a series. They are of one series when it was created in the same
// second; then the value with more in it is the later one, as a whole.
func (x *Series) raise(other *Series) {
	if other.Created != x.Created {
		if other.Created > x.Created {
			*x = *other
		}
		return
	}
	isZero, idle := x.Newborn && other.Newborn, min(x.Idle, other.Idle)
	if n, m := other.count(), x.count(); n > m || n == m && other.Value > x.Value {
		*x = *other
	}
	x.Newborn, x.Idle = isZero, idle
}

// count returns how many observations there are; 0 for a counter.
func (x *Series) count() uint64 {
	count := x.Count
	for _, n := range x.Buckets {
		count += n
	}
	if x.Buckets == nil && x.Native != nil {
		count += x.Native.Zero
		for _, n := range slices.Concat(x.Native.Positive, x.Native.Negative) {
			count += n
		}
		for _, b := range slices.Concat(x.Native.PositiveBuckets, x.Native.NegativeBuckets) {
			count += b.Count
		}
	}
	return count
}
