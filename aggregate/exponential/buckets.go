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
	// Positive and Negative are the populated buckets, with rising indexes.
	Positive, Negative []Bucket
}

// Bucket is a populated bucket.
type Bucket struct {
	// Index says which bucket it is: see the package.
	Index int
	// Count is its count, at least 1.
	Count uint64
}

// coarsened returns sorted buckets, in the same memory, of a schema that is less by shift, each once.
func coarsened(buckets []Bucket, shift int) []Bucket {
	merged := buckets[:0]
	for _, b := range buckets {
		b.Index = coarser(b.Index, shift)
		if last := len(merged) - 1; last >= 0 && merged[last].Index == b.Index {
			merged[last].Count += b.Count
			continue
		}
		merged = append(merged, b)
	}
	return merged
}

func total(buckets []Bucket) (sum uint64) {
	for _, b := range buckets {
		sum += b.Count
	}
	return sum
}
