package rival_test

import (
	"fmt"
	"testing"

	nativehistogram "github.com/prometheus/prometheus/model/histogram"
	"pgregory.net/rapid"

	"weir/aggregate"
)

// The sum that Prometheus makes of the native histograms of two weirs is the histogram of one that got everything, as far
// as the buckets of both go: docs/scale.md merges them so.
func TestNativeHistogramsMerge(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.OneOf(rapid.Float64Range(-2, 100), rapid.SampledFrom([]float64{0, 1e-9, 1e9, -1e6}))
		var all []string
		var sum *nativehistogram.FloatHistogram
		for range 2 {
			var lines []string
			for _, v := range rapid.SliceOfN(value, 1, 30).Draw(t, "values") {
				lines = append(lines, fmt.Sprintf("h:%v|h", v))
			}
			all = append(all, lines...)
			h := onlyNative(t, lines)
			if sum == nil {
				sum = h
				continue
			}
			var err error
			if sum, _, _, err = sum.Add(h); err != nil {
				t.Fatal(err)
			}
		}
		want := onlyNative(t, all)
		if sum.Count != want.Count {
			t.Fatalf("the sum counts %v, want %v", sum.Count, want.Count)
		}
		schema := min(sum.Schema, want.Schema)
		for _, h := range []*nativehistogram.FloatHistogram{sum, want} {
			if h.Schema > schema {
				if err := h.ReduceResolution(schema); err != nil {
					t.Fatal(err)
				}
			}
			h.Sum = 0 // the order of additions shows in it
		}
		if !sum.Compact(0).Equals(want.Compact(0)) {
			t.Fatalf("the sum is\n%v, want\n%v", sum, want)
		}
	})
}

// onlyNative returns the native histogram that a scrape of a weir has after these lines.
func onlyNative(t *rapid.T, lines []string) *nativehistogram.FloatHistogram {
	t.Helper()
	options := aggregate.DefaultOptions()
	options.Timers.Observer = aggregate.ObserverNative
	options.Timers.Native.BucketFactor = rapid.SampledFrom([]float64{1.02, 1.1, 2}).Draw(t, "factor")
	registry := aggregate.New(options)
	record(registry.NewShard(), lines)
	for _, h := range scrapeSeries(t, registry).histograms {
		return h.ToFloat(nil)
	}
	t.Fatal("no native histogram")
	return nil
}
