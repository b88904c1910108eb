package aggregate

import (
	"bytes"

	"weir/aggregate/label"
)

// spelled is how a sample spells its name and its labels; each is nil when its legacy form is it.
type spelled struct{ name, labels []byte }

// setName sets the name from the parts of what the sample is called.
func (n *namer) setName(name, end []byte) {
	n.name = label.AppendName(n.name[:0], name, end)
	if n.options.Names == NamesUTF8 {
		n.utf8Name = label.AppendUTF8(label.AppendUTF8(n.utf8Name[:0], name), end)
	}
}

// finish adds the name and the labels to a naming.
func (n *namer) finish(named naming) naming {
	named.name, named.labels = n.name, n.render(named.caps)
	named.id = label.IDOf(named.name, named.labels)
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
		s.ownExtras().utf8Labels.Store(new(label.Of(string(as.labels))))
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

// UTF8Version returns a number that changes whenever UTF8Name, or Series.UTF8Labels of a series of the family,
// returns another name. The registry takes a new snapshot then.
func (f *Family) UTF8Version() uint32 { return f.spellings.Load() }

// UTF8Labels returns the label set as Labels does, with names as they were sent, as in
// `"http.method"="GET",zone="a"`. They are in the order of Labels.
func (s *Series) UTF8Labels() label.Labels {
	if labels := s.extra().utf8Labels.Load(); labels != nil {
		return *labels
	}
	return s.labels
}
