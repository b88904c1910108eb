package delivery

import "slices"

// entry is a block that waits: in memory, or in a file.
type entry struct {
	Block // without a body when it is in a file

	path     string // of its file; empty while it is in memory
	size     int64  // in bytes, in memory or on disk
	failures int    // how often it alone got a 500
	inFlight bool   // it is being sent: it may not be moved or dropped
	spilling bool   // it is being written to a file
}

// queue has the blocks that wait, the oldest first. The mutex of its target guards it.
type queue struct {
	entries        []*entry
	memory, onDisk int64 // bytes
}

func (q *queue) add(e *entry) {
	q.entries = append(q.entries, e)
	q.count(e, +1)
}

// count adds the size of an entry to where it is, or takes it off.
func (q *queue) count(e *entry, sign int64) {
	if e.path == "" {
		q.memory += sign * e.size
	} else {
		q.onDisk += sign * e.size
	}
}

// remove takes an entry out; false when it is not there.
func (q *queue) remove(e *entry) bool {
	for i, other := range q.entries {
		if other == e {
			q.entries = append(q.entries[:i], q.entries[i+1:]...)
			q.count(e, -1)
			return true
		}
	}
	return false
}

// oldest returns the first entry, in memory or in a file, that may be moved or dropped; nil without one.
func (q *queue) oldest(inMemory bool) *entry {
	for _, e := range q.entries {
		if (e.path == "") == inMemory && !e.inFlight && !e.spilling {
			return e
		}
	}
	return nil
}

func (q *queue) has(e *entry) bool { return slices.Contains(q.entries, e) }
