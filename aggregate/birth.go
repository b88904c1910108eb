package aggregate

import (
	"sync/atomic"

	"weir/protocol"
)

// link is what the cells of a series begin with: a list with at most one cell of each shard.
type link[C any] struct {
	owner *Shard // the only one that writes the cell
	next  *C     // set before the cell is published
}

func (l *link[C]) links() *link[C] { return l }

// linked is a pointer to a cell with a link.
type linked[C any] interface {
	*C
	links() *link[C]
}

// resolve returns the series of a sample: Slow path. The names are made before the registry is locked.
func (s *Shard) resolve(m *protocol.Sample) (*Series, protocol.Reason) {
	name, labels, reason := s.namer.resolve(m)
	if reason != protocol.ReasonNone {
		return nil, reason
	}
	if s.namer.duplicates > 0 {
		s.registry.tagsDuplicate.Add(uint64(s.namer.duplicates))
	}
	s.registry.mu.Lock()
	defer s.registry.mu.Unlock()
	return s.registry.resolveLocked(m.Kind, name, labels)
}

// bear finds, or makes, the shard's cell for a raw key that its table does not know, and learns the key.
func bear[C any, P linked[C]](s *Shard, m *protocol.Sample, key *rawKey, t *table[C],
	cells func(*Series) *atomic.Pointer[C], newCell func() *C,
) (*C, protocol.Reason) {
	series, reason := s.resolve(m)
	if reason != protocol.ReasonNone {
		return nil, reason
	}
	cell := ownCell[C, P](s, cells(series), newCell)
	learn(s, t, key, cell)
	return cell, reason
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
	for {
		first := cells.Load()
		*P(c).links() = link[C]{owner: s, next: first}
		if cells.CompareAndSwap(first, c) {
			return c
		}
	}
}

func (s *Shard) bearCounter(m *protocol.Sample, key *rawKey) (*counter, protocol.Reason) {
	return bear(s, m, key, &s.counters, func(x *Series) *atomic.Pointer[counter] { return &x.counters },
		s.newCounter)
}

func (s *Shard) bearHistogram(m *protocol.Sample, key *rawKey) (*histogram, protocol.Reason) {
	return bear(s, m, key, &s.histograms,
		func(x *Series) *atomic.Pointer[histogram] { return &x.histograms },
		func() *histogram { return newHistogram(s.registry.options.Timers.Buckets) })
}

func (s *Shard) bearSet(m *protocol.Sample, key *rawKey) (*set, protocol.Reason) {
	return bear(s, m, key, &s.sets, func(x *Series) *atomic.Pointer[set] { return &x.sets },
		func() *set { return &set{} })
}

// bearGauge is bear for the kinds whose one cell is the series itself: gauges and checks.
func (s *Shard) bearGauge(m *protocol.Sample, key *rawKey, t *table[Series]) (*Series, protocol.Reason) {
	series, reason := s.resolve(m)
	if reason == protocol.ReasonNone {
		learn(s, t, key, series)
	}
	return series, reason
}

// slabCounters is how many counter cells a shard allocates at a time: nearly a page of 24-byte cells, so that
// no other shard's cells lie between them.
const slabCounters = 170

func (s *Shard) newCounter() *counter {
	if len(s.counterSlab) == 0 {
		s.counterSlab = make([]counter, slabCounters)
	}
	cell := &s.counterSlab[0]
	s.counterSlab = s.counterSlab[1:]
	return cell
}

const (
	// keyBytesPerSeries and minKeyBudget bound the memory for raw keys, in bytes. Tags in another order, or
	// labels that sanitising makes equal, are another key of the same series, and there is no end of those.
	keyBytesPerSeries = 512
	minKeyBudget      = 1 << 20
)

// learn makes the next sample of key a hit. When the keys have outgrown their budget all are forgotten first:
// that costs each key in use one more slow path, no more than the births that filled the budget did.
func learn[C any](s *Shard, t *table[C], key *rawKey, cell *C) {
	if s.keyBytes() > s.keyBudget {
		s.keys, s.tables = arena{}, tables{}
	}
	t.insert(key, cell, &s.keys)
}

// keyBytes returns the memory that raw keys take in this shard.
func (s *Shard) keyBytes() int {
	slots := len(s.counters.slots) + len(s.gauges.slots) + len(s.histograms.slots) + len(s.sets.slots) +
		len(s.checks.slots)
	return s.keys.bytes() + slots*slotBytes
}
