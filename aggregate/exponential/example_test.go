package exponential_test

import (
	"fmt"

	"weir/aggregate/exponential"
)

// Two cells of a histogram, merged: four buckets an octave, so that 100 and 101 share one.
func Example() {
	options := exponential.Options{
		Schema: exponential.SchemaOf(1.2), MaxBuckets: 160, ZeroThreshold: exponential.DefaultZeroThreshold,
	}
	var one, other exponential.Histogram
	one.Observe(100, 1, &options)
	one.Observe(0, 2, &options)
	other.Observe(101, 1, &options)

	var sum exponential.Sum
	sum.Add(&one)
	sum.Add(&other)
	b := sum.Buckets(160)
	fmt.Println("schema", b.Schema, "zero", b.ZeroCount, "count", b.Count)
	for _, bucket := range b.Positive {
		fmt.Println("bucket", bucket.Index, "has", bucket.Count)
	}
	// Output:
	// schema 2 zero 2 count 4
	// bucket 27 has 2
}

// A window of 60 seconds in three slices forgets, and counts on.
func ExampleWindow() {
	window := exponential.NewWindow(3, 20)
	window.Observe(5, 1, 0)
	window.Observe(7, 1, 30)
	for _, now := range []uint32{30, 60, 90} {
		var sum exponential.Sum
		sum.AddWindow(window, now)
		fmt.Printf("after %d s: %d of %d, median %.1f\n", now, sum.Total(), window.Count(), sum.Quantile(0.5))
	}
	// Output:
	// after 30 s: 2 of 2, median 5.0
	// after 60 s: 1 of 2, median 7.0
	// after 90 s: 0 of 2, median NaN
}
