package aggregate

import "weir/aggregate/label"

// setUTF8Locked makes what a sample spells the spelling of its series and family, unless they have one.
// Registry.mu is held.
func (s *Series) setUTF8Locked(as utf8Names) {
	f := s.family
	if as.name != nil && f.utf8Name.Load() == nil {
		f.utf8Name.Store(new(string(as.name)))
		f.registry.utf8ChangedLocked(f)
	}
	if as.labels != nil && s.extra().utf8Labels.Load() == nil {
		s.ownExtras().utf8Labels.Store(new(label.Of(string(as.labels))))
		f.registry.utf8ChangedLocked(f)
	}
}

func (r *Registry) utf8ChangedLocked(f *Family) {
	f.utf8Version.Add(1)
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
func (f *Family) UTF8Version() uint32 { return f.utf8Version.Load() }

// UTF8Labels returns the label set as Labels does, with names as they were sent, as in
// `"http.method"="GET",zone="a"`. They are in the order of Labels.
func (s *Series) UTF8Labels() label.Labels {
	if labels := s.extra().utf8Labels.Load(); labels != nil {
		return *labels
	}
	return s.labels
}
