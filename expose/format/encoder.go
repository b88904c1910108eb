package format

import (
	dto "github.com/prometheus/client_model/go"

	"weir/aggregate"
)

// Encoder writes families in one encoding and under one escaping. It owns the framing: the bytes before
// the series of a family, and whether they depend on the series. One belongs to one goroutine.
//
// A family is written whole by AppendFamily, or in parts: AppendHeader once and AppendSeries for each part.
type Encoder interface {
	// AppendFamily appends a whole family. The values of its series are the next in r.
	AppendFamily(dst []byte, f *Family, series []*aggregate.Series, r *Reading) []byte
	// AppendHeader appends the beginning of a family that is written in parts; size is how many bytes
	// AppendSeries has appended for all parts.
	AppendHeader(dst []byte, f *Family, size int) []byte
	// HeaderNeedsSize reports whether AppendHeader uses size. Otherwise the header may be written before the
	// series are encoded, with any size.
	HeaderNeedsSize() bool
	// AppendSeries appends a part of a family. The values of its series are the next in r.
	AppendSeries(dst []byte, f *Family, series []*aggregate.Series, r *Reading) []byte
	// AppendSelf appends one of weir's own families. They have some hundred series: this is not optimised.
	AppendSelf(dst []byte, f *dto.MetricFamily, names *Names) []byte
	// AppendEnd appends the end of the exposition.
	AppendEnd(dst []byte) []byte
}

// Encoding is the bytes that a Format stands for: several formats have the same bytes.
type Encoding uint8

// The encodings.
const (
	EncodingText Encoding = iota
	EncodingOpenMetrics
	EncodingProtobuf

	NumEncodings // how many there are
)

// hasExemplars reports whether the encoding shows exemplars.
func (e Encoding) hasExemplars() bool { return e != EncodingText }

// NewEncoder returns an encoder. With created, OpenMetrics gets lines that say when counters, histograms and
// summaries were created; protobuf has these times always, and text never.
func NewEncoder(e Encoding, escaping Escaping, created bool) Encoder {
	switch e {
	case EncodingOpenMetrics:
		t := textual{float: AppendOpenValue, escaping: escaping, omits: isForbidden}
		return &openMetrics{textual: t, created: created}
	case EncodingProtobuf:
		return &protobuf{labels: labelFields{escaping: escaping}}
	default:
		return &text{textual{float: appendValue, escaping: escaping}}
	}
}
