package aggregate

import (
	"cmp"
	"iter"
	"math"
	"slices"
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

	// seen is of the gauge, or of the creation: a series with cells was last seen when the latest cell was.
	seen          lastSeen
	createdAsZero createdAsZero
	created       uint32        // second of the creation
	ttl           atomic.Uint32 // in seconds; 0 means that it never expires. Written under Registry.mu
}

// extras are what most series do not have. Those have only a pointer for it.
type extras struct {
	utf8Labels atomic.Pointer[label.Labels] // nil when they are Series.labels; written under Registry.mu
	exemplars  atomic.Pointer[exemplars]
	journaled  journaled // guarded by journaling.mu
}

var noExtras extras

// extra returns the extras of s for reading; a series without extras shares empty ones.
func (s *Series) extra() *extras { return cmp.Or(s.extras.Load(), &noExtras) }

// ownExtras returns the extras of s, which has some from now on.
func (s *Series) ownExtras() *extras {
	if s.extras.Load() == nil {
		s.extras.CompareAndSwap(nil, &extras{})
	}
	return s.extras.Load()
}

// lastSeen and links make the series a cell, that of a gauge.
func (s *Series) lastSeen() *lastSeen { return &s.seen }

func (*Series) links() *link[Series] { return nil }

// Labels returns the label set.
func (s *Series) Labels() label.Labels { return s.labels }

// ID returns what identifies the series in every process: the ID of its label set and the name of its family.
func (s *Series) ID() label.ID { return s.labels.ID(s.family.name) }

// Created returns when the series was created, to a second: never after its first sample. A series that
// expired and came back was created again; one that was restored keeps its time.
func (s *Series) Created() time.Time { return time.Unix(int64(s.created), 0) }

// LastSeen returns when the last sample came, to a second.
func (s *Series) LastSeen() time.Time {
	r := s.family.registry
	return time.Unix(r.Now()-int64(idleSeconds(s, r.clock.seconds())), 0)
}

// Value returns the value of a counter or a gauge (sets are gauges) now, merged over all shards. Reading
// changes nothing.
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

// Observe fills o with the observations of a histogram or a summary until now, merged over all shards.
// Reading changes nothing.
func (s *Series) Observe(o *Observations) {
	t := s.family.aggregation
	if s.family.cellKind == cellSummary {
		o.readSummary(s.observers.Load(), t, s.family.registry.clock.seconds())
	} else {
		o.readHistogram(s.observers.Load(), t)
	}
}

// LastSeen returns when the last sample of any series came, to a second. It looks at the series until it
// finds one that a sample came to just now.
func (f *FamilySeries) LastSeen() time.Time {
	now, idle := f.registry.clock.seconds(), uint32(math.MaxUint32)
	for _, s := range f.Series {
		if idle <= 1 {
			break
		}
		if !s.seen.gone() {
			idle = min(idle, idleSeconds(s, now))
		}
	}
	return time.Unix(f.registry.Now()-int64(min(idle, now)), 0)
}

