package aggregate

import (
	"maps"
	"slices"
	"sync"

	"weir/aggregate/mapping"
)

// OtherValue is the value that a label gets in place of those beyond max_label_values.
const OtherValue = "other"

var otherValue = []byte(OtherValue)

// labelCap lets a label take only so many values.
type labelCap struct {
	label  string
	values *labelValues
}

// labelValues are the first values that a label took, in all shards. They are remembered for the life of the
// rules, also when the series that have them expire: a value that has a name keeps it.
type labelValues struct {
	most int

	mu    sync.Mutex // guards what is below; a leaf, taken at the birth of a raw key
	taken map[string]struct{}
}

// newLabelCaps returns caps for labels with the most values that they may take, by name.
func newLabelCaps(most map[string]int) []labelCap {
	caps := make([]labelCap, 0, len(most))
	for _, label := range slices.Sorted(maps.Keys(most)) {
		values := &labelValues{most: most[label], taken: make(map[string]struct{})}
		caps = append(caps, labelCap{label, values})
	}
	return caps
}

// capsOf returns those of a rule, and those that the rules of its file share and it does not override.
func capsOf(r *mapping.Rule, shared []labelCap) []labelCap {
	if len(r.MaxLabelValues) == 0 {
		return shared
	}
	caps := newLabelCaps(r.MaxLabelValues)
	for _, c := range shared {
		if _, overridden := r.MaxLabelValues[c.label]; !overridden {
			caps = append(caps, c)
		}
	}
	return caps
}

// findCap returns the values that a label may take, nil when it may take any.
func findCap(caps []labelCap, label []byte) *labelValues {
	for i := range caps {
		if caps[i].label == string(label) {
			return caps[i].values
		}
	}
	return nil
}

// take reports whether a label may take a value, which it remembers. OtherValue takes no place.
func (v *labelValues) take(value []byte) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.fitsLocked(value) {
		return false
	}
	if string(value) != OtherValue {
		v.taken[string(value)] = struct{}{}
	}
	return true
}

// fits reports what take would, and remembers nothing.
func (v *labelValues) fits(value []byte) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.fitsLocked(value)
}

func (v *labelValues) fitsLocked(value []byte) bool {
	if _, found := v.taken[string(value)]; found || len(v.taken) < v.most {
		return true
	}
	return string(value) == OtherValue
}
