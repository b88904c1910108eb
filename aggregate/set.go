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
// 0.6 %) for each slice of the window, and a member counts for three quarters of the window to all of it.
//
// Members are told apart by a 64-bit hash: among n of them a collision has a chance of n*n/2^65.
type set struct {
	link[set]

	mu sync.Mutex // guards what is below: the owner inserts, scrapes read

	members map[uint64]int64 // member -> second it was last seen; nil while sketching
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
func (w setWindow) slice(now int64) int64 { return now / w.sliceSeconds() }

func (w setWindow) sliceSeconds() int64 { return max(1, int64(w)/setSlices) }

// lastSecond returns the last second of the slice with a number.
func (w setWindow) lastSecond(number int64) int64 { return (number+1)*w.sliceSeconds() - 1 }

// insert notes that member was seen in second now.
func (s *set) insert(member uint64, now int64, window setWindow) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now-s.touched >= int64(window) {
		// Nothing is left in the window: count exactly, again.
		s.members, s.slices = make(map[uint64]int64), [setSlices]setSlice{}
	}
	s.touched = now
	if s.members != nil {
		if _, known := s.members[member]; known || s.roomLocked(now, window) {
			s.members[member] = now
			return
		}
		s.startSketchingLocked(window)
	}
	s.sketchLocked(member, window.slice(now))
}

// roomLocked reports whether one more member can be counted exactly, after forgetting those out of the
// window.
func (s *set) roomLocked(now int64, window setWindow) bool {
	if len(s.members) >= maxExactMembers {
		s.forgetLocked(now, window)
	}
	return len(s.members) < maxExactMembers
}

func (s *set) forgetLocked(now int64, window setWindow) {
	for member, at := range s.members {
		if now-at >= int64(window) {
			delete(s.members, member)
		}
	}
}

func (s *set) startSketchingLocked(window setWindow) {
	for member, at := range s.members {
		s.sketchLocked(member, window.slice(at))
	}
	s.members = nil
}

func (s *set) sketchLocked(member uint64, number int64) {
	slice := &s.slices[number%setSlices]
	if slice.sketch == nil || slice.number < number {
		*slice = setSlice{number: number, sketch: newSketch()}
	}
	if slice.number == number { // else an older member, whose slice is gone
		slice.sketch.InsertHash(member)
	}
}

// addSliceLocked adds a slice of a restored set: of those that share a place the latest stay.
func (s *set) addSliceLocked(slice setSlice) {
	switch at := &s.slices[slice.number%setSlices]; {
	case at.sketch == nil || at.number < slice.number:
		*at = slice
	case at.number == slice.number:
		mustMerge(at.sketch, slice.sketch)
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
	for member := range s.members {
		u.exact[member] = struct{}{}
	}
	for _, slice := range s.livingLocked(now, window) {
		if u.sketch == nil {
			u.sketch = newSketch()
		}
		mustMerge(u.sketch, slice.sketch)
	}
}

// livingLocked returns the slices that are within the window.
func (s *set) livingLocked(now int64, window setWindow) (living []setSlice) {
	for _, slice := range s.slices {
		if slice.sketch != nil && window.slice(now)-slice.number < setSlices {
			living = append(living, slice)
		}
	}
	return living
}

// sketchPrecision makes the standard error 0.6 %, so that an error of 2 % is one in two thousand, in 32 KiB.
const sketchPrecision = 15

func newSketch() *hyperloglog.Sketch {
	sketch, err := hyperloglog.NewSketch(sketchPrecision, true)
	if err != nil {
		panic("BUG: no sketch of this precision: " + err.Error())
	}
	return sketch
}

func mustMerge(to, from *hyperloglog.Sketch) {
	if err := to.Merge(from); err != nil {
		panic("BUG: sketches of one precision do not merge: " + err.Error())
	}
}

// countMembers returns how many distinct members the cells of a series have within the window.
func countMembers(s *set, r *Registry) float64 {
	now, window := int64(r.clock.seconds()), r.setWindow
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
