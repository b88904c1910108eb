package expose

import (
	dto "github.com/prometheus/client_model/go"

	"weir/aggregate"
)

// rendering is where a scrape is in its exposition: the families of the registry, then weir's own.
type rendering struct {
	syntax   syntax
	body     body
	reader   reader
	names    names
	families []aggregate.FamilySeries // to be written
	self     []*dto.MetricFamily      // the same, of weir's own
	family   family                   // families[0]
	values   words                    // of the series that is rendered
	series   int                      // how many of families[0].Series were rendered
	message  []byte                   // scratch, of protobuf
	ended    bool
}

func newRendering(
	b body, created bool, families []aggregate.FamilySeries, self []*dto.MetricFamily,
) rendering {
	return rendering{
		syntax: newSyntax(b, created), body: b, reader: reader{native: b == bodyProtobuf},
		names: names{families: families, own: self}, families: families, self: self,
	}
}

// fill appends to block, until it has blockBytes or the exposition is whole, and reports whether there is
// more.
func (r *rendering) fill(block []byte) (filled []byte, more bool) {
	for len(block) < blockBytes && !r.ended {
		switch {
		case len(r.families) > 0 && r.names.hasOwn(r.families[0].Name()):
			r.families = r.families[1:] // never two families of one name
		case len(r.families) > 0 && r.body == bodyProtobuf:
			block = r.appendMessage(block)
		case len(r.families) > 0:
			block = r.appendFamily(block)
		case len(r.self) > 0:
			block = r.syntax.appendOwn(block, r.self[0], &r.names)
			r.self = r.self[1:]
		default:
			block = r.syntax.appendEnd(block)
			r.ended = true
		}
	}
	return block, !r.ended
}

// appendFamily appends what fits of the next family of the registry.
func (r *rendering) appendFamily(block []byte) []byte {
	f := &r.families[0]
	if r.series == 0 {
		r.family = family{f.Family, r.names.clashOf(f.Name(), f.Type() == aggregate.TypeCounter)}
		block = r.syntax.appendHeader(block, &r.family)
	}
	for r.series < len(f.Series) && (r.body == bodyProtobuf || len(block) < blockBytes) {
		s := f.Series[r.series]
		r.reader.words = r.reader.words[:0]
		r.reader.read(f.Family, s)
		r.values = r.reader.words
		block = r.syntax.appendSeries(block, &r.family, s, &r.values)
		r.series++
	}
	if r.series == len(f.Series) {
		r.families, r.series = r.families[1:], 0
	}
	return block
}

// appendMessage appends the next family of the registry with its length before it.
func (r *rendering) appendMessage(block []byte) []byte {
	r.message = r.appendFamily(r.message[:0])
	return appendDelimited(block, r.message)
}
