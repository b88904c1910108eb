package explore

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"time"
	"weak"

	"weir/aggregate"
)

const (
	// quickSeries is up to how many series a snapshot is taken while a question waits: sorting so many, all
	// of them new, takes some 50 ms.
	quickSeries = 100_000

	// snapshotWait is how long a question waits for a snapshot of more series.
	snapshotWait = 40 * time.Millisecond
)

// snapshots takes snapshots for questions, so that none waits long for one.
type snapshots struct {
	registry *aggregate.Registry
	now      func() *aggregate.Snapshot // registry.Snapshot, except in tests

	mu      sync.Mutex                       // guards the fields below
	coming  chan struct{}                    // closed at the end of the snapshot under way; nil without one
	fullest []Fullness                       // of the snapshot counted
	counted weak.Pointer[aggregate.Snapshot] // so that no snapshot is kept alive
}

// latest returns a snapshot of now. When one of many series takes its time, it returns the one before, and
// the next question has the new one. Only the first of all has to be waited for.
func (s *snapshots) latest() *aggregate.Snapshot {
	if s.registry.Stats().Series <= quickSeries || len(s.registry.LastSnapshot().Families) == 0 {
		return s.now()
	}
	timer := time.NewTimer(snapshotWait)
	defer timer.Stop()
	select {
	case <-s.begin():
	case <-timer.C:
	}
	return s.registry.LastSnapshot()
}

// holding returns a snapshot with the family of a name, if there is one now.
func (s *snapshots) holding(name string) *aggregate.Snapshot {
	if latest := s.latest(); find(latest, name) != nil {
		return latest
	}
	return s.now()
}

// begin begins a snapshot, unless one is under way, and returns what is closed at its end.
func (s *snapshots) begin() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.coming == nil {
		s.coming = make(chan struct{})
		go s.take(s.coming) // ends by itself; nobody needs to wait
	}
	return s.coming
}

func (s *snapshots) take(coming chan struct{}) {
	s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.coming = nil
	close(coming)
}

// Fullness is how many series a family has.
type Fullness struct {
	Family string
	Series int
}

// mostFull is how many families are known as the fullest.
const mostFull = 10

// full returns the families with most series, most first, as of the last snapshot. It counts once for each
// snapshot, and never waits.
func (s *snapshots) full() []Fullness {
	last := s.registry.LastSnapshot()
	s.mu.Lock()
	defer s.mu.Unlock()
	if counted := weak.Make(last); s.counted != counted {
		s.counted, s.fullest = counted, fullestOf(last)
	}
	return s.fullest
}

// fullestOf returns the families of a snapshot with most series, most first.
func fullestOf(s *aggregate.Snapshot) []Fullness {
	found := make([]Fullness, 0, mostFull+1)
	for i := range s.Families {
		n := len(s.Families[i].Series)
		if len(found) == mostFull && n <= found[mostFull-1].Series {
			continue // Fast path.
		}
		f := Fullness{s.Families[i].Name(), n}
		at, _ := slices.BinarySearchFunc(found, f, func(a, b Fullness) int {
			return cmp.Or(cmp.Compare(b.Series, a.Series), strings.Compare(a.Family, b.Family))
		})
		found = slices.Insert(found, at, f)
		found = found[:min(len(found), mostFull)]
	}
	return found
}
