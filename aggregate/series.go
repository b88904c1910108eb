package aggregate

import (
	"cmp"
	"sync/atomic"
	"time"

	"weir/aggregate/label"
)

// Series is one label set of a family. Its methods may be called from any goroutine.
//
// A series of one type uses one of the cell fields. Shards put their cells at the front of a list by
// compare-and-swap; readers walk it.
type Series struct {
	labels label.Labels
	family *Family

	gauge     gauge
	counters  atomic.Pointer[counter]
	observers atomic.Pointer[observer]
	sets      atomic.Pointer[set]
	extras    atomic.Pointer[extras]

	// seen is of the gauge, or of the birth: a series with cells is as old as the youngest of them.
	seen          lastSeen
	createdAsZero createdAsZero
	created       uint32        // second of the birth
	ttl           atomic.Uint32 // in seconds; 0 means that it never expires. Written under Registry.mu
}

// extras are what most series do not have, so that those have but a pointer for it.
type extras struct {
	utf8Labels atomic.Pointer[label.Labels] // nil when they are Series.labels; written under Registry.mu
	exemplars  atomic.Pointer[exemplars]
}

var noExtras extras

// extra returns the extras of s; those of a series that has none must not be changed.
func (s *Series) extra() *extras { return cmp.Or(s.extras.Load(), &noExtras) }

// ownExtras returns the extras of s, which has some from now on.
func (s *Series) ownExtras() *extras {
	s.extras.CompareAndSwap(nil, &extras{})
	return s.extras.Load()
}

// lastSeen and links make the series a cell, that of a gauge.
func (s *Series) lastSeen() *lastSeen { return &s.seen }

func (s *Series) links() *link[Series] { return nil }

// Labels returns the label set.
func (s *Series) Labels() label.Labels { return s.labels }

// ID returns what identifies the series in every process: the ID of its label set and the name of its family.
func (s *Series) ID() label.ID { return s.labels.ID(s.family.name) }

// Created returns when the series was born, to a second: never after its first sample. A series that expired
// and came back was born anew; one that was restored keeps its time.
func (s *Series) Created() time.Time { return time.Unix(int64(s.created), 0) }

// Value returns the value of a counter or a gauge (sets are gauges) now, merged over all shards. Reading changes
// nothing.
func (s *Series) Value() float64 {
	switch s.family.cellKind {
	case cellCounter:
		return sumCounters(s.counters.Load())
	case cellSet:
		r := s.family.registry
		return countMembers(s.sets.Load(), r.clock.seconds(), r.setWindow)
	default:
		return s.gauge.value()
	}
}

// Observe fills o with the observations of a histogram or a summary until now, merged over all shards. Reading
// changes nothing.
func (s *Series) Observe(o *Observations) {
	t := s.family.aggregation
	if s.family.cellKind == cellSummary {
		o.readSummary(s.observers.Load(), t, s.family.registry.clock.seconds())
	} else {
		o.readHistogram(s.observers.Load(), t)
	}
}

func (s *Series) beginAtZero(now uint32) {
	s.family.registry.hasCreatedAsZero.Store(true)
	s.createdAsZero.begin(now)
}

// IsCreatedAsZero reports whether scrapes show 0 instead of the value of a counter, a histogram or a summary:
// with BirthZero, until a scrape with that 0 was served (see Snapshot.Served) and Lifetime.Hold has passed
// since the creation of the series.
func (s *Series) IsCreatedAsZero() bool {
	r := s.family.registry
	return s.createdAsZero.hides(r.clock.seconds(), r.hold)
}
