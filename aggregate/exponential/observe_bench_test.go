package exponential_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"weir/aggregate/exponential"
)

// BenchmarkObserve is a hit of a native histogram, and of a summary: go test -bench Observe
// ./aggregate/exponential.
func BenchmarkObserve(b *testing.B) {
	values := latencies()
	b.Run("native", func(b *testing.B) {
		options := exponential.Options{
			Schema: 3, MaxBuckets: 160, ZeroThreshold: exponential.DefaultZeroThreshold,
		}
		var h exponential.Histogram
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			h.Observe(values[i%len(values)], 1, &options)
		}
	})
	b.Run("window", func(b *testing.B) {
		w := exponential.NewWindow(5, 120)
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			w.Observe(values[i%len(values)], 1, 7)
		}
	})
}

// BenchmarkSum is what a scrape costs of a native histogram with two cells, and of a summary.
func BenchmarkSum(b *testing.B) {
	options := exponential.Options{Schema: 3, MaxBuckets: 160, ZeroThreshold: exponential.DefaultZeroThreshold}
	var h, other exponential.Histogram
	w := exponential.NewWindow(5, 120)
	for i, v := range latencies() {
		h.Observe(v, 1, &options)
		other.Observe(v*1.5, 1, &options)
		w.Observe(v, 1, uint32(i/10))
	}
	var sum exponential.Sum
	b.Run("native", func(b *testing.B) {
		for b.Loop() {
			sum.Reset()
			sum.Add(&h)
			sum.Add(&other)
			sum.Buckets(160)
		}
	})
	b.Run("window", func(b *testing.B) {
		for b.Loop() {
			sum.Reset()
			sum.AddWindow(w, 599)
			for _, q := range []float64{0.5, 0.9, 0.99} {
				sum.Quantile(q)
			}
		}
	})
}

// latencies returns values as response times are: lognormal, around 50 ms.
func latencies() []float64 {
	random := rand.New(rand.NewPCG(1, 2))
	values := make([]float64, 6000)
	for i := range values {
		values[i] = math.Exp(random.NormFloat64() - 3)
	}
	return values
}
