package otlp

import (
	"google.golang.org/protobuf/encoding/protowire"

	"weir/aggregate"
)

// Exemplar.
const (
	exemplarTime      = 2
	exemplarValue     = 3
	exemplarSpan      = 4
	exemplarTrace     = 5
	exemplarAttribute = 7

	traceBytes, spanBytes = 16, 8
)

// exemplars writes exemplars.
type exemplars struct {
	attributes attributes
	message    []byte // scratch
}

// append appends the exemplars that are not nil as fields of that number.
func (x *exemplars) append(dst []byte, number protowire.Number, all []*aggregate.Exemplar) []byte {
	for _, e := range all {
		if e != nil {
			x.encode(e)
			dst = appendMessage(dst, number, x.message)
		}
	}
	return dst
}

// encode makes message an exemplar. IDs of a trace and of a span have fields of their own, which have bytes
// and not text; Prometheus makes the same labels of them.
func (x *exemplars) encode(e *aggregate.Exemplar) {
	const millisecondsEach = 1000
	x.message = appendTime(x.message[:0], exemplarTime, e.Timestamp*millisecondsEach)
	x.message = appendDouble(x.message, exemplarValue, e.Value)
	for name, value := range e.Labels.Escaped() {
		var id [traceBytes]byte
		switch {
		case name == "span_id" && isID(value, id[:spanBytes]):
			x.message = appendMessage(x.message, exemplarSpan, id[:spanBytes])
		case name == "trace_id" && isID(value, id[:]):
			x.message = appendMessage(x.message, exemplarTrace, id[:])
		default:
			x.message = x.attributes.appendPair(x.message, exemplarAttribute, name, value)
		}
	}
}

// isID reports whether text is the ID that it reads into id: as many bytes in hexadecimal, with small letters
// so that it can be written back, and not all 0, which would be no ID.
func isID(text string, id []byte) bool {
	if len(text) != 2*len(id) {
		return false
	}
	all := byte(0)
	for i := range id {
		high, low := digit(text[2*i]), digit(text[2*i+1])
		if high > 0xf || low > 0xf {
			return false
		}
		id[i] = high<<4 | low
		all |= id[i]
	}
	return all != 0
}

// digit returns the value of a hexadecimal digit, 0xff for another byte.
func digit(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	default:
		return 0xff
	}
}
