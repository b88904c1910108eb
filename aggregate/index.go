package aggregate

import (
	"weir/aggregate/rawkey"
	"weir/protocol"
)

// index is where a shard finds its cells of one kind: one for each kind, so that a slot holds its cell
// without an indirection.
type index[C any] struct {
	accepted rawkey.Table[C]          // raw keys that simply mean a cell
	scaled   rawkey.Table[binding[C]] // raw keys whose values a rule scales
	refused  rawkey.Table[binding[C]] // raw keys that were refused or folded; their bytes are in Shard.refusedKeys
}

// binding is what a raw key means that does not simply mean a cell.
type binding[C any] struct {
	cell     *C // nil when samples are refused
	scale    float64
	overflow *overflow       // counts samples that a limit refused or folded; nil for others
	reason   protocol.Reason // why samples are refused
}

func (a *binding[C]) count() {
	if a.overflow != nil {
		a.overflow.samples.Add(1)
	}
}

func (x *index[C]) bytes() int { return x.accepted.Bytes() + x.scaled.Bytes() }

func (x *index[C]) len() int { return x.accepted.Len() + x.scaled.Len() }

// indexes are the indexes of a shard.
type indexes struct {
	counters  index[counter]
	gauges    index[Series] // a gauge's word is shared, so its series is its cell
	observers index[observer]
	sets      index[set]
	checks    index[Series]
}

// lookupSlow finds what a raw key means that the table of cells does not know, or whose cell has expired: in the
// shard's other tables, or in the registry. It learns what it finds.
//
// Slow path.
func lookupSlow[C any, P cell[C]](s *Shard, m *protocol.Sample, key *rawkey.Key, x *index[C],
	own func(*Series) *C,
) binding[C] {
	if a := x.scaled.Find(key, &s.keys); a != nil && P(a.cell).lastSeen().touch(s.now) {
		return *a
	}
	epoch := s.registry.roomEpoch.Load()
	s.evictStaleRefused(epoch)
	if a := x.refused.Find(key, &s.refusedKeys); a != nil &&
		(a.cell == nil || P(a.cell).lastSeen().touch(s.now)) {
		a.count()
		return *a
	}
	found := s.resolve(m)
	a := binding[C]{scale: 1, overflow: found.overflow, reason: found.reason}
	if found.series != nil {
		a.cell, a.scale = own(found.series), found.aggregation.scale
		P(a.cell).lastSeen().touch(s.now)
	}
	switch {
	case found.transient:
	case a.cell == nil || a.overflow != nil:
		s.trimRefused()
		x.refused.Insert(key, &binding[C]{a.cell, a.scale, a.overflow, a.reason}, &s.refusedKeys)
	case a.scale != 1:
		s.trimKeys()
		x.scaled.Insert(key, &binding[C]{cell: a.cell, scale: a.scale}, &s.keys)
	default:
		s.trimKeys()
		x.accepted.Insert(key, a.cell, &s.keys)
	}
	a.count()
	return a
}

func (s *Shard) lookupCounter(m *protocol.Sample, key *rawkey.Key) binding[counter] {
	return lookupSlow(s, m, key, &s.counters, func(x *Series) *counter {
		return ownCell(s, &x.counters, s.newCounter)
	})
}

func (s *Shard) lookupObserver(m *protocol.Sample, key *rawkey.Key) binding[observer] {
	return lookupSlow(s, m, key, &s.observers, func(x *Series) *observer {
		return ownCell(s, &x.observers, func() *observer { return newObserver(x.family.aggregation) })
	})
}

func (s *Shard) lookupSet(m *protocol.Sample, key *rawkey.Key) binding[set] {
	return lookupSlow(s, m, key, &s.sets, func(x *Series) *set {
		return ownCell(s, &x.sets, func() *set { return &set{} })
	})
}

// lookupGauge is lookupSlow for the kinds whose one cell is the series itself: gauges and checks.
func (s *Shard) lookupGauge(m *protocol.Sample, key *rawkey.Key, x *index[Series]) binding[Series] {
	return lookupSlow(s, m, key, x, func(x *Series) *Series { return x })
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
