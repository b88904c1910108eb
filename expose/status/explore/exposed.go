package explore

import (
	"strings"

	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/encoding/protodelim"
	"google.golang.org/protobuf/encoding/prototext"

	"weir/aggregate"
	"weir/expose/format"
)

// maxExposed is the most bytes of lines in an answer.
const maxExposed = 64 << 10

// exposer writes series as a scrape has them, with the escaping of one that asks for nothing special.
type exposer struct {
	names      *format.Names
	encoding   format.Encoding
	hasCreated bool
}

func (x *exposer) encoder() format.Encoder {
	return format.NewEncoder(x.encoding, format.EscapeUnderscores, x.hasCreated)
}

// family returns the lines of some series of a family, in the order of an exposition, whose values are read.
// It encodes only those that are shown: a histogram has a line with all its labels for each bucket.
func (x *exposer) family(f *aggregate.Family, series []*aggregate.Series, r *format.Reading) (string, bool) {
	family, encoder := x.names.Family(f, format.EscapeUnderscores), x.encoder()
	r.Rewind(x.encoding)
	var lines []byte
	shown := 0
	for ; shown < len(series) && len(lines) <= maxExposed; shown++ {
		lines = encoder.AppendSeries(lines, &family, series[shown:shown+1], r)
	}
	text, isTruncated := x.text(append(encoder.AppendHeader(nil, &family, len(lines)), lines...))
	return text, isTruncated || shown < len(series)
}

// self returns the lines of one of weir's own families.
func (x *exposer) self(f *dto.MetricFamily) (string, bool) {
	return x.text(x.encoder().AppendSelf(nil, f, x.names))
}

// text returns what people can read of an exposition of one family: whole lines, not more than maxExposed.
func (x *exposer) text(exposed []byte) (text string, isTruncated bool) {
	text = string(exposed)
	if x.encoding == format.EncodingProtobuf {
		text = protobufText(text)
	}
	if len(text) <= maxExposed {
		return text, false
	}
	return text[:strings.LastIndexByte(text[:maxExposed], '\n')+1], true
}

// protobufText returns the message in a delimited exposition as text.
func protobufText(exposed string) string {
	f := &dto.MetricFamily{}
	if err := protodelim.UnmarshalFrom(strings.NewReader(exposed), f); err != nil {
		return ""
	}
	return prototext.MarshalOptions{Multiline: true, Indent: " "}.Format(f)
}
