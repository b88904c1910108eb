package aggregate

import (
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/cpu"
)

// clock is the coarse time of a registry. The hit path never asks the system for the time: it reads the
// last tick.
//
// It goes by the time that passed between ticks, so that a wall clock that is set back, or forward, expires
// nothing and makes no window longer.
type clock struct {
	mu      sync.Mutex
	started time.Time     // the first tick; guarded by mu
	last    time.Time     // guarded by mu
	passed  time.Duration // since started, never less; guarded by mu

	_      cpu.CacheLinePad // every hit reads what follows; the fields around a clock are written on misses
	coarse atomic.Uint32    // seconds since the epoch as of started, plus passed; written by tick
	wall   atomic.Int64     // seconds since the epoch as the system has it; written by tick
	_      cpu.CacheLinePad
}

// tick moves the clock to now. Times with a monotonic reading, as time.Now returns, are compared by it.
func (c *clock) tick(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.started.IsZero() {
		c.started, c.last = now, now
	}
	c.passed += max(0, now.Sub(c.last))
	c.last = now
	c.coarse.Store(uint32(c.started.Add(c.passed).Unix()))
	c.wall.Store(now.Unix())
}

// seconds returns a time that never goes back: the seconds since the epoch if the system's clock was right at
// the first tick.
func (c *clock) seconds() uint32 { return c.coarse.Load() }

// expired is what lastSeen holds of a cell that no longer counts.
const expired = ^uint32(0)

// lastSeen is the second in which a cell was last written, by clock.seconds, or expired. It is written once
// a second by whoever writes the cell, and by a sweep.
type lastSeen struct{ second atomic.Uint32 }

// touch notes a write at now and reports whether the cell still counts; if not, the key must be resolved
// again.
//
// Fast path: one load of the line that the write needs anyway.
func (l *lastSeen) touch(now uint32) bool { return l.second.Load() == now || l.renew(now) }

func (l *lastSeen) renew(now uint32) bool {
	for {
		old := l.second.Load()
		if old == expired {
			return false
		}
		if l.second.CompareAndSwap(old, now) {
			return true
		}
	}
}

// idle reports whether nothing was written for ttl seconds.
func (l *lastSeen) idle(now, ttl uint32) bool {
	second := l.second.Load()
	return second <= now && now-second >= ttl
}

// expire marks an idle cell. It returns the time that revive needs if the cell must live on after all.
func (l *lastSeen) expire(now, ttl uint32) (before uint32, done bool) {
	before = l.second.Load()
	done = before <= now && now-before >= ttl && l.second.CompareAndSwap(before, expired)
	return before, done
}

func (l *lastSeen) revive(before uint32) { l.second.Store(before) }

func (l *lastSeen) gone() bool { return l.second.Load() == expired }

// each calls f for the times of the series and its cells until it returns false. Only a holder of
// Registry.mu makes a time expired, or no longer expired.
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
	if s.needsReset(now) {
		ttl = 0 // however lately a sample came
	} else if ttl == 0 {
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

// letGo marks the series and its cells as expired, for good. Registry.mu is held.
func (s *Series) letGo() {
	s.each(func(l *lastSeen) bool {
		l.second.Store(expired)
		return true
	})
}

// needsReset reports whether the series is a native histogram that has lost resolution and is as old as
// Native.MinReset. Its cells cannot begin again one by one: the sum of them would fall, but not to 0, which
// Prometheus takes for so many new observations. So the series expires as a whole, and the next sample
// creates another.
func (s *Series) needsReset(now uint32) bool {
	f := s.family
	if f.cellKind != cellHistogram || f.aggregation.native == nil {
		return false
	}
	age := f.registry.rules.Load().nativeMinReset
	if age == 0 || now < s.created || now-s.created < age {
		return false
	}
	for c := s.observers.Load(); c != nil; c = c.next {
		if c.native.IsReduced(f.aggregation.native) {
			return true
		}
	}
	return false
}

// sweepBatch is how many series at most expire under one lock of the registry, so that samples of new
// series do not wait for long.
const sweepBatch = 256

// sweeper lets series of a registry expire.
type sweeper struct {
	registry *Registry
	now      uint32
	count    int // series that have expired
}

// sweep lets the series of a snapshot expire that are idle, or need a reset.
func (w *sweeper) sweep(snapshot *Snapshot) {
	idle := make([]*Series, 0, sweepBatch)
	for _, f := range snapshot.Families {
		for _, s := range f.Series {
			if s.idle(w.now) || s.needsReset(w.now) {
				idle = append(idle, s)
			}
			if len(idle) == sweepBatch {
				w.expire(idle)
				idle = idle[:0]
			}
		}
	}
	w.expire(idle)
}

// expire lets series expire, except series to which samples came meanwhile.
func (w *sweeper) expire(idle []*Series) {
	r, count := w.registry, 0
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range idle {
		if s.expire(w.now) {
			r.catalog.remove(s)
			count++
		}
	}
	if count > 0 {
		r.expirations.Add(uint64(count))
		r.roomEpoch.Add(1)
		w.count += count
	}
}

// remove takes a series that has expired out of the catalog, and its family when it was the last.
func (c *catalog) remove(s *Series) {
	family := s.family
	family.series.remove(s.ID(), s)
	c.noteChange(family)
	c.addSeries(-1)
	if s.labels == overflowLabels && c.limiter.kept(family.cellKind) > 0 {
		family.kept = 1 // the place is kept for its successor
	} else {
		c.limiter.taken--
	}
	if family.series.len == 0 {
		c.drop(family)
	}
}

// drop takes a family out of the catalog; the series that it has expire.
func (c *catalog) drop(family *Family) {
	for s := range family.series.all() {
		s.letGo()
	}
	count := family.series.len
	c.addSeries(-count)
	c.limiter.taken -= count + family.kept
	c.registry.expirations.Add(uint64(count))
	family.series = seriesSet{}
	c.noteChange(family)
	delete(c.families, family.name)
	if family.cellKind != cellCheck {
		for _, suffix := range family.cellKind.suffixes() {
			delete(c.owners, family.name+suffix)
		}
	}
	c.registry.roomEpoch.Add(1)
}
