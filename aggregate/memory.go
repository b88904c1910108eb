package aggregate

import (
	"math"

	"weir/aggregate/rawkey"
)

const (
	// keyBytesPerSeries and minKeyBudget bound the memory for raw keys, in bytes. Tags in another order, or
	// labels that sanitising makes equal, are another key of the same series, and there is no end of those.
	keyBytesPerSeries = 512
	minKeyBudget      = 1 << 20

	// usualSeries bounds that memory where the limit on series bounds nothing: beyond it, what counts is how
	// many series there are.
	usualSeries = 1_000_000

	// refusedBudget bounds the memory for the raw keys that were refused or folded: a flood of them must not
	// push out those of series that live.
	refusedBudget = 1 << 20

	// minExpirations is the fewest deaths after which a shard forgets its raw keys.
	minExpirations = 1024
)

// trimKeys is called before a raw key is kept. When the keys have outgrown their budget all are forgotten: that
// costs each key in use one more slow path, no more than the births that filled the budget did.
func (s *Shard) trimKeys() {
	if s.keyBytes() > int(s.registry.keyBudget.Load()) {
		s.evictKeys()
	}
}

// budgetKeysLocked says how many bytes of raw keys a shard may keep.
func (r *Registry) budgetKeysLocked() {
	series := min(r.options.Limits.MaxTotalSeries, max(usualSeries, r.series))
	r.keyBudget.Store(min(int64(series)*keyBytesPerSeries+minKeyBudget, math.MaxInt))
}

// turn is called when a sample finds the clock moved, so at most once a second. When many series expired
// since the shard last forgot its keys, most of those may be of dead series, and keep their cells in memory:
// all are forgotten, at the cost of a slow path for each that lives.
func (s *Shard) turn(now uint32) {
	s.now = now
	if rules := s.registry.rules.Load(); rules != s.resolver.matcher.rules {
		s.resolver.matcher = newMatcher(rules)
		s.evictKeys()
		s.evictRefused()
	}
	if dead := s.registry.expirations.Load() - s.expirationsSeen; dead >= max(minExpirations, uint64(s.knownKeys()/2)) {
		s.evictKeys()
	}
}

// evictKeys forgets every raw key of a series.
func (s *Shard) evictKeys() {
	s.expirationsSeen = s.registry.expirations.Load()
	s.keys = rawkey.NewArena(s.seed)
	evictKeys(&s.counters)
	evictKeys(&s.gauges)
	evictKeys(&s.observers)
	evictKeys(&s.sets)
	evictKeys(&s.checks)
	if s.exemplarTags != nil {
		s.exemplarTags.evictKeys()
	}
}

func evictKeys[C any](x *index[C]) {
	x.accepted, x.scaled = rawkey.Table[C]{}, rawkey.Table[binding[C]]{}
}

// trimRefused is called before the raw key of a refused or folded sample is kept.
func (s *Shard) trimRefused() {
	if s.refusedKeys.Bytes() >= refusedBudget {
		s.evictRefused()
	}
}

// evictStaleRefused forgets the refused and folded raw keys when there is room again that was not there when they
// were judged.
func (s *Shard) evictStaleRefused(epoch uint64) {
	if s.refusedEpoch != epoch {
		s.evictRefused()
		s.refusedEpoch = epoch
	}
}

func (s *Shard) evictRefused() {
	s.refusedKeys = rawkey.NewArena(s.seed)
	s.counters.refused = rawkey.Table[binding[counter]]{}
	s.gauges.refused = rawkey.Table[binding[Series]]{}
	s.observers.refused = rawkey.Table[binding[observer]]{}
	s.sets.refused = rawkey.Table[binding[set]]{}
	s.checks.refused = rawkey.Table[binding[Series]]{}
}

// keyBytes returns the memory that raw keys of series take in this shard.
func (s *Shard) keyBytes() int {
	return s.keys.Bytes() + s.counters.bytes() + s.gauges.bytes() + s.observers.bytes() + s.sets.bytes() +
		s.checks.bytes() + s.exemplarTags.bytes()
}

func (s *Shard) knownKeys() int {
	return s.counters.len() + s.gauges.len() + s.observers.len() + s.sets.len() + s.checks.len()
}
