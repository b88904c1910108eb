package otlp

import "google.golang.org/protobuf/encoding/protowire"

// ExportMetricsServiceResponse and ExportMetricsPartialSuccess.
const (
	responsePartialSuccess = 1
	partialRejected        = 1
	partialMessage         = 2
)

// Rejected reads the body of a response to a request that was accepted: how many data points the receiver has
// not kept nevertheless, and why. A body that it cannot read says nothing, as an empty one does.
func Rejected(body []byte) (points int64, why string) {
	eachField(body, func(number protowire.Number, _ uint64, partial []byte) {
		if number != responsePartialSuccess {
			return
		}
		eachField(partial, func(number protowire.Number, n uint64, text []byte) {
			switch number {
			case partialRejected:
				points = max(int64(n), 0)
			case partialMessage:
				why = string(text)
			default:
			}
		})
	})
	return points, why
}

// eachField calls f with each field of a message that is a varint or has bytes, until the first mistake.
func eachField(message []byte, f func(number protowire.Number, n uint64, bytes []byte)) {
	for len(message) > 0 {
		number, typ, size := protowire.ConsumeTag(message)
		if size < 0 {
			return
		}
		message = message[size:]
		var n uint64
		var bytes []byte
		switch typ {
		case protowire.VarintType:
			n, size = protowire.ConsumeVarint(message)
		case protowire.BytesType:
			bytes, size = protowire.ConsumeBytes(message)
		default:
			size = protowire.ConsumeFieldValue(number, typ, message)
		}
		if size < 0 {
			return
		}
		f(number, n, bytes)
		message = message[size:]
	}
}
