package mapping_test

import (
	"testing"

	"weir/aggregate/mapping"
)

func TestHits(t *testing.T) {
	var none *mapping.Hits
	none.Note(1) // no panic
	var h mapping.Hits
	if h.Count() != 0 || h.Last() != 0 {
		t.Errorf("%d hits, the last at %d, before the first", h.Count(), h.Last())
	}
	h.Note(7)
	h.Note(9)
	if h.Count() != 2 || h.Last() != 9 {
		t.Errorf("%d hits, the last at %d", h.Count(), h.Last())
	}
}
