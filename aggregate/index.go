package aggregate

import (
	"weir/aggregate/rawkey"
	"weir/protocol"
)

const (
	// refusedBudget bounds the memory for raw keys that were refused or folded: a flood of them must not push
	// out the keys of living series.
	refusedBudget = 1 << 20

	// minExpirations is the fewest expirations after which a shard evicts its raw keys.
	minExpirations = 1024

	// slabCounters is how many counter cells a shard allocates at a time, so that no other shard's cells lie
	// between them; few, since one that lives keeps them all in memory.
	slabCounters = 32
)

// index is what a shard knows of raw keys of one kind. Each kind has one, so that a slot of accepted holds
// its cell without an indirection.
type index[C any] struct {
	accepted rawkey.Table[C]          // raw keys that resolve to a cell and nothing else
	scaled   rawkey.Table[binding[C]] // raw keys whose values a rule scales
	refused  rawkey.Table[binding[C]] // raw keys that were refused or folded, in Shard.refusedKeys
}

// binding is what a raw key resolves to when it is more than a cell: scaled, folded or refused.
type binding[C any] struct {
	cell     *C // nil when samples are refused
	scale    float64
	overflow *overflow       // counts samples that a limit refused or folded; nil for others
	reason   protocol.Reason // why samples are refused
}

func (b *binding[C]) count() {
	if b.overflow != nil {
		b.overflow.samples.Add(1)
	}
}

func (x *index[C]) bytes() int { return x.accepted.Bytes() + x.scaled.Bytes() }

func (x *index[C]) len() int { return x.accepted.Len() + x.scaled.Len() }

func (x *index[C]) evict() { x.accepted, x.scaled = rawkey.Table[C]{}, rawkey.Table[binding[C]]{} }

func (x *index[C]) evictRefused() { x.refused = rawkey.Table[binding[C]]{} }

// indexes are the indexes of a shard.
type indexes struct {
	counters  index[counter]
	gauges    index[Series] // a gauge's word is shared, so its series is its cell
	observers index[observer]
	sets      index[set]
	checks    index[Series]
}

// all returns the indexes of all kinds, for what is done to each of them.
func (x *indexes) all() [5]keyTables {
	return [...]keyTables{&x.counters, &x.gauges, &x.observers, &x.sets, &x.checks}
}

// keyTables is an index of any kind.
type keyTables interface {
	bytes() int
	len() int
	evict()
	evictRefused()
}

