package aggregate

import (
	"bytes"
	"slices"
	"unicode/utf8"

	"weir/aggregate/label"
	"weir/aggregate/rawkey"
	"weir/protocol"
)

// exemplarTags takes those tags off samples that become exemplars, so that they are part of no raw key, of no label
// and of nothing that rules see. It belongs to one shard.
type exemplarTags struct {
	tags   []exemplarTag
	labels [][]byte // their names, each once

	values [][]byte        // of labels, as sent with the last sample; nil when they were not
	sample protocol.Sample // the last one without the tags
	text   []byte          // its name and tags
	line   []byte          // text of the labels
	value  []byte          // of one of them

	counters, observers rawkey.Table[binding[exemplars]] // by the raw keys of samples without the tags
}

// exemplarTag is a tag that becomes a label of an exemplar.
type exemplarTag struct {
	key   []byte // as it is sent
	label int    // in exemplarTags.labels
}

// newExemplarTags returns an extractor of the tags of those names; nil when there are none.
func newExemplarTags(tags []string) *exemplarTags {
	if len(tags) == 0 {
		return nil
	}
	p := &exemplarTags{}
	for _, tag := range tags {
		name := label.AppendKey(nil, []byte(tag))
		at := slices.IndexFunc(p.labels, func(other []byte) bool { return bytes.Equal(other, name) })
		if at < 0 {
			at = len(p.labels)
			p.labels = append(p.labels, name)
		}
		p.tags = append(p.tags, exemplarTag{[]byte(tag), at})
	}
	p.values = make([][]byte, len(p.labels))
	return p
}

// extract returns a sample without the tags that become an exemplar, valid until the next call; m itself and
// false when it has none of them.
func (p *exemplarTags) extract(m *protocol.Sample, dialects protocol.Dialects) (*protocol.Sample, bool) {
	isCheck := m.Kind == protocol.KindCheck
	inName := !isCheck && p.mayHave(m.Name)
	inTags := (isCheck || dialects&protocol.DogStatsD != 0) && p.mayHave(m.Tags)
	if !inName && !inTags { // Fast path: it costs a line 30 ns, not 90 (BenchmarkExemplars).
		return m, false
	}
	p.text = p.text[:0]
	clear(p.values)
	p.sample = *m
	if inTags {
		p.sample.Tags, inTags = p.extractFrom(protocol.DogStatsD, m.Tags)
	}
	if inName {
		p.sample.Name, inName = p.extractFromName(m.Name, dialects)
	}
	if !inName && !inTags {
		return m, false
	}
	return &p.sample, true
}

// mayHave reports whether any of the tags can be in text.
func (p *exemplarTags) mayHave(text []byte) bool {
	for i := range p.tags {
		if bytes.Contains(text, p.tags[i].key) {
			return true
		}
	}
	return false
}

// extractFrom returns a tag section without the tags, and whether there were any.
//
//	env:prod,trace_id:4bf92f,zone:a
//	^kept    ^picked         ^kept
func (p *exemplarTags) extractFrom(dialect protocol.Dialects, section []byte) (kept []byte, found bool) {
	start, isOpen := len(p.text), false // a separator is behind what was kept last
	tags := section
	for key, value, rest := dialect.NextTag(tags); key != nil; key, value, rest = dialect.NextTag(rest) {
		label := p.labelOf(key)
		switch {
		case label < 0 && found:
			p.text = append(p.text, tags[:len(tags)-len(rest)]...)
			isOpen = rest != nil
		case label >= 0 && !found:
			found = true
			p.text = append(p.text, section[:len(section)-len(tags)]...)
			isOpen = len(p.text) > start
		}
		if label >= 0 && len(value) > 0 {
			p.values[label] = value
		}
		tags = rest
	}
	if !found {
		return section, false
	}
	if isOpen {
		p.text = p.text[:len(p.text)-1]
	}
	return p.text[start:], true
}

// extractFromName returns a name without the tags in it.
func (p *exemplarTags) extractFromName(name []byte, dialects protocol.Dialects) (kept []byte, found bool) {
	split := protocol.SplitName(name, dialects)
	if split.Dialect == 0 {
		return name, false
	}
	tags, found := p.extractFrom(split.Dialect, split.Tags)
	if !found {
		return name, false
	}
	if len(tags) == 0 && split.Dialect != protocol.SignalFX {
		return split.Name, true
	}
	// Brackets stay also when they are empty: without them, tags of another dialect might begin behind them.
	begin := len(split.Name) + 1
	start := len(p.text)
	p.text = append(append(p.text, name[:begin]...), tags...)
	p.text = append(p.text, name[begin+len(split.Tags):]...)
	return p.text[start:], true
}

// labelOf returns which label a tag becomes, -1 when it stays.
func (p *exemplarTags) labelOf(key []byte) int {
	for i := range p.tags {
		if bytes.Equal(p.tags[i].key, key) {
			return p.tags[i].label
		}
	}
	return -1
}

// render renders the labels of an exemplar of the last sample, empty when there are none, and says how many
// were left out since they are too long. It is valid until the next call.
//
// Escapes count: Prometheus takes the value of an exemplar's label from OpenMetrics as it is written.
func (p *exemplarTags) render(o *Sanitize) (labels []byte, dropped int) {
	p.line = p.line[:0]
	budget := MaxExemplarCharacters
	for i, name := range p.labels {
		p.value = o.values().Append(p.value[:0], p.values[i])
		size := utf8.RuneCount(name) + utf8.RuneCount(p.value)
		switch {
		case len(p.value) == 0:
		case size > budget:
			dropped++
		default:
			p.line = label.Append(p.line, name, p.value)
			budget -= size
		}
	}
	return p.line, dropped
}

// evictKeys forgets the raw keys.
func (p *exemplarTags) evictKeys() {
	p.counters, p.observers = rawkey.Table[binding[exemplars]]{}, rawkey.Table[binding[exemplars]]{}
}

// bytes returns how much memory the tables of p, which may be nil, take.
func (p *exemplarTags) bytes() int {
	if p == nil {
		return 0
	}
	return p.counters.Bytes() + p.observers.Bytes()
}
