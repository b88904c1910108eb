package exponential_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"weir/aggregate/exponential"
)

func TestSpans(t *testing.T) {
	f := func(buckets []uint64, wantSpans, wantDeltas []int64) {
		t.Helper()
		var spans, deltas []int64
		for offset, length := range exponential.Spans(buckets) {
			spans = append(spans, offset, int64(length))
		}
		for delta := range exponential.Deltas(buckets) {
			deltas = append(deltas, delta)
		}
		if diff := cmp.Diff([][]int64{wantSpans, wantDeltas}, [][]int64{spans, deltas}); diff != "" {
			t.Errorf("%v: -want +got:\n%s", buckets, diff)
		}
	}
	minus := func(n int64) uint64 { return uint64(-n) }
	f(nil, nil, nil)
	f([]uint64{minus(3), 5}, []int64{-3, 1}, []int64{5})
	f([]uint64{0, 5, 1, 3, 2, 3}, []int64{0, 3}, []int64{5, -2, 0})
	f([]uint64{0, 5, 3, 4}, []int64{0, 4}, []int64{5, -5, 0, 4}) // two empty ones in a span
	f([]uint64{0, 5, 4, 7}, []int64{0, 1, 3, 1}, []int64{5, 2})  // three are between spans
	f([]uint64{minus(9), 1, 9, 1}, []int64{-9, 1, 17, 1}, []int64{1, 0})
}

// Spans and deltas tell the buckets that they were made of.
func TestSpansKeepBuckets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var buckets []uint64
		index := rapid.Int64Range(-100, 100).Draw(t, "first")
		for range rapid.IntRange(0, 20).Draw(t, "buckets") {
			buckets = append(buckets, uint64(index), rapid.Uint64Range(1, 1<<50).Draw(t, "count"))
			index += rapid.Int64Range(1, 6).Draw(t, "gap")
		}
		var deltas []int64
		for delta := range exponential.Deltas(buckets) {
			deltas = append(deltas, delta)
		}
		var got []uint64
		next, count := int64(0), int64(0)
		for offset, length := range exponential.Spans(buckets) {
			next += offset
			for range length {
				count += deltas[0]
				deltas = deltas[1:]
				if count != 0 {
					got = append(got, uint64(next), uint64(count))
				}
				next++
			}
		}
		if diff := cmp.Diff(buckets, got); diff != "" || len(deltas) > 0 {
			t.Fatalf("%d deltas left, -want +got:\n%s", len(deltas), diff)
		}
	})
}
