package aggregate

import (
	"sync"

	"github.com/axiomhq/hyperloglog"
)

const (
	// maxExactMembers is how many members a set cell counts exactly; beyond, it estimates.
	maxExactMembers = 1024

	// setSlices is how many parts the window of an estimated set has: members leave it one part at a time.
	setSlices = 4
)

// set is the cell of a set series: which members one shard has seen within the window. Up to
// maxExactMembers it knows when each was last seen. Beyond, it keeps a HyperLogLog sketch (standard error
// 0.8 %) for each slice of the window, and a member counts for three quarters of the window to all of it.
//
// Members are told apart by a 64-bit hash: among n of them a collision has a chance of n*n/2^65.
type set struct {
	link[set]

	mu sync.Mutex // guards what is below: the owner inserts, scrapes read

	seen    map[uint64]int64 // member -> second it was last seen; nil while sketching
	slices  [setSlices]setSlice
	touched int64 // second of the last insert
}

// setSlice is what was inserted during one slice of the window.
type setSlice struct {
	number int64 // time of the slice / its length
	sketch *hyperloglog.Sketch
}

// setWindow is the window of the sets of a registry, in seconds.
type setWindow int64

// slice returns the number of the slice that second now is in.
func (w setWindow) slice(now int64) int64 { return now / max(1, int64(w)/setSlices) }

// insert notes that member was seen in second now.
func (s *set) insert(member uint64, now int64, window setWindow) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now-s.touched >= int64(window) {
		// Nothing is left in the window: count exactly, again.
		s.seen, s.slices = make(map[uint64]int64), [setSlices]setSlice{}
	}
	s.touched = now
	if s.seen != nil {
		if _, known := s.seen[member]; known || s.roomLocked(now, window) {
			s.seen[member] = now
			return
		}
		s.startSketchingLocked(window)
	}
	s.sketchLocked(member, window.slice(now))
}

// roomLocked reports whether one more member can be counted exactly, after forgetting those out of the
// window.
func (s *set) roomLocked(now int64, window setWindow) bool {
	if len(s.seen) >= maxExactMembers {
		s.forgetLocked(now, window)
	}
	return len(s.seen) < maxExactMembers
}

func (s *set) forgetLocked(now int64, window setWindow) {
	for member, at := range s.seen {
		if now-at >= int64(window) {
			delete(s.seen, member)
		}
	}
}

func (s *set) startSketchingLocked(window setWindow) {
	for member, at := range s.seen {
		s.sketchLocked(member, window.slice(at))
	}
	s.seen = nil
}

func (s *set) sketchLocked(member uint64, number int64) {
	slice := &s.slices[number%setSlices]
	if slice.sketch == nil || slice.number < number {
		*slice = setSlice{number: number, sketch: hyperloglog.New14()}
	}
	if slice.number == number { // else an older member, whose slice is gone
		slice.sketch.InsertHash(member)
	}
}

// setUnion is the union of the cells of a series.
type setUnion struct {
	exact  map[uint64]struct{}
	sketch *hyperloglog.Sketch // nil while every cell is exact
}

func (u *setUnion) add(s *set, now int64, window setWindow) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forgetLocked(now, window)
	for member := range s.seen {
		u.exact[member] = struct{}{}
	}
	for i := range s.slices {
		slice := &s.slices[i]
		if slice.sketch == nil || window.slice(now)-slice.number >= setSlices {
			continue
		}
		if u.sketch == nil {
			u.sketch = hyperloglog.New14()
		}
		if err := u.sketch.Merge(slice.sketch); err != nil {
			panic("BUG: sketches of one precision do not merge: " + err.Error())
		}
	}
}

// countMembers returns how many distinct members the cells of a series have within the window.
func countMembers(s *set, now int64, window setWindow) float64 {
	union := setUnion{exact: make(map[uint64]struct{})}
	for ; s != nil; s = s.next {
		union.add(s, now, window)
	}
	if union.sketch == nil {
		return float64(len(union.exact))
	}
	for member := range union.exact {
		union.sketch.InsertHash(member)
	}
	return float64(union.sketch.Estimate())
}
