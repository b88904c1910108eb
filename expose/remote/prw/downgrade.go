package prw

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"

	"weir/aggregate/label"
)

// ErrRequest says that bytes are no request of 2.0.
var ErrRequest = errors.New("no request of remote write 2.0")

// Downgrade returns a request of 2.0 as one of 1.0, and how many samples it has: floats and native
// histograms. Names become legacy names, as an Encoder of 1.0 writes them. Start timestamps and metadata,
// which series of 1.0 do not have, are left out. The error is an ErrRequest.
func Downgrade(request []byte) (downgraded []byte, samples int, err error) {
	var d downgrade
	// The symbols may stand behind the series that refer to them.
	for f, err := range fields(request) {
		if err != nil {
			return nil, 0, err
		}
		if f.number == requestSymbols2 {
			d.symbols = append(d.symbols, string(f.text))
		}
	}
	for f, err := range fields(request) {
		if err == nil && f.number == requestSeries2 {
			err = d.addSeries(f.text)
		}
		if err != nil {
			return nil, 0, err
		}
	}
	return d.request, d.samples, nil
}

// downgrade is a request of 1.0 that is made of one of 2.0.
type downgrade struct {
	symbols []string
	request []byte
	samples int

	// The fields of the series at hand.
	labels, floats, exemplars, histograms []byte

	refs  []uint32     // scratch
	pairs []legacyPair // scratch
	text  []byte       // scratch
}

func (d *downgrade) addSeries(series []byte) error {
	d.floats, d.exemplars, d.histograms = d.floats[:0], d.exemplars[:0], d.histograms[:0]
	for f, err := range fields(series) {
		if err != nil {
			return err
		}
		switch f.number {
		case seriesSamples:
			d.samples++
			d.floats, err = d.appendWithout(d.floats, seriesSamples, f.text, sampleStart2)
		case seriesHistograms2:
			d.samples++
			d.histograms, err = d.appendWithout(d.histograms, seriesHistograms1, f.text, histogramStart2)
		case seriesExemplars2:
			err = d.addExemplar(f.text)
		default: // references are read below, and 1.0 has no metadata here
		}
		if err != nil {
			return err
		}
	}
	var err error
	if d.labels, err = d.appendLabels(d.labels[:0], series); err != nil {
		return err
	}
	size := len(d.labels) + len(d.floats) + len(d.exemplars) + len(d.histograms)
	d.request = protowire.AppendTag(d.request, requestSeries1, protowire.BytesType)
	d.request = protowire.AppendVarint(d.request, uint64(size))
	d.request = append(append(d.request, d.labels...), d.floats...)
	d.request = append(append(d.request, d.exemplars...), d.histograms...)
	return nil
}

func (d *downgrade) addExemplar(exemplar []byte) (err error) {
	if d.labels, err = d.appendLabels(d.labels[:0], exemplar); err != nil {
		return err
	}
	for f, err := range fields(exemplar) {
		if err != nil {
			return err
		}
		if f.number != exemplarLabels {
			d.labels = append(d.labels, f.raw...)
		}
	}
	d.exemplars = appendText(d.exemplars, seriesExemplars1, d.labels)
	return nil
}

// appendWithout appends a message as a field, without its field of one number.
func (d *downgrade) appendWithout(
	dst []byte, as protowire.Number, message []byte, without protowire.Number,
) ([]byte, error) {
	d.text = d.text[:0]
	for f, err := range fields(message) {
		if err != nil {
			return dst, err
		}
		if f.number != without {
			d.text = append(d.text, f.raw...)
		}
	}
	return appendText(dst, as, d.text), nil
}

// appendLabels appends the labels of a message that has references to them: with legacy names, sorted by
// those.
func (d *downgrade) appendLabels(dst, message []byte) ([]byte, error) {
	if err := d.readRefs(message); err != nil {
		return dst, err
	}
	d.pairs = d.pairs[:0]
	for ref := range slices.Chunk(d.refs, 2) {
		if name, value := d.symbols[ref[0]], d.symbols[ref[1]]; name != "" && value != "" {
			d.pairs = append(d.pairs, legacyPairOf(name, value))
		}
	}
	if slices.ContainsFunc(d.pairs, func(p legacyPair) bool { return p.isRenamed }) {
		export(d.pairs)
	}
	slices.SortStableFunc(d.pairs, legacyPair.compare)
	d.pairs = slices.CompactFunc(d.pairs, func(a, b legacyPair) bool { return a.name == b.name })
	for _, p := range d.pairs {
		dst = appendLabel(dst, p.name, p.value)
	}
	return dst, nil
}

// readRefs reads the references of a message, each pair a name and a value.
func (d *downgrade) readRefs(message []byte) error {
	d.refs = d.refs[:0]
	for f, err := range fields(message) {
		if err != nil {
			return err
		}
		for rest := f.text; f.number == seriesLabels && len(rest) > 0; {
			ref, n := protowire.ConsumeVarint(rest)
			if n < 0 || ref >= uint64(len(d.symbols)) {
				return fmt.Errorf("%w: a reference beyond %d symbols", ErrRequest, len(d.symbols))
			}
			d.refs, rest = append(d.refs, uint32(ref)), rest[n:]
		}
	}
	if len(d.refs)%2 != 0 {
		return fmt.Errorf("%w: %d references are no pairs", ErrRequest, len(d.refs))
	}
	return nil
}

// legacyPair is a label with a legal name.
type legacyPair struct {
	name, value string
	isRenamed   bool
}

func legacyPairOf(name, value string) legacyPair {
	if name == nameLabel {
		return legacyPair{name: name, value: string(label.AppendName(nil, []byte(value), nil))}
	}
	legacy := string(label.AppendKey(nil, []byte(name), label.ReservedInAll))
	return legacyPair{legacy, value, legacy != name}
}

func (p legacyPair) compare(other legacyPair) int { return strings.Compare(p.name, other.name) }

// export gives a label whose legacy name is that of another one, which is external, the prefix that it has in
// 1.0: see labelSet.makeSlowly.
func export(pairs []legacyPair) {
	count := make(map[string]int)
	for _, p := range pairs {
		count[p.name]++
	}
	for i := range pairs {
		const most = 8 // a request of an Encoder needs no more
		for range most {
			p := &pairs[i]
			if !p.isRenamed || count[p.name] < 2 {
				break
			}
			count[p.name]--
			p.name = "exported_" + p.name
			count[p.name]++
		}
	}
}

// field is a field of a message.
type field struct {
	number protowire.Number
	text   []byte // what it holds; of a number, its bytes
	raw    []byte // with the tag
}

// fields yields the fields of a message, in order, until one is none: that comes with an ErrRequest.
func fields(message []byte) iter.Seq2[field, error] {
	return func(yield func(field, error) bool) {
		for rest := message; len(rest) > 0; {
			number, kind, tag := protowire.ConsumeTag(rest)
			if tag < 0 {
				yield(field{}, fmt.Errorf("%w: %w", ErrRequest, protowire.ParseError(tag)))
				return
			}
			size := protowire.ConsumeFieldValue(number, kind, rest[tag:])
			if size < 0 {
				yield(field{}, fmt.Errorf("%w: %w", ErrRequest, protowire.ParseError(size)))
				return
			}
			f := field{number: number, text: rest[tag : tag+size], raw: rest[:tag+size]}
			if kind == protowire.BytesType {
				f.text, _ = protowire.ConsumeBytes(f.text)
			}
			if !yield(f, nil) {
				return
			}
			rest = rest[tag+size:]
		}
	}
}
