package prw

import (
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"

	"weir/aggregate/label"
)

// writer writes labels as a protocol has them: whole in 1.0, as two references in 2.0.
type writer struct {
	version Version
	symbols symbols // of 2.0
	plain   []byte  // scratch
}

// append appends a label.
func (w *writer) append(dst []byte, name, value string) []byte {
	if w.version == Version2 {
		dst = protowire.AppendVarint(dst, uint64(w.symbols.ofString(name)))
		return protowire.AppendVarint(dst, uint64(w.symbols.ofString(value)))
	}
	return appendLabel(dst, name, value)
}

// appendBytes is append for a value that no string holds.
func (w *writer) appendBytes(dst []byte, name string, value []byte) []byte {
	if w.version == Version2 {
		dst = protowire.AppendVarint(dst, uint64(w.symbols.ofString(name)))
		return protowire.AppendVarint(dst, uint64(w.symbols.ofBytes(value)))
	}
	return appendLabel(dst, name, value)
}

// appendEscaped is append for a value as label.Labels.Escaped has it.
func (w *writer) appendEscaped(dst []byte, name, escaped string) []byte {
	if strings.IndexByte(escaped, '\\') < 0 { // Fast path.
		return w.append(dst, name, escaped)
	}
	w.plain = label.AppendUnescaped(w.plain[:0], escaped)
	return w.appendBytes(dst, name, w.plain)
}

// appendLabel appends a label as 1.0 has it: a field of a series or of an exemplar.
func appendLabel[T ~string | ~[]byte](dst []byte, name string, value T) []byte {
	const tags = 2 // of the fields in it, a byte each
	size := tags + protowire.SizeBytes(len(name)) + protowire.SizeBytes(len(value))
	dst = protowire.AppendVarint(protowire.AppendTag(dst, seriesLabels, protowire.BytesType), uint64(size))
	return appendText(appendText(dst, labelName, name), labelValue, value)
}

// The labels whose value each sample of a series has for itself.
const (
	nameLabel     = "__name__"
	bucketLabel   = "le"
	quantileLabel = "quantile"
)

// fixed is a label that the encoder puts into every series: an external one, or one whose value each sample
// has for itself.
type fixed struct {
	name  string
	value string // of an external label
	text  []byte // of an external label, as it is written; of 2.0 for the request at hand
}

// isOwn reports whether each sample has a value for itself.
func (x *fixed) isOwn() bool { return x.value == "" }

// order is the labels that the encoder puts into series, sorted by name.
type order []fixed

// newOrder returns the order of external labels, __name__ and the others whose values samples have.
func newOrder(external label.Labels, others ...string) order {
	o := order{{name: nameLabel}}
	for _, name := range others {
		o = append(o, fixed{name: name})
	}
	for name, value := range external.All() {
		if name != nameLabel && name != bucketLabel && name != quantileLabel {
			o = append(o, fixed{name: name, value: value})
		}
	}
	slices.SortFunc(o, func(a, b fixed) int { return strings.Compare(a.name, b.name) })
	return o
}

// encode makes the text of the external labels.
func (o order) encode(w *writer) {
	for i := range o {
		if !o[i].isOwn() {
			o[i].text = w.append(o[i].text[:0], o[i].name, o[i].value)
		}
	}
}

func (o order) has(name string) bool {
	return slices.ContainsFunc(o, func(x fixed) bool { return x.name == name })
}

// labelSet is the labels that all samples of a series share, as they are written, in order, and where the
// others belong among them.
type labelSet struct {
	text []byte
	gaps [2]int // of __name__, and behind it of a bucket or a quantile
	used int    // how many gaps there are

	pairs    []pair            // scratch
	exported map[string]string // by name: the name with the prefix of a label that clashes
}

// pair is a label with its value as label.Labels.Escaped has it.
type pair struct{ name, value string }

// make makes the set that of a series: its labels among those of the encoder.
func (s *labelSet) make(w *writer, labels label.Labels, o order) {
	s.begin()
	last, next := "", 0
	for name, value := range labels.Escaped() {
		for next < len(o) && o[next].name < name {
			s.put(&o[next])
			next++
		}
		if name < last || next < len(o) && o[next].name == name {
			s.makeSlowly(w, labels, o)
			return
		}
		s.text = w.appendEscaped(s.text, name, value)
		last = name
	}
	s.end(o[next:])
}

func (s *labelSet) begin() { s.text, s.used = s.text[:0], 0 }

// end puts the labels of the encoder that are left.
func (s *labelSet) end(left order) {
	for i := range left {
		s.put(&left[i])
	}
	for ; s.used < len(s.gaps); s.used++ {
		s.gaps[s.used] = len(s.text)
	}
}

// put puts a label of the encoder at the end.
func (s *labelSet) put(x *fixed) {
	if x.isOwn() {
		s.gaps[s.used] = len(s.text)
		s.used++
		return
	}
	s.text = append(s.text, x.text...)
}

// makeSlowly makes the set of labels in any order, of which some have the name of a label of the encoder.
// Those get "exported_" before it, as often as it takes to be free, as in Prometheus.
func (s *labelSet) makeSlowly(w *writer, labels label.Labels, o order) {
	s.begin()
	s.pairs = s.pairs[:0]
	for name, value := range labels.Escaped() {
		s.pairs = append(s.pairs, pair{name, value})
	}
	for i := range s.pairs {
		for name := s.pairs[i].name; o.has(name); {
			for name = s.export(name); s.has(name); {
				name = s.export(name)
			}
			s.pairs[i].name = name
		}
	}
	slices.SortFunc(s.pairs, func(a, b pair) int { return strings.Compare(a.name, b.name) })
	next := 0
	for _, p := range s.pairs {
		for ; next < len(o) && o[next].name < p.name; next++ {
			s.put(&o[next])
		}
		s.text = w.appendEscaped(s.text, p.name, p.value)
	}
	s.end(o[next:])
}

func (s *labelSet) has(name string) bool {
	return slices.ContainsFunc(s.pairs, func(p pair) bool { return p.name == name })
}

// export returns a name with the prefix. It keeps the names that it made: they are few, since external labels
// are.
func (s *labelSet) export(name string) string {
	exported, ok := s.exported[name]
	if !ok {
		if s.exported == nil {
			s.exported = make(map[string]string)
		}
		exported = "exported_" + name
		s.exported[strings.Clone(name)] = exported
	}
	return exported
}
