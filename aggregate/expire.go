package aggregate

import "weir/protocol"

// sweepBatch is how many series at most expire under one lock of the registry, so that births do not wait
// for long.
const sweepBatch = 256

// Sweep lets series expire that no sample came to for their TTL, by the time of the last Tick, and returns
// how many. Their names and places are free then; a shard lets go of its cells with its next samples. Call
// it from a goroutine of its own, every few seconds: it looks at every series.
func (r *Registry) Sweep() (count int) {
	if !r.mortal.Load() {
		return 0
	}
	now := r.clock.seconds()
	var idle []*Series
	for _, f := range r.Snapshot().Families {
		for _, s := range f.Series {
			if s.idle(now) {
				idle = append(idle, s)
			}
			if len(idle) == sweepBatch {
				count += r.expire(idle, now)
				idle = idle[:0]
			}
		}
	}
	count += r.expire(idle, now)
	if count > 0 {
		r.Snapshot() // lets go of them
	}
	return count
}

func (r *Registry) expire(idle []*Series, now uint32) (count int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range idle {
		if s.expire(now) {
			r.removeLocked(s)
			count++
		}
	}
	if count > 0 {
		r.expirations.Add(uint64(count))
		r.roomEpoch.Add(1)
	}
	return count
}

// removeLocked takes a series that has expired out of the registry, and its family when it was the last.
func (r *Registry) removeLocked(s *Series) {
	family := s.family
	family.series.remove(s.ID(), s)
	r.changedLocked(family)
	r.series--
	if s.labels == overflowLabels && r.limiter.kept(family.cellKind) > 0 {
		family.kept = 1 // the place is kept for its successor
	} else {
		r.limiter.taken--
	}
	if family.series.len == 0 {
		r.dropLocked(family)
	}
}

// dropLocked takes a family out of the registry, with the series it has: they expire.
func (r *Registry) dropLocked(family *Family) {
	for s := range family.series.all() {
		s.each(func(l *lastSeen) bool {
			l.second.Store(expired)
			return true
		})
	}
	count := family.series.len
	r.series -= count
	r.limiter.taken -= count + family.kept
	r.expirations.Add(uint64(count))
	family.series = seriesSet{}
	r.changedLocked(family)
	delete(r.families, family.name)
	if family.cellKind != cellCheck {
		for _, suffix := range family.cellKind.suffixes() {
			delete(r.owners, family.name+suffix)
		}
	}
	r.roomEpoch.Add(1)
}

// each calls f for the times of the series and its cells until it returns false. While Registry.mu is held no
// time becomes, or ceases to be, expired but by the holder.
func (s *Series) each(f func(*lastSeen) bool) bool {
	if !f(&s.seen) {
		return false
	}
	for c := s.counters.Load(); c != nil; c = c.next {
		if !f(&c.seen) {
			return false
		}
	}
	for c := s.observers.Load(); c != nil; c = c.next {
		if !f(&c.seen) {
			return false
		}
	}
	for c := s.sets.Load(); c != nil; c = c.next {
		if !f(&c.seen) {
			return false
		}
	}
	return true
}

// idle reports whether no sample came for the TTL.
func (s *Series) idle(now uint32) bool {
	ttl := s.ttl.Load()
	return ttl > 0 && s.each(func(l *lastSeen) bool { return l.idle(now, ttl) })
}

// expire marks the series and its cells as expired, if all are idle; if one is not, none is. Registry.mu is
// held: an owner that finds its cell marked waits for it in the registry, and so sees no mark that is taken
// back.
func (s *Series) expire(now uint32) bool {
	ttl := s.ttl.Load()
	if ttl == 0 {
		return false
	}
	type mark struct {
		at     *lastSeen
		before uint32
	}
	var marks []mark
	all := s.each(func(l *lastSeen) bool {
		before, done := l.expire(now, ttl)
		if done {
			marks = append(marks, mark{l, before})
		}
		return done
	})
	if !all {
		for _, m := range marks {
			m.at.revive(m.before)
		}
	}
	return all
}

// Conflict tells the two types of a sample that was rejected with protocol.ReasonTypeConflict, as in
// "req_time is a counter; a histogram was sent"; "" when there is no conflict any more. It changes nothing
// and is slow: it is for the few rejects that are shown.
func (s *Shard) Conflict(m *protocol.Sample) string {
	m, _ = s.extract(m)
	n := s.resolver.look(m)
	if n.reason != protocol.ReasonNone {
		return ""
	}
	r := s.registry
	r.mu.Lock()
	defer r.mu.Unlock()
	f := n.aggregation.cellKindOf(&origins[m.Kind])
	for _, suffix := range f.suffixes() {
		owner := r.owners[string(n.name)+suffix]
		if owner != nil && owner != reserved && (suffix != "" || owner.cellKind != f) {
			return owner.name + " is a " + owner.cellKind.typ().String() + "; a " + f.typ().String() + " was sent"
		}
	}
	return ""
}