// showZero makes scrapes see 0 until one of them was served.
func (s *Series) showZero(now uint32) {
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

// UTF8Labels returns the label set as Labels does, with names as they were sent, as in
// `"http.method"="GET",zone="a"`. They are in the order of Labels.
func (s *Series) UTF8Labels() label.Labels {
	if labels := s.extra().utf8Labels.Load(); labels != nil {
		return *labels
	}
	return s.labels
}

// Exemplars fills dst, which is as long as Family.ExemplarPlaces, with the newest exemplar of each place, of
// any shard; nil in a place without one. Exemplars of a histogram without classic buckets are in no order.
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

// createdAsZero hides the value of a new series from scrapes: they see the value at its creation, 0, until
// a scrape with that 0 has been served and the series is old enough. Prometheus takes the first value that
// it sees of a counter as its beginning, so increase() would miss all that came before the first scrape.
//
// The word is the second of the creation, with servedBit; 0 once the value is shown.
type createdAsZero struct{ word atomic.Uint32 }

// servedBit marks a series whose 0 was served to a scrape.
const servedBit = 1 << 31

func (n *createdAsZero) begin(now uint32) { n.word.Store(now &^ servedBit) }

func (n *createdAsZero) end() { n.word.Store(0) }

// hides reports whether scrapes see 0 instead of the value. It changes nothing.
func (n *createdAsZero) hides(now, hold uint32) bool {
	word := n.word.Load()
	return word != 0 && (word&servedBit == 0 || now&^servedBit-word&^servedBit < hold)
}

// served notes that a scrape was served, and reports whether scrapes see the value from now on.
func (n *createdAsZero) served(now, hold uint32) bool {
	word := n.word.Load()
	if word != 0 && n.word.CompareAndSwap(word, word|servedBit) && !n.hides(now, hold) {
		n.end()
		return true
	}
	return word == 0
}

// maxCollisions is the most series of one family that may have the same label.ID. Label sets with equal IDs
// can be made on purpose; a lookup compares the label sets of all of them.
const maxCollisions = 8

// seriesSet finds the series of a family by ID and label set. Guarded by Registry.mu.
type seriesSet struct {
	first  map[label.ID]*Series
	others map[label.ID][]*Series // with the ID of a series in first; nil until IDs collide
	len    int
}

// get returns the series with an ID and the text of a label set, nil when the set has none.
func (s *seriesSet) get(id label.ID, labels []byte) *Series {
	first := s.first[id]
	if first == nil || first.labels.Text() == string(labels) { // Fast path: IDs seldom collide.
		return first
	}
	for _, other := range s.others[id] {
		if other.labels.Text() == string(labels) {
			return other
		}
	}
	return nil
}

// hasRoom reports whether one more series may have an ID.
func (s *seriesSet) hasRoom(id label.ID) bool {
	return s.first[id] == nil || len(s.others[id]) < maxCollisions-1
}

// add adds a series whose label set is not in the set.
func (s *seriesSet) add(id label.ID, x *Series) {
	s.len++
	switch {
	case s.first == nil:
		s.first = map[label.ID]*Series{id: x}
	case s.first[id] == nil:
		s.first[id] = x
	case s.others == nil:
		s.others = map[label.ID][]*Series{id: {x}}
	default:
		s.others[id] = append(s.others[id], x)
	}
}

// remove removes a series that is in the set.
func (s *seriesSet) remove(id label.ID, x *Series) {
	s.len--
	others := s.others[id]
	switch {
	case s.first[id] != x:
		others[slices.Index(others, x)] = others[len(others)-1]
	case len(others) > 0:
		s.first[id] = others[len(others)-1]
	default:
		delete(s.first, id)
		return
	}
	others[len(others)-1] = nil
	if s.others[id] = others[:len(others)-1]; len(others) == 1 {
		delete(s.others, id)
	}
}

// all yields every series, in no order.
func (s *seriesSet) all() iter.Seq[*Series] {
	return func(yield func(*Series) bool) {
		for _, x := range s.first {
			if !yield(x) {
				return
			}
		}
		for _, others := range s.others {
			for _, x := range others {
				if !yield(x) {
					return
				}
			}
		}
	}
}

// mergeSorted returns a new slice with the elements of sorted and of added, which it sorts, in order.
func mergeSorted[E any](sorted, added []E, compare func(x, y E) int) []E {
	slices.SortFunc(added, compare)
	merged := make([]E, 0, len(sorted)+len(added))
	for len(sorted) > 0 && len(added) > 0 {
		if compare(sorted[0], added[0]) <= 0 {
			merged, sorted = append(merged, sorted[0]), sorted[1:]
		} else {
			merged, added = append(merged, added[0]), added[1:]
		}
	}
	return append(append(merged, sorted...), added...)
}
