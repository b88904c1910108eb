package page

import (
	"sync"
	"time"

	"weir/aggregate"
)

// exposition is one exposition while it is rendered, and afterwards: any number of responses read it, from
// its beginning, as it grows. One collection renders it.
//
// When there is no space to keep more of it, it stays partial: each response renders the rest for itself,
// from the place where it ended.
type exposition struct {
	began time.Time
	ready chan struct{} // closed when responses may begin: their first chunks are known

	// Known when it is ready.
	snapshot *aggregate.Snapshot // the series that it shows; nil when it broke before
	isGzip   bool                // the chunks are compressed

	mu sync.Mutex // guards the fields below, except held

	chunks []chunk // only appended to
	total  int     // bytes in chunks
	size   int     // of that before compression
	crc    uint32  // the same, when it is compressed
	state  state
	err    error         // why it is broken
	rest   cursor        // where a partial one ended
	more   chan struct{} // closed when more chunks can be read

	held int // bytes that are counted for it; guarded by variant.mu
}

// blockBytes is about how much is rendered before responses see it, so that each of their writes carries
// enough. It is before compression.
const blockBytes = 64 << 10

// state is how far an exposition is.
type state uint8

const (
	rendering state = iota
	whole
	partial
	broken
)

func newExposition(now time.Time) *exposition {
	return &exposition{began: now, ready: make(chan struct{}), more: make(chan struct{})}
}

// isFresh reports whether a request may have e. There may be none.
func (e *exposition) isFresh(now time.Time, ttl time.Duration) bool {
	if e == nil {
		return false
	}
	state := e.now()
	return state == rendering || state != broken && now.Sub(e.began) < ttl
}

// heldBytes returns how many bytes are counted for e. There may be none.
func (e *exposition) heldBytes() int {
	if e == nil {
		return 0
	}
	return e.held
}

// waitReady waits until responses may begin, and reports whether that was before a time.
func (e *exposition) waitReady(before time.Time) bool {
	select {
	case <-e.ready: // Fast path.
		return true
	default:
	}
	timer := time.NewTimer(time.Until(before))
	defer timer.Stop()
	select {
	case <-e.ready:
		return true
	case <-timer.C:
		return false
	}
}

// publish adds chunks and wakes the responses that read.
func (e *exposition) publish(chunks []chunk, next state) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for i := range chunks {
		c := &chunks[i]
		e.total += len(c.bytes)
		if e.isGzip {
			e.crc = joinCRC(e.crc, c.crc, c.size)
		}
		e.size += c.size
	}
	e.chunks = append(e.chunks, chunks...)
	e.advanceLocked(next)
}

// fail ends an exposition that cannot be whole.
func (e *exposition) fail(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.err = err
	e.advanceLocked(broken)
}

func (e *exposition) advanceLocked(next state) {
	select {
	case <-e.ready:
	default:
		close(e.ready)
	}
	e.state = next
	close(e.more)
	e.more = make(chan struct{})
}

// now returns how far it is.
func (e *exposition) now() state {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.state
}

// length returns how long a response is, -1 while that is not known.
func (e *exposition) length() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case e.state != whole:
		return -1
	case e.isGzip:
		return len(gzipHeader) + e.total + gzipTrailerSize
	default:
		return e.total
	}
}

// view is an exposition as a response sees it at one moment.
type view struct {
	chunks []chunk
	state  state
	err    error
	more   <-chan struct{}
	size   int    // of all chunks before compression
	crc    uint32 // the same
}

// from returns the exposition now, from chunk i on.
func (e *exposition) from(i int) view {
	e.mu.Lock()
	defer e.mu.Unlock()
	return view{e.chunks[i:], e.state, e.err, e.more, e.size, e.crc}
}
