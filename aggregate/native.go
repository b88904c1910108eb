package aggregate

// NativeHistogram is the exponential buckets of a histogram, as
// https://prometheus.io/docs/specs/native_histograms/ has them.
type NativeHistogram struct {
	// Schema says how fine the buckets are, -4 to 8: their bounds are 2^(2^-Schema) apart.
	Schema int
	// ZeroThreshold is the absolute value up to which observations are in the zero bucket.
	ZeroThreshold float64
	// ZeroCount is the count of the zero bucket.
	ZeroCount uint64
	// Count is the count of all buckets.
	Count uint64
	// Positive and Negative are the counts of neighbouring buckets, most of which may be 0; the first one has
	// the index PositiveFirst, NegativeFirst.
	Positive, Negative           []uint64
	PositiveFirst, NegativeFirst int
}

// Native returns the exponential buckets that the last read series has, valid until the next read, and false
// when its family has none (see Family.HasNative). It is a separate step since text cannot carry them.
func (o *Observations) Native(f *Family) (NativeHistogram, bool) {
	if f.aggregation.native == nil {
		return NativeHistogram{}, false
	}
	m := &o.merged
	m.merge(o.layouts)
	m.limit(f.aggregation.native.maxBuckets)
	return NativeHistogram{
		Schema: m.schema, ZeroThreshold: m.zeroThreshold, ZeroCount: m.zero, Count: m.total(),
		Positive: m.positive.counts, PositiveFirst: m.positive.first,
		Negative: m.negative.counts, NegativeFirst: m.negative.first,
	}, true
}
