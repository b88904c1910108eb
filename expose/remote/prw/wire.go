package prw

import (
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// The messages of 1.0 are those of prompb/types.proto and prompb/remote.proto in
// github.com/prometheus/prometheus, those of 2.0 of prompb/io/prometheus/write/v2/types.proto there.
const (
	requestSeries1, requestMetadata = 1, 3 // of WriteRequest
	requestSymbols2, requestSeries2 = 4, 5 // of Request
	seriesLabels                    = 1    // messages in 1.0, packed references in 2.0
	seriesSamples                   = 2
	seriesExemplars1                = 3
	seriesHistograms1               = 4
	seriesHistograms2               = 3
	seriesExemplars2                = 4
	seriesMetadata2                 = 5
	labelName, labelValue           = 1, 2
	sampleValue, sampleTime         = 1, 2
	sampleStart2                    = 3
	exemplarLabels                  = 1 // messages in 1.0, packed references in 2.0
	exemplarValue, exemplarTime     = 2, 3
	metadataType                    = 1
	metadataName1                   = 2
	metadataHelp1, metadataUnit1    = 4, 5
	metadataHelp2, metadataUnit2    = 3, 4
	histogramCount, histogramSum    = 1, 3
	histogramSchema                 = 4
	histogramZeroThreshold          = 5
	histogramZeroCount              = 6
	negativeSpans, negativeDeltas   = 8, 9
	positiveSpans, positiveDeltas   = 11, 12
	histogramTime, histogramStart2  = 15, 17
	spanOffset, spanLength          = 1, 2
	typeUnknown, typeCounter        = 0, 1
	typeGauge, typeHistogram        = 2, 3
	typeSummary                     = 5
)

// appendText appends a field of text.
func appendText[T ~string | ~[]byte](dst []byte, number protowire.Number, text T) []byte {
	dst = protowire.AppendTag(dst, number, protowire.BytesType)
	return append(protowire.AppendVarint(dst, uint64(len(text))), text...)
}

// appendNumber appends a field of a number, as proto3 does: not when it is 0.
func appendNumber(dst []byte, number protowire.Number, n uint64) []byte {
	if n == 0 {
		return dst
	}
	return protowire.AppendVarint(protowire.AppendTag(dst, number, protowire.VarintType), n)
}

// appendFloat appends a field of a float, as proto3 does: not when it is 0. It is when it is -0.
func appendFloat(dst []byte, number protowire.Number, v float64) []byte {
	bits := math.Float64bits(v)
	if bits == 0 {
		return dst
	}
	return protowire.AppendFixed64(protowire.AppendTag(dst, number, protowire.Fixed64Type), bits)
}
