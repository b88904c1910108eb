package aggregate

import (
	"math"
	"sync/atomic"

	"weir/aggregate/label"
	"weir/aggregate/rawkey"
	"weir/protocol"
)

const (
	// MaxExemplarCharacters is the most characters (runes) that the names and values of an exemplar's labels
	// have together, as they are written: OpenMetrics 1.0 demands it, and Prometheus keeps no larger one.
	MaxExemplarCharacters = 128

	// NativeExemplars is how many exemplars a histogram has at most that has only native buckets.
	NativeExemplars = 10
)

// Exemplar is one recorded sample with the labels that lead to its trace: an increment of a counter, or an
// observation of a histogram. Immutable.
type Exemplar struct {
	// Labels are made of the tags in Lifetime.ExemplarTags, in the order of that list. Never empty.
	Labels label.Labels
	// Value is the increment or the observation, in the unit of the series; infinite if that is.
	Value float64
	// Timestamp is when it was recorded, in seconds since the epoch.
	Timestamp int64
	// Fingerprint differs from that of any other exemplar, except one time in 2^64.
	Fingerprint uint64

	second uint32 // the same time by clock.seconds, which never goes back
}

func newExemplar(labels label.Labels, value float64, timestamp int64, second uint32) *Exemplar {
	const odd = 0x9e3779b97f4a7c15 // the golden ratio
	return &Exemplar{
		Labels: labels, Value: value, Timestamp: timestamp, second: second,
		Fingerprint: (uint64(labels.ID(""))*odd+math.Float64bits(value))*odd + uint64(timestamp),
	}
}

// exemplars are the exemplars of one series that one shard keeps. They are apart from the cell, which stays
// small where nobody asks for exemplars.
type exemplars struct {
	link[exemplars]

	series *Series
	places []atomic.Pointer[Exemplar] // see placeOf; written by the owning shard, read by scrapes
}

// ExemplarPlaces returns how many exemplars each series can have: 1 for a counter, one for each classic
// bucket of a histogram and that of +Inf, NativeExemplars for a histogram without classic buckets,
// otherwise 0.
func (f *Family) ExemplarPlaces() int {
	switch {
	case f.cellKind == cellCounter:
		return 1
	case f.cellKind != cellHistogram:
		return 0
	case f.aggregation.bounds == nil:
		return NativeExemplars
	default:
		return len(f.aggregation.bounds) + 1
	}
}

// placeOf returns the place of a value. Without classic buckets it goes by the binary exponent, so that each
// of NativeExemplars neighbouring powers of two keeps its newest.
func (c *exemplars) placeOf(value float64) *atomic.Pointer[Exemplar] {
	f := c.series.family
	switch {
	case f.cellKind == cellCounter:
		return &c.places[0]
	case f.aggregation.bounds == nil:
		_, exponent := math.Frexp(value)
		return &c.places[(exponent%NativeExemplars+NativeExemplars)%NativeExemplars]
	default:
		return &c.places[bucketOf(f.aggregation.bounds, value)]
	}
}

// record is Shard.Record for a sample from which the tags were taken.
func (x *exemplarTags) record(s *Shard, m *protocol.Sample) protocol.Reason {
	key := s.keyOf(m)
	reason := s.record(m, &key)
	if reason == protocol.ReasonNone {
		x.keep(s, m, &key)
	}
	return reason
}

// keep makes an exemplar of a sample that was recorded under key. Each place gets a new one once a second
// at most, by the coarse clock, so that most samples allocate nothing; TestExemplarHitAllocatesNothing
// holds this.
//
// It finds its own cell, apart from that of the sample, so that recording samples without exemplars knows
// nothing of it.
func (x *exemplarTags) keep(s *Shard, m *protocol.Sample, key *rawkey.Key) {
	var known *binding[exemplars]
	value := m.Value
	switch m.Kind {
	case protocol.KindCounter, protocol.KindMeter:
		value /= m.Rate
		known = exemplarsOf(s, m, key, &s.counters, &x.counters)
	case protocol.KindTimer, protocol.KindHistogram, protocol.KindDistribution:
		if m.Kind == protocol.KindTimer {
			value /= 1000
		}
		known = exemplarsOf(s, m, key, &s.observers, &x.observers)
	default:
	}
	if known == nil || len(known.cell.places) == 0 {
		return
	}
	value *= known.scale
	place := known.cell.placeOf(value)
	if e := place.Load(); e != nil && e.second == s.now {
		return
	}
	labels, dropped := x.render(&s.resolver.options)
	if dropped > 0 {
		s.registry.exemplarTagsDropped.Add(uint64(dropped))
	}
	if len(labels) > 0 {
		place.Store(newExemplar(label.Of(string(labels)), value, s.clock.wall.Load(), s.now))
	}
}

// exemplarsOf returns where the exemplars of a raw key are kept: nil when its samples were folded into
// another series, or when the key is too long to be kept.
func exemplarsOf[C any, P cell[C]](s *Shard, m *protocol.Sample, key *rawkey.Key, x *index[C],
	keys *rawkey.Table[binding[exemplars]],
) *binding[exemplars] {
	if known := keys.Find(key, &s.keys); known != nil && !known.cell.series.seen.gone() {
		return known
	}
	accepted, scaled := x.accepted.Find(key, &s.keys), x.scaled.Find(key, &s.keys)
	if (accepted == nil || P(accepted).lastSeen().gone()) &&
		(scaled == nil || P(scaled.cell).lastSeen().gone()) {
		return nil
	}
	known := createExemplars(s, m)
	if known != nil {
		s.trimKeys()
		keys.Insert(key, known, &s.keys)
	}
	return known
}

// createExemplars finds the series of a sample that was recorded a moment ago: Slow path. It returns nil when
// the series has expired meanwhile.
func createExemplars(s *Shard, m *protocol.Sample) *binding[exemplars] {
	n := s.resolver.look(m)
	if n.reason != protocol.ReasonNone {
		return nil
	}
	series := s.registry.find(&n)
	if series == nil {
		return nil
	}
	cell := ownCell(s, &series.ownExtras().exemplars, func() *exemplars {
		return &exemplars{
			series: series, places: make([]atomic.Pointer[Exemplar], series.family.ExemplarPlaces()),
		}
	})
	return &binding[exemplars]{cell: cell, scale: n.aggregation.scale}
}
