package aggregate

import (
	"sync/atomic"

	"weir/protocol"
)

// link is what the cells of a series begin with: a list with at most one cell of each shard.
type link[C any] struct {
	owner *Shard // the only one that writes the cell
	next  *C     // set before the cell is published
	seen  lastSeen
}

func (l *link[C]) links() *link[C] { return l }

func (l *link[C]) lastSeen() *lastSeen { return &l.seen }

func (s *Series) lastSeen() *lastSeen { return &s.seen }

// linked is a pointer to a cell with a link.
type linked[C any] interface {
	*C
	links() *link[C]
}

// dated is a pointer to a cell that knows when it was last written.
type dated[C any] interface {
	*C
	lastSeen() *lastSeen
}

// shelf is where a shard finds its cells of one kind: one for each kind, so that a slot holds its cell
// without an indirection.
type shelf[C any] struct {
	direct table[C]        // raw keys that simply mean a cell
	scaled table[aside[C]] // raw keys whose values a rule scales
	judged table[aside[C]] // raw keys that were refused or folded; their bytes are in Shard.judgedKeys
}

// aside is what a raw key means that does not simply mean a cell.
type aside[C any] struct {
	cell     *C // nil when samples are refused
	scale    float64
	overflow *overflow       // counts samples that a limit refused or folded; nil for others
	reason   protocol.Reason // why samples are refused
}

func (a *aside[C]) count() {
	if a.overflow != nil {
		a.overflow.samples.Add(1)
	}
}

func (x *shelf[C]) slots() int {
	return len(x.direct.slots) + len(x.scaled.slots)
}

func (x *shelf[C]) used() int { return x.direct.used + x.scaled.used }

// shelves are the shelves of a shard.
type shelves struct {
	counters  shelf[counter]
	gauges    shelf[Series] // a gauge's word is shared, so its series is its cell
	observers shelf[observer]
	sets      shelf[set]
	checks    shelf[Series]
}

// bear finds what a raw key means that the table of cells does not know, or whose cell has expired: in the
// shard's other tables, or in the registry. It learns what it finds.
//
// Slow path.
func bear[C any, P dated[C]](s *Shard, m *protocol.Sample, key *rawKey, x *shelf[C],
	own func(*Series) *C,
) aside[C] {
	if a := x.scaled.find(key, &s.keys); a != nil && P(a.cell).lastSeen().touch(s.now) {
		return *a
	}
	room := s.registry.room.Load()
	s.forgetJudged(room)
	if a := x.judged.find(key, &s.judgedKeys); a != nil &&
		(a.cell == nil || P(a.cell).lastSeen().touch(s.now)) {
		a.count()
		return *a
	}
	found := s.resolve(m)
	a := aside[C]{scale: 1, overflow: found.overflow, reason: found.reason}
	if found.series != nil {
		a.cell, a.scale = own(found.series), found.treatment.scale
		P(a.cell).lastSeen().touch(s.now)
	}
	switch {
	case found.fleeting:
	case a.cell == nil || a.overflow != nil:
		s.judge()
		x.judged.insert(key, &aside[C]{a.cell, a.scale, a.overflow, a.reason}, &s.judgedKeys)
	case a.scale != 1:
		s.learn()
		x.scaled.insert(key, &aside[C]{cell: a.cell, scale: a.scale}, &s.keys)
	default:
		s.learn()
		x.direct.insert(key, a.cell, &s.keys)
	}
	a.count()
	return a
}

// ownCell returns the cell of shard s in the list of a series; a new one goes to the front, where other
// shards may be putting theirs.
func ownCell[C any, P linked[C]](s *Shard, cells *atomic.Pointer[C], newCell func() *C) *C {
	for c := cells.Load(); c != nil; c = P(c).links().next {
		if P(c).links().owner == s {
			return c
		}
	}
	c := newCell()
	l := P(c).links()
	l.owner = s
	l.seen.second.Store(s.now)
	for {
		l.next = cells.Load()
		if cells.CompareAndSwap(l.next, c) {
			return c
		}
	}
}

func (s *Shard) bearCounter(m *protocol.Sample, key *rawKey) aside[counter] {
	return bear(s, m, key, &s.counters, func(x *Series) *counter {
		return ownCell(s, &x.counters, s.newCounter)
	})
}

func (s *Shard) bearObserver(m *protocol.Sample, key *rawKey) aside[observer] {
	return bear(s, m, key, &s.observers, func(x *Series) *observer {
		return ownCell(s, &x.observers, func() *observer { return newObserver(x.family.treatment) })
	})
}

func (s *Shard) bearSet(m *protocol.Sample, key *rawKey) aside[set] {
	return bear(s, m, key, &s.sets, func(x *Series) *set {
		return ownCell(s, &x.sets, func() *set { return &set{} })
	})
}

// bearGauge is bear for the kinds whose one cell is the series itself: gauges and checks.
func (s *Shard) bearGauge(m *protocol.Sample, key *rawKey, x *shelf[Series]) aside[Series] {
	return bear(s, m, key, x, func(x *Series) *Series { return x })
}

// slabCounters is how many counter cells a shard allocates at a time, so that no other shard's cells lie
// between them; few, since one that lives keeps them all in memory.
const slabCounters = 32

func (s *Shard) newCounter() *counter {
	if len(s.counterSlab) == 0 {
		s.counterSlab = make([]counter, slabCounters)
	}
	cell := &s.counterSlab[0]
	s.counterSlab = s.counterSlab[1:]
	return cell
}
