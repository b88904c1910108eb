package exponential_test

import (
	"math"
	"sync"
	"testing"

	"weir/aggregate/exponential"
)

// Readers beside the writer see counts that only grow and a schema that never becomes finer, while buckets are added,
// the zero bucket is widened and the resolution is halved.
func TestReadersBesideTheWriter(t *testing.T) {
	options := exponential.Options{
		Schema: 5, MaxBuckets: 40, ZeroThreshold: exponential.DefaultZeroThreshold, MaxZeroThreshold: 1e-6,
	}
	const n = 20_000
	var h exponential.Histogram
	w := exponential.NewWindow(5, 10)
	var readers sync.WaitGroup
	for range 2 {
		readers.Go(func() { // ends when it has seen all observations
			var sum exponential.Sum
			before := exponential.Buckets{Schema: math.MaxInt}
			for before.Count < n {
				sum.Reset()
				sum.Add(&h)
				b := sum.Buckets(options.MaxBuckets)
				if b.Count < before.Count || b.Count > 0 && b.Schema > before.Schema {
					t.Errorf("%+v comes after schema %d, count %d", b, before.Schema, before.Count)
					return
				}
				if b.Count > 0 {
					before.Schema, before.Count = b.Schema, b.Count
				}
				sum.Reset()
				sum.AddWindow(w, 7)
				if low, high := sum.Quantile(0), sum.Quantile(1); low > high || math.IsInf(low, 0) {
					t.Errorf("quantiles from %v to %v", low, high)
					return
				}
			}
		})
	}
	for i := range n {
		v := math.Ldexp(1+float64(i%97)/97, i%61-40)
		w.Observe(v, 1, 7)
		h.Observe(v, 1, &options)
	}
	readers.Wait()
}

// Whatever is observed, a histogram of 160 buckets takes at most 8 KiB, at any time.
func TestOutliersTakeNoMemory(t *testing.T) {
	for _, schema := range []int{-4, 0, 3, 8} {
		options := exponential.Options{Schema: schema, MaxBuckets: 160, MaxZeroThreshold: 1e-6}
		var h exponential.Histogram
		most := 0
		for i := range 200_000 {
			v := math.Ldexp(1+float64(i%31)/31, i*7919%2098-1074)
			if i%3 == 0 {
				v = -v
			}
			h.Observe(v, 1, &options)
			most = max(most, h.Bytes())
		}
		if most > 8<<10 {
			t.Errorf("schema %d: %d bytes, want at most 8 KiB", schema, most)
		}
	}
}
