package aggregate

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// Names that only Prometheus 3 allows (https://prometheus.io/docs/guides/utf8/) are a spelling of legacy
// names, not names of their own: the legacy name, which the spelling determines, stays what identifies a
// family, a label and a series. So whichever of the two a scraper asks for, no two families of an
// exposition have one name, and no two series one label set, and everything that is said of a name (a
// limit, a rule, a state file) means the same whatever Sanitize.Names says. When senders use several
// spellings of one legacy name, the first that is not legacy itself is shown.

// spelled is how a sample spells its name and its labels; each is nil when its legacy form is it.
type spelled struct{ name, labels []byte }

// appendUTF8 appends a part of a name, changed only where it must be: control characters, bytes that are no
// UTF-8, and '"' and '\\', which Prometheus 3.16 takes for others where they name a family, become one '_'
// each. appendName makes of the result what it makes of the name.
func appendUTF8(dst, name []byte) []byte {
	for len(name) > 0 {
		r, size := utf8.DecodeRune(name)
		if r == utf8.RuneError && size == 1 || unicode.IsControl(r) || r == '"' || r == '\\' {
			r = '_'
		}
		dst = utf8.AppendRune(dst, r)
		name = name[size:]
	}
	return dst
}

// appendUTF8LabelName appends the name of a label: quoted, as an exposition has it, unless it is legal.
// What is reserved gets the same prefix as its legacy form.
func appendUTF8LabelName(dst, key, legacy []byte) []byte {
	if bytes.Equal(key, legacy) { // Fast path.
		return append(dst, legacy...)
	}
	start := len(dst)
	dst = append(dst, '"')
	if isReservedLabel(appendLegal(nil, key, false)) {
		dst = append(dst, reservedPrefix...)
	}
	if dst = appendUTF8(dst, key); bytes.Equal(dst[start+1:], legacy) {
		return append(dst[:start], legacy...)
	}
	return append(dst, '"')
}

// setName sets the name from the parts of what the sample is called.
func (n *namer) setName(name, end []byte) {
	n.name = appendName(n.name[:0], name, end)
	if n.options.Names == NamesUTF8 {
		n.utf8Name = appendUTF8(appendUTF8(n.utf8Name[:0], name), end)
	}
}

// finish adds the name and the labels to a naming.
func (n *namer) finish(named naming) naming {
	named.name, named.labels = n.name, n.render(named.caps)
	if len(n.utf8Name) > 0 && !bytes.Equal(n.utf8Name, n.name) {
		named.spelled.name = n.utf8Name
	}
	if len(n.utf8Labels) > 0 && !bytes.Equal(n.utf8Labels, n.labels) {
		named.spelled.labels = n.utf8Labels
	}
	return named
}

// spellLocked makes what a sample spells the spelling of its series and family, unless they have one.
// Registry.mu is held.
func (s *Series) spellLocked(as spelled) {
	f := s.family
	if as.name != nil && f.utf8Name.Load() == nil {
		f.utf8Name.Store(new(string(as.name)))
		f.registry.respelledLocked(f)
	}
	if as.labels != nil && s.extra().utf8Labels.Load() == nil {
		s.ownExtras().utf8Labels.Store(new(string(as.labels)))
		f.registry.respelledLocked(f)
	}
}

func (r *Registry) respelledLocked(f *Family) {
	f.spellings.Add(1)
	r.changedLocked(f)
}

// HasUTF8Names reports whether names may be other than legacy ones: Sanitize.Names is NamesUTF8.
func (r *Registry) HasUTF8Names() bool { return r.options.Sanitize.Names == NamesUTF8 }

// UTF8Name returns the name as it was sent: valid UTF-8 without control characters, '"' and '\\'. It is
// Name unless Sanitize.Names is NamesUTF8 and a sender has used a name that is not legal for every
// Prometheus version.
func (f *Family) UTF8Name() string {
	if name := f.utf8Name.Load(); name != nil {
		return *name
	}
	return f.name
}

// Spellings returns a number that changes with what UTF8Name and Series.UTF8Labels return. A new snapshot
// is taken after that.
func (f *Family) Spellings() uint32 { return f.spellings.Load() }

// UTF8Labels returns the label set as Labels does, with names as they were sent, quoted where they are not
// legal for every Prometheus version: `"http.method"="GET",zone="a"`. They are in the order of Labels.
func (s *Series) UTF8Labels() string {
	if labels := s.extra().utf8Labels.Load(); labels != nil {
		return *labels
	}
	return s.labels
}
