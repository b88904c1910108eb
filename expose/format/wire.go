package format

import (
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// appendDelimited appends a message with its length before it.
func appendDelimited(dst, message []byte) []byte {
	return append(appendLength(dst, len(message)), message...)
}

func appendLength(dst []byte, n int) []byte { return protowire.AppendVarint(dst, uint64(n)) }

// insertLength puts the length of the message that begins at start before it.
func insertLength(dst []byte, start int) []byte {
	size := len(dst) - start
	room := protowire.SizeVarint(uint64(size))
	dst = append(dst, make([]byte, room)...)
	copy(dst[start+room:], dst[start:])
	appendLength(dst[:start], size)
	return dst
}

func appendText(dst []byte, number protowire.Number, s string) []byte {
	return protowire.AppendString(protowire.AppendTag(dst, number, protowire.BytesType), s)
}

func appendUint(dst []byte, number protowire.Number, n uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(dst, number, protowire.VarintType), n)
}

func appendDouble(dst []byte, number protowire.Number, v float64) []byte {
	dst = protowire.AppendTag(dst, number, protowire.Fixed64Type)
	return protowire.AppendFixed64(dst, math.Float64bits(v))
}

func appendMessage(dst []byte, number protowire.Number, message []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(dst, number, protowire.BytesType), message)
}
