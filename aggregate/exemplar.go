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

// Exemplar is one sample out of many, with what leads to its trace: of a counter an increment, of a bucket of
// a histogram an observation. It does not change.
type Exemplar struct {
	// Labels are made of the tags in Lifetime.ExemplarTags, in the order of that list. Never empty.
	Labels label.Labels
	// Value is the increment or the observation, in the unit of the series; infinite if that is.
	Value float64
	// Timestamp is when it was recorded, in seconds since the epoch.
	Timestamp int64
	// Fingerprint differs from that of any other exemplar, but for one time in 2^64.
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

// exemplars is what one shard has kept for one series. It is apart from the cell, which stays as small as it
// is where nobody asks for exemplars.
type exemplars struct {
	link[exemplars]

	series *Series
	places []atomic.Pointer[Exemplar] // see placeOf; written by the owning shard, read by scrapes
}

// KeepsExemplars reports whether any series can have an exemplar.
func (r *Registry) KeepsExemplars() bool { return len(r.options.Series.ExemplarTags) > 0 }

// ExemplarPlaces returns how many exemplars each series can have: 1 for a counter, one for each classic
// bucket of a histogram and that of +Inf, NativeExemplars for a histogram without classic buckets, else 0.
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

// Exemplars fills dst, which is as long as Family.ExemplarPlaces, with the newest exemplar of each place, of
// any shard; nil where there is none. Those of a histogram without classic buckets are in no order.
func (s *Series) Exemplars(dst []*Exemplar) {
	clear(dst)
	for c := s.extra().exemplars.Load(); c != nil; c = c.next {
		for i := range c.places {
			if e := c.places[i].Load(); e != nil && (dst[i] == nil || e.second > dst[i].second) {
				dst[i] = e
			}
		}
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

// recordWithExemplar is Record for a sample from which exemplarTags took tags, without them.
func (s *Shard) recordWithExemplar(m *protocol.Sample) protocol.Reason {
	key := s.keyOf(m)
	reason := s.record(m, &key)
	if reason == protocol.ReasonNone {
		s.exemplify(m, &key)
	}
	return reason
}

// exemplify makes an exemplar of a sample that was recorded under key. Each place gets a new one once a
// second at most, by the coarse clock, so that most samples allocate nothing;
// TestExemplarHitAllocatesNothing holds this.
//
// It finds its own cell instead of being told of the sample's, so that recording samples of which no exemplar
// is made knows nothing of it.
func (s *Shard) exemplify(m *protocol.Sample, key *rawkey.Key) {
	var known *binding[exemplars]
	value := m.Value
	switch m.Kind {
	case protocol.KindCounter, protocol.KindMeter:
		value /= m.Rate
		known = exemplarsOf(s, m, key, &s.counters, &s.exemplarTags.counters)
	case protocol.KindTimer, protocol.KindHistogram, protocol.KindDistribution:
		if m.Kind == protocol.KindTimer {
			value /= 1000
		}
		known = exemplarsOf(s, m, key, &s.observers, &s.exemplarTags.observers)
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
	labels, dropped := s.exemplarTags.render(&s.resolver.options)
	if dropped > 0 {
		s.registry.exemplarTagsDropped.Add(uint64(dropped))
	}
	if len(labels) > 0 {
		place.Store(newExemplar(label.Of(string(labels)), value, s.clock.wall.Load(), s.now))
	}
}

// exemplarsOf returns where the exemplars of a raw key are kept: nil when its samples were folded into
// another series, or it is too long to be remembered.
func exemplarsOf[C any, P cell[C]](s *Shard, m *protocol.Sample, key *rawkey.Key, x *index[C],
	keys *rawkey.Table[binding[exemplars]],
) *binding[exemplars] {
	if known := keys.Find(key, &s.keys); known != nil && !known.cell.series.seen.gone() {
		return known
	}
	accepted, scaled := x.accepted.Find(key, &s.keys), x.scaled.Find(key, &s.keys)
	if (accepted == nil || P(accepted).lastSeen().gone()) && (scaled == nil || P(scaled.cell).lastSeen().gone()) {
		return nil
	}
	known := s.createExemplars(m)
	if known != nil {
		s.trimKeys()
		keys.Insert(key, known, &s.keys)
	}
	return known
}

// createExemplars finds the series of a sample that was recorded a moment ago: Slow path. It returns nil when
// that has expired meanwhile.
func (s *Shard) createExemplars(m *protocol.Sample) *binding[exemplars] {
	n := s.resolver.look(m)
	if n.reason != protocol.ReasonNone {
		return nil
	}
	series := s.registry.seriesOf(&n)
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

// seriesOf returns the series of a name, nil when there is none.
func (r *Registry) seriesOf(n *identity) *Series {
	r.mu.Lock()
	defer r.mu.Unlock()
	if family := r.families[string(n.name)]; family != nil {
		return family.series.get(n.id, n.labels)
	}
	return nil
}
