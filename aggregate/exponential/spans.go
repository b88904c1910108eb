package exponential

import "iter"

// mostEmptyInSpan is how many empty buckets a span has between populated ones at most, as client libraries
// have it.
const mostEmptyInSpan = 2

// Spans yields where populated buckets are, in the way in which every protocol of Prometheus has them: by how
// many indexes each run of neighbours is behind the run before, and its length. The buckets are an index and
// a count each, with rising indexes.
func Spans(buckets []uint64) iter.Seq2[int64, int] {
	return func(yield func(offset int64, length int) bool) {
		after := int64(0) // the index behind the last span
		for i := 0; i < len(buckets); {
			first := int64(buckets[i])
			end := first
			for i < len(buckets) && int64(buckets[i])-end <= mostEmptyInSpan {
				end = int64(buckets[i]) + 1
				i += 2
			}
			if !yield(first-after, int(end-first)) {
				return
			}
			after = end
		}
	}
}

// Deltas yields by how much the count of each bucket in Spans of the same buckets differs from that before.
func Deltas(buckets []uint64) iter.Seq[int64] {
	return func(yield func(delta int64) bool) {
		next, last := int64(0), uint64(0)
		for i := 0; i < len(buckets); i += 2 {
			index, count := int64(buckets[i]), buckets[i+1]
			if i == 0 {
				next = index
			}
			for ; next < index && index-next <= mostEmptyInSpan; next++ { // empty buckets within a span
				if !yield(-int64(last)) {
					return
				}
				last = 0
			}
			if !yield(int64(count - last)) {
				return
			}
			next, last = index+1, count
		}
	}
}
