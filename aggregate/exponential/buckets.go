package exponential

// Buckets are the exponential buckets of a histogram, as
// https://prometheus.io/docs/specs/native_histograms/ has them.
type Buckets struct {
	// Schema says how fine the buckets are, -4 to 8: their bounds are 2^(2^-Schema) apart.
	Schema int
	// ZeroThreshold is the absolute value up to which observations are in the zero bucket.
	ZeroThreshold float64
	// ZeroCount is the count of the zero bucket.
	ZeroCount uint64
	// Count is the count of all buckets.
	Count uint64
	// Positive and Negative are the counts of neighbouring buckets, most of which may be 0. The first one has
	// the index PositiveFirst, NegativeFirst.
	Positive, Negative           []uint64
	PositiveFirst, NegativeFirst int
}
