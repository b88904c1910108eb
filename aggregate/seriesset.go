package aggregate

import (
	"iter"

	"weir/aggregate/label"
)

// maxCollisions is the most series of one family that may have the same label.ID. Label sets with equal IDs
// can be made on purpose; a lookup compares the label sets of all of them.
const maxCollisions = 8

// seriesSet finds the series of a family by ID and label set. Guarded by Registry.mu.
type seriesSet struct {
	first  map[label.ID]*Series
	others map[label.ID][]*Series // with the ID of a series in first; nil until IDs collide
	len    int
}

// get returns the series with an ID and the text of a label set, nil when there is none.
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
	if s.first[id] != x {
		for i := range others {
			if others[i] == x {
				others[i] = others[len(others)-1]
				break
			}
		}
	} else if len(others) > 0 {
		s.first[id] = others[len(others)-1]
	} else {
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
