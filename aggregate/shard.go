package aggregate

import (
	"hash/maphash"
	"math"
	"math/rand/v2"

	"github.com/cespare/xxhash/v2"

	"weir/aggregate/rawkey"
	"weir/protocol"
)

// Shard is all state that one loop writes: the tables that find the cell of a raw key, and the cells. It
// belongs to the goroutine that records into it.
type Shard struct {
	registry     *Registry
	clock        *clock // of the registry
	now          uint32 // second of the last sample
	resolver     resolver
	exemplarTags *exemplarTags // nil when no tags become exemplars
	random       *rand.PCG

	seed            maphash.Seed
	keys            rawkey.Arena
	keyScratch      []byte // of keyOf
	expirationsSeen uint64 // Registry.expirations when the keys were last forgotten
	indexes

	refusedKeys  rawkey.Arena
	refusedEpoch uint64 // Registry.roomEpoch when they were refused

	counterSlab []counter
	batch       batch
}

// NewShard returns a new, empty shard of the registry, which reads tags in all dialects and makes no labels
// of origins.
func (r *Registry) NewShard() *Shard {
	return r.NewTaggedShard(Tagging{Dialects: protocol.AllDialects})
}

// NewTaggedShard returns a new, empty shard of the registry.
func (r *Registry) NewTaggedShard(t Tagging) *Shard {
	seed := maphash.MakeSeed()
	return &Shard{
		registry: r,
		seed:     seed, keys: rawkey.NewArena(seed), refusedKeys: rawkey.NewArena(seed),
		clock:        &r.clock,
		resolver:     newResolver(&r.options.Sanitize, t, r.rules.Load()),
		exemplarTags: newExemplarTags(r.options.Series.ExemplarTags),
		random:       rand.NewPCG(rand.Uint64(), rand.Uint64()),
	}
}

// Record adds a sample to its series, which it brings to life when it is new. It returns
// protocol.ReasonNone when the sample was recorded, or why it was not; then nothing has changed. What m
// points to is not kept. An event belongs to no series and may not be given.
//
// On a hit (the raw key is known) it takes no lock (sets: one of their own), allocates nothing and does not
// look at the clock; TestRecordHitAllocatesNothing holds this.
func (s *Shard) Record(m *protocol.Sample) protocol.Reason {
	if bare, found := s.extract(m); found {
		return s.recordWithExemplar(bare)
	}
	key := s.keyOf(m)
	return s.record(m, &key)
}

// extract returns a sample without the tags that become an exemplar, and whether it had any.
func (s *Shard) extract(m *protocol.Sample) (*protocol.Sample, bool) {
	if s.exemplarTags == nil {
		return m, false
	}
	return s.exemplarTags.extract(m, s.resolver.tagging.Dialects)
}

// record is Record for a sample whose raw key is known.
func (s *Shard) record(m *protocol.Sample, key *rawkey.Key) protocol.Reason {
	switch m.Kind {
	case protocol.KindCounter, protocol.KindMeter:
		return s.recordCounter(m, key)
	case protocol.KindGauge:
		return s.recordGauge(m, key, &s.gauges)
	case protocol.KindCheck:
		return s.recordGauge(m, key, &s.checks)
	case protocol.KindSet:
		return s.recordSet(m, key)
	default:
		return s.recordObservation(m, key)
	}
}

// keyOf returns what names the series of m. The origin of a line is part of it only when labels are made
// of it.
func (s *Shard) keyOf(m *protocol.Sample) rawkey.Key {
	if s.resolver.tagging.usesOrigin() && len(m.Container)+len(m.External) > 0 {
		b := append(append(s.keyScratch[:0], m.Tags...), '|')
		s.keyScratch = append(append(append(b, m.Container...), '|'), m.External...)
		return rawkey.New(s.seed, m.Name, s.keyScratch)
	}
	return rawkey.New(s.seed, m.Name, m.Tags)
}

// second returns the coarse time, and lets the shard see to its memory when it has moved.
func (s *Shard) second() uint32 {
	now := s.clock.seconds()
	if now != s.now {
		s.turn(now)
	}
	return now
}