// lookupSlow resolves a raw key that misses the table of accepted keys, or whose cell expired: by the shard's
// other tables, or by the registry. It remembers the answer. own returns the shard's cell of a series.
//
// Slow path.
func lookupSlow[C any, P cell[C]](
	s *Shard, m *protocol.Sample, key *rawkey.Key, x *index[C], own func(*Series) *C,
) binding[C] {
	if b := x.scaled.Find(key, &s.keys); b != nil && P(b.cell).lastSeen().touch(s.now) {
		return *b
	}
	s.evictStaleRefused(s.registry.roomEpoch.Load())
	if b := x.refused.Find(key, &s.refusedKeys); b != nil &&
		(b.cell == nil || P(b.cell).lastSeen().touch(s.now)) {
		b.count()
		return *b
	}
	found := s.resolve(m)
	b := binding[C]{scale: 1, overflow: found.overflow, reason: found.reason}
	if found.series != nil {
		b.cell, b.scale = own(found.series), found.aggregation.scale
		P(b.cell).lastSeen().touch(s.now)
	}
	switch {
	case found.transient:
	case b.cell == nil || b.overflow != nil:
		s.trimRefused()
		x.refused.Insert(key, new(b), &s.refusedKeys)
	case b.scale != 1:
		s.trimKeys()
		x.scaled.Insert(key, new(b), &s.keys)
	default:
		s.trimKeys()
		x.accepted.Insert(key, b.cell, &s.keys)
	}
	b.count()
	return b
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

func (s *Shard) newCounter() *counter {
	if len(s.counterSlab) == 0 {
		s.counterSlab = make([]counter, slabCounters)
	}
	cell := &s.counterSlab[0]
	s.counterSlab = s.counterSlab[1:]
	return cell
}

// resolve returns the series of a sample. The identity is made before the registry is locked.
func (s *Shard) resolve(m *protocol.Sample) resolution {
	n := s.resolver.resolve(m)
	n.hits.Note(s.clock.wall.Load())
	if n.reason != protocol.ReasonNone {
		return resolution{reason: n.reason}
	}
	if reason := checkScaled(m, n.aggregation.scale); reason != protocol.ReasonNone {
		return resolution{reason: reason, transient: true}
	}
	if s.resolver.duplicates > 0 {
		s.registry.tagsDuplicate.Add(uint64(s.resolver.duplicates))
	}
	if s.resolver.others > 0 {
		s.registry.valuesOther.Add(uint64(s.resolver.others))
	}
	found := s.registry.resolve(&origins[m.Kind], &n)
	if found.isNew {
		s.registry.reportCreation(found.series, s.resolver.sent)
		if s.created != nil {
			s.created()
		}
	}
	return found
}

// Creation is a series that a sample created.
type Creation struct {
	// Sent is the name as it was sent, without tags.
	Sent string
	// Family is the name of the family, Series the whole series like `web_hits{status="200"}`, Type its type.
	Family, Series string
	Type           Type
}

// OnCreate makes the shard call report after it has created a series for a sample. Call it before the first
// sample. report must not use the shard.
func (s *Shard) OnCreate(report func()) { s.created = report }

// checkScaled says what forbids a sample of a counter when a rule scales it.
func checkScaled(m *protocol.Sample, scale float64) protocol.Reason {
	if scale == 1 || m.Kind != protocol.KindCounter && m.Kind != protocol.KindMeter {
		return protocol.ReasonNone
	}
	return checkIncrement(m.Value / m.Rate * scale)
}

// turn is called when a sample finds the clock moved, so at most once a second. When many series have
// expired since the shard last evicted its keys, most keys may be of expired series, and keep their cells
// in memory. So all are evicted; each living key takes the slow path once more.
func (s *Shard) turn(now uint32) {
	s.now = now
	if rules := s.registry.rules.Load(); rules != s.resolver.matcher.rules {
		s.resolver.matcher = newMatcher(rules)
		s.evictKeys()
		s.evictRefused()
	}
	known := 0
	for _, x := range s.all() {
		known += x.len()
	}
	if s.registry.expirations.Load()-s.expirationsSeen >= max(minExpirations, uint64(known/2)) {
		s.evictKeys()
	}
}

// trimKeys is called before a raw key is kept. When the keys of this shard have outgrown their part of the
// budget, they are evicted: each living key then takes the slow path once more, which is no more than filling
// the budget cost.
func (s *Shard) trimKeys() {
	if s.keyShare.Note(s.keyBytes()) {
		s.evictKeys()
	}
}

// evictKeys forgets every raw key of a series.
func (s *Shard) evictKeys() {
	s.keyShare.Note(0)
	s.expirationsSeen = s.registry.expirations.Load()
	s.keys = rawkey.NewArena(s.seed)
	for _, x := range s.all() {
		x.evict()
	}
	if s.exemplarTags != nil {
		s.exemplarTags.evict()
	}
}

// trimRefused is called before the raw key of a refused or folded sample is kept.
func (s *Shard) trimRefused() {
	if s.refusedKeys.Bytes() >= refusedBudget {
		s.evictRefused()
	}
}

// evictStaleRefused forgets the refused and folded raw keys when the registry has room that it did not have
// when they were refused.
func (s *Shard) evictStaleRefused(epoch uint64) {
	if s.refusedEpoch != epoch {
		s.evictRefused()
		s.refusedEpoch = epoch
	}
}

func (s *Shard) evictRefused() {
	s.refusedKeys = rawkey.NewArena(s.seed)
	for _, x := range s.all() {
		x.evictRefused()
	}
}

// keyBytes returns the memory that raw keys of series take in this shard.
func (s *Shard) keyBytes() int {
	size := s.keys.Bytes() + s.exemplarTags.bytes()
	for _, x := range s.all() {
		size += x.bytes()
	}
	return size
}
