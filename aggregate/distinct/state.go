package distinct

import "github.com/axiomhq/hyperloglog"

// State is what sets have in the window, merged, in a form that can be kept.
type State struct {
	// Members are the members that are known exactly, with the second in which each was last seen.
	Members map[uint64]int64
	// Slices are sketches of the others.
	Slices []Slice
}

// Slice is a sketch of what was inserted during one slice of the window. A slice has no number here, since
// that depends on the length of the window, which may be another one when the state is restored.
type Slice struct {
	// Second is the last second of the slice, or that of Save when the slice goes on.
	Second int64
	// Sketch is the sketch in the binary form of hyperloglog.
	Sketch []byte
}

// Save returns what sets have in the window in second now.
func Save(sets []*Set, now int64, w Window) State {
	x := State{Members: make(map[uint64]int64)}
	sketches := make(map[int64]*hyperloglog.Sketch)
	for _, s := range sets {
		x.add(s, sketches, now, w)
	}
	for number, sketch := range sketches {
		b, err := sketch.MarshalBinary()
		if err != nil {
			panic("BUG: a sketch cannot be saved: " + err.Error())
		}
		x.Slices = append(x.Slices, Slice{min(w.lastSecond(number), now), b})
	}
	return x
}

// add adds what one set has; sketches are by the number of their slice.
func (x *State) add(s *Set, sketches map[int64]*hyperloglog.Sketch, now int64, w Window) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forgetLocked(now, w)
	for member, at := range s.members {
		x.Members[member] = max(x.Members[member], at)
	}
	for _, living := range s.livingLocked(now, w) {
		if sketches[living.number] == nil {
			sketches[living.number] = NewSketch()
		}
		mustMerge(sketches[living.number], living.sketch)
	}
}

// Restore makes s, which is empty, what was saved. The error says that a sketch is none.
func (s *Set) Restore(x State, w Window) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.members = x.Members
	for _, at := range x.Members {
		s.touched = max(s.touched, at)
	}
	for _, saved := range x.Slices {
		sketch := NewSketch()
		if err := sketch.UnmarshalBinary(saved.Sketch); err != nil {
			return err
		}
		s.addSliceLocked(slice{number: w.slice(max(0, saved.Second)), sketch: sketch})
		s.touched = max(s.touched, saved.Second)
	}
	return nil
}

// addSliceLocked adds a saved slice: of slices that share a place the latest stay.
func (s *Set) addSliceLocked(x slice) {
	switch at := &s.slices[x.number%numSlices]; {
	case at.sketch == nil || at.number < x.number:
		*at = x
	case at.number == x.number:
		mustMerge(at.sketch, x.sketch)
	}
}
