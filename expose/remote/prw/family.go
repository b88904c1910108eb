package prw

import (
	"google.golang.org/protobuf/encoding/protowire"

	"weir/aggregate"
)

// family is what the series of the family at hand share, as it is written.
type family struct {
	// of is the family of the registry at hand, name the name that its samples have; nil and "" when there is
	// none. The name of a family may change.
	of   *aggregate.Family
	name string

	base, bucket, sum, count []byte // the label __name__
	metadata                 []byte // in 2.0, a field of each series

	text []byte // scratch
}

// begin makes the family at hand one with a name, help and unit. Only histograms have buckets, only they and
// summaries sums and counts.
func (f *family) begin(w *writer, name string, typ uint64, help, unit string) {
	f.name = name
	f.base = f.label(f.base, w, "")
	if typ == typeHistogram || typ == typeSummary {
		f.sum, f.count = f.label(f.sum, w, "_sum"), f.label(f.count, w, "_count")
	}
	if typ == typeHistogram {
		f.bucket = f.label(f.bucket, w, "_bucket")
	}
	f.metadata = f.metadata[:0]
	if w.version == Version2 {
		f.text = appendNumber(f.text[:0], metadataType, typ)
		f.text = appendNumber(f.text, metadataHelp2, uint64(w.symbols.ofString(help)))
		f.text = appendNumber(f.text, metadataUnit2, uint64(w.symbols.ofString(unit)))
		f.metadata = appendText(f.metadata, seriesMetadata2, f.text)
	}
}

// label makes the label __name__ of samples with a suffix, in the memory of dst.
func (f *family) label(dst []byte, w *writer, suffix string) []byte {
	f.text = append(append(f.text[:0], f.name...), suffix...)
	return w.appendBytes(dst[:0], nameLabel, f.text)
}

// typeOf returns the type as metadata has it.
func typeOf(t aggregate.Type) uint64 {
	switch t {
	case aggregate.TypeCounter:
		return typeCounter
	case aggregate.TypeGauge:
		return typeGauge
	case aggregate.TypeHistogram:
		return typeHistogram
	default:
		return typeSummary
	}
}

// appendMetadata appends the metadata of a family as 1.0 has it.
func appendMetadata(dst []byte, name string, typ uint64, help, unit string) []byte {
	field := func(text string) int {
		if text == "" {
			return 0
		}
		return 1 + protowire.SizeBytes(len(text))
	}
	size := field(name) + field(help) + field(unit)
	if typ != typeUnknown {
		size += 2
	}
	dst = protowire.AppendTag(dst, requestMetadata, protowire.BytesType)
	dst = appendNumber(protowire.AppendVarint(dst, uint64(size)), metadataType, typ)
	dst = appendText(dst, metadataName1, name)
	if help != "" {
		dst = appendText(dst, metadataHelp1, help)
	}
	if unit != "" {
		dst = appendText(dst, metadataUnit1, unit)
	}
	return dst
}
