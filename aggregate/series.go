package aggregate

import (
	"cmp"
	"sync/atomic"
	"time"
)

// Series is one label set of a family. Its methods may be called from any goroutine.
//
// A series of one type uses one of the cell fields. Shards put their cells at the front of a list by
// compare-and-swap; readers walk it.
type Series struct {
	labels string
	family *Family

	gauge     gauge
	counters  atomic.Pointer[counter]
	observers atomic.Pointer[observer]
	sets      atomic.Pointer[set]
	extras    atomic.Pointer[extras]

	// seen is of the gauge, or of the birth: a series with cells is as old as the youngest of them.
	seen    lastSeen
	newborn newborn
	created uint32        // second of the birth
	ttl     atomic.Uint32 // in seconds; 0 means that it never expires. Written under Registry.mu
}

// extras are what most series do not have, so that those have but a pointer for it.
type extras struct {
	utf8Labels atomic.Pointer[string] // nil when they are Series.labels; written under Registry.mu
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

// Labels returns the label set as an exposition writes it between braces, `a="b",c="d"`: escaped, sorted by
// name, names unique, values not empty. It is "" when there are no labels.
func (s *Series) Labels() string { return s.labels }

// Created returns when the series was born, to a second: never after its first sample. A series that expired
// and came back was born anew; one that was restored keeps its time.
func (s *Series) Created() time.Time { return time.Unix(int64(s.created), 0) }

// Value returns the value of a counter or a gauge (sets are gauges) now, merged over all shards, for a
// scrape: a newborn counter shows 0 (see Lifetime.CounterBirth).
func (s *Series) Value() float64 {
	switch s.family.form {
	case formCounter:
		if s.isNewborn() {
			return 0
		}
		return sumCounters(s.counters.Load())
	case formSet:
		return countMembers(s.sets.Load(), s.family.registry)
	default:
		return s.gauge.value()
	}
}

// Observe fills o with what a histogram or a summary has observed until now, merged over all shards, for a
// scrape: that of a newborn one is nothing but quantiles (see Lifetime.CounterBirth).
func (s *Series) Observe(o *Observations) {
	t := s.family.treatment
	if s.family.form == formSummary {
		o.readSummary(s.observers.Load(), t, s.family.registry.clock.seconds())
	} else {
		o.readHistogram(s.observers.Load(), t)
	}
	if s.isNewborn() {
		o.clear()
	}
}

func (s *Series) isNewborn() bool {
	r := s.family.registry
	return s.newborn.hides(r.clock.seconds(), r.hold)
}

// newborn is the second from which on a series that began with a value is known to be there, until it was
// scraped and has been there for long enough: 0 once that is so. Prometheus takes the first value that it
// sees of a counter as its beginning, so what came before the first scrape would be lost to increase().
type newborn struct{ word atomic.Uint32 }

// scrapedBit marks a newborn that was in a scrape.
const scrapedBit = 1 << 31

func (n *newborn) begin(now uint32) { n.word.Store(now &^ scrapedBit) }

// hides reports whether a scrape must show the beginning instead of the value. It is asked once for each
// series and scrape.
func (n *newborn) hides(now, hold uint32) bool {
	word := n.word.Load()
	if word == 0 {
		return false
	}
	if word&scrapedBit != 0 && now&^scrapedBit-word&^scrapedBit >= hold {
		n.word.Store(0)
		return false
	}
	n.word.Store(word | scrapedBit)
	return true
}
