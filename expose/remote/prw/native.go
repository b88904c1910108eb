package prw

import (
	"google.golang.org/protobuf/encoding/protowire"

	"weir/aggregate"
	"weir/aggregate/exponential"
	"weir/expose/remote/point"
)

// The words of native buckets: see aggregate.Words.
const (
	wordSchema, wordThreshold, wordZeros, wordCount, wordBuckets = 0, 1, 2, 3, 4

	// finestSchema is that of an empty histogram: receivers compare two histograms by the coarser schema.
	finestSchema = 8
)

// native writes native histograms, which both versions have in the same way, except for the start timestamp.
type native struct{ text, deltas []byte } // scratch

// append appends a histogram as a field of a series. It does not say whether the histogram was reset, so that
// receivers compare.
func (n *native) append(
	dst []byte, field protowire.Number, sum float64, w aggregate.Words, p point.Point,
) []byte {
	x := n.text[:0]
	// A count is in a oneof, and is there even when it is 0: otherwise it would be no integer.
	x = protowire.AppendTag(x, histogramCount, protowire.VarintType)
	x = appendFloat(protowire.AppendVarint(x, w[wordCount]), histogramSum, sum)
	x = appendNumber(x, histogramSchema, protowire.EncodeZigZag(int64(w[wordSchema])))
	threshold := w[wordThreshold:]
	x = appendFloat(x, histogramZeroThreshold, threshold.Float())
	x = protowire.AppendTag(x, histogramZeroCount, protowire.VarintType)
	x = protowire.AppendVarint(x, w[wordZeros])
	rest := w[wordBuckets:]
	positive := rest.Take(2 * int(rest.Next()))
	negative := rest.Take(2 * int(rest.Next()))
	x = n.appendBuckets(x, negativeSpans, negativeDeltas, negative)
	x = n.appendBuckets(x, positiveSpans, positiveDeltas, positive)
	x = appendNumber(x, histogramTime, uint64(p.At))
	x = appendNumber(x, histogramStart2, uint64(p.Start))
	n.text = x
	return appendText(dst, field, x)
}

// appendBuckets appends the populated buckets of one sign.
func (n *native) appendBuckets(dst []byte, span, delta protowire.Number, buckets []uint64) []byte {
	if len(buckets) == 0 {
		return dst
	}
	for offset, length := range exponential.Spans(buckets) {
		encoded := protowire.EncodeZigZag(offset)
		size := 1 + protowire.SizeVarint(uint64(length))
		if offset != 0 {
			size += 1 + protowire.SizeVarint(encoded)
		}
		dst = protowire.AppendVarint(protowire.AppendTag(dst, span, protowire.BytesType), uint64(size))
		dst = appendNumber(appendNumber(dst, spanOffset, encoded), spanLength, uint64(length))
	}
	n.deltas = n.deltas[:0]
	for d := range exponential.Deltas(buckets) {
		n.deltas = protowire.AppendVarint(n.deltas, protowire.EncodeZigZag(d))
	}
	return appendText(dst, delta, n.deltas)
}
