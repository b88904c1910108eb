package growth

import (
	"hash/maphash"
	"strings"
	"sync"
	"unsafe"

	"weir/aggregate/label"
)

const (
	// mostLabels bounds how many labels are watched, by name.
	mostLabels = 128

	// newestValues is how many of the newest values of a label are kept, and mostValueBytes how much of each.
	newestValues, mostValueBytes = 20, 128

	// mostNameBytes bounds the names that are watched: a longer name is none that people look for.
	mostNameBytes = 256
)

// Labels watches which values labels take, by name of the label. The zero value is ready. When there are more
// labels than it can watch, it drops the one with the fewest values: what grows stays.
type Labels struct {
	mu     sync.Mutex // guards the fields below; no other lock is taken while it is held
	seed   maphash.Seed
	labels map[string]*watched
	bytes  int
}

// Label describes the values of a label.
type Label struct {
	// Since is the second in which the label was first seen: the values from before are not known.
	Since uint32
	// Values is about how many distinct values the label took since then, within a few percent: never fewer
	// than Newest has, and exact up to 20.
	Values int
	// PerMinute is about how many values were new in the last minute.
	PerMinute int
	// Newest are the values that came last, the newest first: at most 20, each cut to 128 bytes.
	Newest []string
}

// watched is a label that is watched.
type watched struct {
	since, last uint32 // seconds
	values      distinct
	growth      window

	hashes [newestValues]uint64 // of the newest values; in turn
	newest [newestValues]string
	next   int // the place of the next one
}

// Note notes the labels of a series that was created in a second.
func (l *Labels) Note(labels label.Labels, second uint32) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.labels == nil {
		l.seed, l.labels = maphash.MakeSeed(), make(map[string]*watched)
	}
	for name, value := range labels.Escaped() {
		if w := l.watch(name, second); w != nil {
			l.bytes += w.note(maphash.String(l.seed, value), value, second)
		}
	}
}

// watch returns the label of a name; nil when it cannot be watched.
func (l *Labels) watch(name string, second uint32) *watched {
	w := l.labels[name]
	if w != nil || len(name) > mostNameBytes {
		return w
	}
	if len(l.labels) >= mostLabels {
		l.drop()
	}
	w = &watched{since: second, values: newDistinct()}
	l.labels[strings.Clone(name)] = w
	l.bytes += int(unsafe.Sizeof(*w)) + len(name)
	return w
}

// drop drops the label with the fewest values, of several the one whose last new value is the oldest.
func (l *Labels) drop() {
	var least string
	for name, w := range l.labels {
		other := l.labels[least]
		if other == nil || w.values.count < other.values.count ||
			w.values.count == other.values.count && w.last < other.last {
			least = name
		}
	}
	dropped := l.labels[least]
	l.bytes -= int(unsafe.Sizeof(*dropped)) + len(least)
	for _, value := range dropped.newest {
		l.bytes -= len(value)
	}
	delete(l.labels, least)
}

// note notes a value, escaped, by its hash. It returns by how many bytes the values grew.
func (w *watched) note(hash uint64, value string, second uint32) (grown int) {
	if isNew := w.values.add(hash); isNew > 0 {
		w.growth.add(second, isNew)
	}
	for _, other := range w.hashes {
		if other == hash {
			return 0
		}
	}
	w.last = second
	grown = -len(w.newest[w.next])
	kept := string(label.AppendUnescaped(nil, value))
	if short := label.Beginning(kept, mostValueBytes); len(short) < len(kept) {
		kept = strings.Clone(short) // so that the rest of the value takes no memory
	}
	w.hashes[w.next], w.newest[w.next] = hash, kept
	grown += len(w.newest[w.next])
	w.next = (w.next + 1) % newestValues
	return grown
}

// Of returns what is known of a label in a second; false when it is not watched.
func (l *Labels) Of(name string, second uint32) (Label, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	w := l.labels[name]
	if w == nil {
		return Label{}, false
	}
	x := Label{Since: w.since, PerMinute: int(w.growth.perMinute(second) + 0.5)}
	for i := range newestValues {
		value := w.newest[(w.next+newestValues-1-i)%newestValues]
		if value == "" { // no label has an empty value
			break
		}
		x.Newest = append(x.Newest, value)
	}
	x.Values = max(int(w.values.count+0.5), len(x.Newest)) // the newest values are distinct
	return x, true
}

// Bytes returns the memory that is taken.
func (l *Labels) Bytes() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.bytes
}
