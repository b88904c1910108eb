package aggregate

import "math"

const (
	// keyBytesPerSeries and minKeyBudget bound the memory for raw keys, in bytes. Tags in another order, or
	// labels that sanitising makes equal, are another key of the same series, and there is no end of those.
	keyBytesPerSeries = 512
	minKeyBudget      = 1 << 20

	// usualSeries bounds that memory where the limit on series bounds nothing: beyond it, what counts is how
	// many series there are.
	usualSeries = 1_000_000

	// judgedBudget bounds the memory for the raw keys that were refused or folded: a flood of them must not
	// push out those of series that live.
	judgedBudget = 1 << 20

	// minForgotten is the fewest deaths after which a shard forgets its raw keys.
	minForgotten = 1024
)

// learn is called before a raw key is kept. When the keys have outgrown their budget all are forgotten: that
// costs each key in use one more slow path, no more than the births that filled the budget did.
func (s *Shard) learn() {
	if s.keyBytes() > int(s.registry.keyBudget.Load()) {
		s.forget()
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
	if rules := s.registry.rules.Load(); rules != s.namer.matcher.rules {
		s.namer.matcher = newMatcher(rules)
		s.forget()
		s.clearJudged()
	}
	if dead := s.registry.deaths.Load() - s.deathsSeen; dead >= max(minForgotten, uint64(s.knownKeys()/2)) {
		s.forget()
	}
}

// forget forgets every raw key of a series.
func (s *Shard) forget() {
	s.deathsSeen = s.registry.deaths.Load()
	s.keys = arena{seed: s.seed}
	forget(&s.counters)
	forget(&s.gauges)
	forget(&s.observers)
	forget(&s.sets)
	forget(&s.checks)
	if s.picker != nil {
		s.picker.forget()
	}
}

func forget[C any](x *shelf[C]) { x.direct, x.scaled = table[C]{}, table[aside[C]]{} }

// judge is called before the raw key of a refused or folded sample is kept.
func (s *Shard) judge() {
	if s.judgedKeys.bytes() >= judgedBudget {
		s.clearJudged()
	}
}

// forgetJudged forgets the refused and folded raw keys when there is room again that was not there when they
// were judged.
func (s *Shard) forgetJudged(room uint64) {
	if s.judgedRoom != room {
		s.clearJudged()
		s.judgedRoom = room
	}
}

func (s *Shard) clearJudged() {
	s.judgedKeys = arena{seed: s.seed}
	s.counters.judged = table[aside[counter]]{}
	s.gauges.judged = table[aside[Series]]{}
	s.observers.judged = table[aside[observer]]{}
	s.sets.judged = table[aside[set]]{}
	s.checks.judged = table[aside[Series]]{}
}

// keyBytes returns the memory that raw keys of series take in this shard.
func (s *Shard) keyBytes() int {
	slots := s.counters.slots() + s.gauges.slots() + s.observers.slots() + s.sets.slots() + s.checks.slots()
	return s.keys.bytes() + (slots+s.picker.slots())*slotBytes
}

func (s *Shard) knownKeys() int {
	return s.counters.used() + s.gauges.used() + s.observers.used() + s.sets.used() + s.checks.used()
}