func (s *Shard) recordCounter(m *protocol.Sample, key *rawkey.Key) protocol.Reason {
	delta := m.Value
	if m.Rate != 1 {
		delta /= m.Rate
	}
	if reason := checkIncrement(delta); reason != protocol.ReasonNone {
		return reason
	}
	now := s.second()
	cell := s.counters.accepted.Find(key, &s.keys)
	if cell == nil || !cell.seen.touch(now) { // Slow path.
		found := s.lookupCounter(m, key)
		if found.reason != protocol.ReasonNone {
			return found.reason
		}
		cell = found.cell
		delta *= found.scale
		if reason := checkIncrement(delta); reason != protocol.ReasonNone {
			return reason
		}
	}
	if !cell.add(delta) {
		return protocol.ReasonInfiniteCounter
	}
	return protocol.ReasonNone
}

// checkIncrement says what forbids a counter to grow by delta.
func checkIncrement(delta float64) protocol.Reason {
	switch {
	case delta < 0:
		return protocol.ReasonNegativeCounter
	case math.IsNaN(delta):
		return protocol.ReasonNaN
	case delta > math.MaxFloat64:
		return protocol.ReasonInfiniteCounter
	default:
		return protocol.ReasonNone
	}
}

func (s *Shard) recordGauge(m *protocol.Sample, key *rawkey.Key, x *index[Series]) protocol.Reason {
	value := m.Value
	if math.IsNaN(value) {
		return protocol.ReasonNaN
	}
	now := s.second()
	cell := x.accepted.Find(key, &s.keys)
	if cell == nil || !cell.seen.touch(now) { // Slow path.
		found := s.lookupGauge(m, key, x)
		if found.reason != protocol.ReasonNone {
			return found.reason
		}
		cell = found.cell
		value *= found.scale
	}
	if math.IsInf(value, 0) {
		s.registry.gaugesInfinite.note(cell)
	}
	if !m.Relative {
		cell.gauge.set(value)
	} else if !cell.gauge.move(value) {
		return protocol.ReasonNaN
	}
	return protocol.ReasonNone
}

func (s *Shard) recordObservation(m *protocol.Sample, key *rawkey.Key) protocol.Reason {
	value := m.Value
	if math.IsNaN(value) {
		return protocol.ReasonNaN
	}
	if m.Kind == protocol.KindTimer {
		value /= 1000 // milliseconds to seconds; exact to the last bit, as * 0.001 is not
	}
	now := s.second()
	cell := s.observers.accepted.Find(key, &s.keys)
	if cell == nil || !cell.seen.touch(now) { // Slow path.
		found := s.lookupObserver(m, key)
		if found.reason != protocol.ReasonNone {
			return found.reason
		}
		cell = found.cell
		value *= found.scale
	}
	weight := uint64(1)
	if m.Rate != 1 {
		weight = s.weight(m.Rate)
	}
	if !cell.observe(value, weight, now) {
		return protocol.ReasonNaN
	}
	return protocol.ReasonNone
}

// weight returns how many observations one sample at a rate in [2^-53, 1) stands for: 1/rate, rounded up or
// down at random such that the mean is 1/rate, since buckets count in whole numbers.
func (s *Shard) weight(rate float64) uint64 {
	whole, fraction := math.Modf(1 / rate)
	weight := uint64(whole)
	if fraction > 0 && float64(s.random.Uint64()>>11) < fraction*(1<<53) {
		weight++
	}
	return weight
}

func (s *Shard) recordSet(m *protocol.Sample, key *rawkey.Key) protocol.Reason {
	now := s.second()
	cell := s.sets.accepted.Find(key, &s.keys)
	if cell == nil || !cell.seen.touch(now) { // Slow path.
		found := s.lookupSet(m, key)
		if found.reason != protocol.ReasonNone {
			return found.reason
		}
		cell = found.cell
	}
	cell.Insert(xxhash.Sum64(m.Text), int64(now), s.registry.setWindow)
	return protocol.ReasonNone
}
