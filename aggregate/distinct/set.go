package distinct

import (
	"sync"

	"github.com/axiomhq/hyperloglog"
)

const (
	// maxExactMembers is how many members a Set counts exactly. Beyond, it estimates.
	maxExactMembers = 1024

	// numSlices is how many parts the window of an estimated set has: members leave it one part at a time.
	numSlices = 4
)

// Set is which members were seen within a window. Up to 1,024 of them it knows when each was last seen.
// Beyond, a member counts for at least three quarters of the window. The zero value is empty. Any goroutine
// may call the methods, always with the same window.
type Set struct {
	mu sync.Mutex // guards the fields below: the owner inserts, scrapes read

	members map[uint64]int64 // member -> second it was last seen; nil while sketching
	slices  [numSlices]slice
	touched int64 // second of the last insert
}

// slice is what was inserted during one slice of the window.
type slice struct {
	number int64 // time of the slice / its length
	sketch *hyperloglog.Sketch
}

// Window is how long a member counts, in seconds; at least 1.
type Window int64

// slice returns the number of the slice that a second is in.
func (w Window) slice(second int64) int64 { return second / w.sliceSeconds() }

func (w Window) sliceSeconds() int64 { return max(1, int64(w)/numSlices) }

// lastSecond returns the last second of the slice with a number.
func (w Window) lastSecond(number int64) int64 { return (number+1)*w.sliceSeconds() - 1 }

// Insert notes that a member, the hash of what was sent, was seen in second now.
func (s *Set) Insert(member uint64, now int64, w Window) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now-s.touched >= int64(w) || s.members == nil && s.slices == [numSlices]slice{} {
		// Nothing is in the window: count exactly, perhaps again.
		s.members, s.slices = make(map[uint64]int64), [numSlices]slice{}
	}
	s.touched = now
	if s.members != nil {
		if _, known := s.members[member]; known || s.hasRoomLocked(now, w) {
			s.members[member] = now
			return
		}
		s.startSketchingLocked(w)
	}
	s.sketchLocked(member, w.slice(now))
}

// hasRoomLocked reports whether one more member can be counted exactly, after forgetting the members that
// have left the window.
func (s *Set) hasRoomLocked(now int64, w Window) bool {
	if len(s.members) >= maxExactMembers {
		s.forgetLocked(now, w)
	}
	return len(s.members) < maxExactMembers
}

func (s *Set) forgetLocked(now int64, w Window) {
	for member, at := range s.members {
		if now-at >= int64(w) {
			delete(s.members, member)
		}
	}
}

func (s *Set) startSketchingLocked(w Window) {
	for member, at := range s.members {
		s.sketchLocked(member, w.slice(at))
	}
	s.members = nil
}

func (s *Set) sketchLocked(member uint64, number int64) {
	at := &s.slices[number%numSlices]
	if at.sketch == nil || at.number < number {
		*at = slice{number: number, sketch: NewSketch()}
	}
	if at.number == number { // otherwise it is an older member, whose slice is gone
		at.sketch.InsertHash(member)
	}
}

// livingLocked returns the slices that are within the window.
func (s *Set) livingLocked(now int64, w Window) (living []slice) {
	for _, x := range s.slices {
		if x.sketch != nil && w.slice(now)-x.number < numSlices {
			living = append(living, x)
		}
	}
	return living
}

// Union counts the members of several sets, each member once. The zero value is empty.
type Union struct {
	exact  map[uint64]struct{}
	sketch *hyperloglog.Sketch // nil while every set is exact
}

// Add adds the members of a set that are in the window in second now.
func (u *Union) Add(s *Set, now int64, w Window) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forgetLocked(now, w)
	if u.exact == nil {
		u.exact = make(map[uint64]struct{}, len(s.members))
	}
	for member := range s.members {
		u.exact[member] = struct{}{}
	}
	for _, x := range s.livingLocked(now, w) {
		if u.sketch == nil {
			u.sketch = NewSketch()
		}
		mustMerge(u.sketch, x.sketch)
	}
}

// Count returns how many members there are: exactly, or within about 2 %. It ends the union.
func (u *Union) Count() float64 {
	if u.sketch == nil {
		return float64(len(u.exact))
	}
	for member := range u.exact {
		u.sketch.InsertHash(member)
	}
	return float64(u.sketch.Estimate())
}

// sketchPrecision makes the standard error 0.6 %, so that an error of 2 % is one in two thousand, in 32 KiB.
const sketchPrecision = 15

// NewSketch returns an empty sketch of how many distinct hashes are inserted.
func NewSketch() *hyperloglog.Sketch {
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
