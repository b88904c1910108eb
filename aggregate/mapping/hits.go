package mapping

import "sync/atomic"

// Hits counts what a rule decided. The zero value is ready; any goroutine may use it.
type Hits struct {
	count atomic.Uint64
	last  atomic.Int64
}

// Note counts a hit, at a time in seconds since the epoch. A nil Hits counts nothing.
func (h *Hits) Note(now int64) {
	if h != nil {
		h.count.Add(1)
		h.last.Store(now)
	}
}

// Count returns how many hits there were.
func (h *Hits) Count() uint64 { return h.count.Load() }

// Last returns when the last hit was, in seconds since the epoch; 0 when there was none.
func (h *Hits) Last() int64 { return h.last.Load() }
