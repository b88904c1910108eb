package label

import (
	"bytes"
	"slices"
)

// bareTagValue is the label value of a tag without one, as in "|#production".
const bareTagValue = "true"

// Sanitizer makes a label set of tags and other labels in any order, in memory that it keeps: after Reset
// come Add and AddTag for each label, then Render. It belongs to one goroutine. The fields may change
// before Reset.
type Sanitizer struct {
	// Values says how values are made safe.
	Values Values
	// UTF8 says whether names are kept as they were sent, too.
	UTF8 bool
	// Reserved says which names are reserved in the series.
	Reserved Reserved

	text             []byte // names and values of pairs
	pairs            []pair
	labels, utf8Text []byte
}

// pair is a label as views into Sanitizer.text.
type pair struct {
	name, value []byte
	utf8Name    []byte // as an exposition has it, quoted if need be; nil with legacy names
	isTag       bool
}

// Reset forgets what was added.
func (s *Sanitizer) Reset() { s.text, s.pairs = s.text[:0], s.pairs[:0] }

// Add adds a label of a rule. An empty value means that the label is absent, also when a tag has its name.
func (s *Sanitizer) Add(name string, value []byte) { s.add([]byte(name), value, false) }

// AddTag adds a tag. A tag without a name, or with an empty value, makes no label; one without a value, which
// is nil, makes a label with the value "true".
func (s *Sanitizer) AddTag(key, value []byte) {
	switch {
	case len(key) == 0, value != nil && len(value) == 0:
	case value == nil:
		s.add(key, []byte(bareTagValue), true)
	default:
		s.add(key, value, true)
	}
}

func (s *Sanitizer) add(key, value []byte, isTag bool) {
	if len(key) == 0 {
		return
	}
	p, start := pair{isTag: isTag}, len(s.text)
	s.text = AppendKey(s.text, key, s.Reserved)
	p.name, start = s.text[start:], len(s.text)
	s.text = s.Values.Append(s.text, value)
	p.value, start = s.text[start:], len(s.text)
	if s.UTF8 {
		s.text = AppendUTF8Key(s.text, key, p.name)
		p.utf8Name = s.text[start:]
	}
	s.pairs = append(s.pairs, p)
}

// Render returns the text of the label set (see Labels.Text), and the same with names as they were sent, nil
// when they are legal ones. Of labels with one name the last one added wins; overridden is how many tags gave
// way to another tag. Each value is what replace returns for it, as it is written between quotes; replace may
// be nil. The texts are valid until the next call.
func (s *Sanitizer) Render(replace func(name, value []byte) []byte) (text, utf8 []byte, overridden int) {
	s.labels, s.utf8Text = s.labels[:0], s.utf8Text[:0]
	slices.SortStableFunc(s.pairs, func(a, b pair) int { return bytes.Compare(a.name, b.name) })
	for i := range s.pairs {
		p := &s.pairs[i]
		if i+1 < len(s.pairs) && bytes.Equal(p.name, s.pairs[i+1].name) {
			if p.isTag && s.pairs[i+1].isTag {
				overridden++
			}
			continue
		}
		if len(p.value) == 0 {
			continue
		}
		value := p.value
		if replace != nil {
			value = replace(p.name, value)
		}
		s.labels = Append(s.labels, p.name, value)
		if s.UTF8 {
			s.utf8Text = Append(s.utf8Text, p.utf8Name, value)
		}
	}
	if s.UTF8 && !bytes.Equal(s.labels, s.utf8Text) {
		utf8 = s.utf8Text
	}
	return s.labels, utf8, overridden
}
