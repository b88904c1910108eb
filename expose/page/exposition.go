package page

import (
	"sync"
	"time"

	"weir/aggregate"
)

// exposition is one exposition while it is rendered, and afterwards: any number of responses read it, from
// its beginning, as it grows. One rendering makes it.
//
// When there is no space to keep more of it, it stays partial: each response renders the rest for itself,
// from the place where it ended.
type exposition struct {
	// Known when responses may begin.
	snapshot     *aggregate.Snapshot // the series that it shows; nil when it broke before
	isGzip       bool                // the chunks are compressed
	rendersSince time.Time           // when its first page was begun

	mu sync.Mutex // guards the fields below, except held

	since    time.Time   // all requests for it want values of this time, or younger ones
	shared   *collection // that it is rendered from; nil before it is chosen, and when it shares none
	chunks   []chunk     // only appended to
	progress float64     // which part of the rendering is done
	total    int         // bytes in chunks
	size     int         // of that before compression
	crc      uint32      // the same, when it is compressed
	state    state
	err      error  // why it is broken
	rest     cursor // where a partial one ended
	pages    Pages
	more     chan struct{} // closed when more chunks can be read; nil while nobody waits for that

	held int // bytes that are counted for it; guarded by variant.mu
}

// blockBytes is about how much is rendered before responses see it, so that each of their writes carries
// enough. It is before compression.
const blockBytes = 64 << 10

// state is how far an exposition is.
type state uint8

const (
	growing state = iota
	whole
	partial
	broken
)

func newExposition(since time.Time) *exposition {
	return &exposition{since: since}
}

// age says how old the values for a request may be.
type age struct {
	oldest  time.Time // no older than this
	growing time.Time // the same of an exposition that is being rendered
}

// join reports whether a request may have e, which may be nil.
func (e *exposition) join(a age) bool {
	if e == nil {
		return false
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case e.state == broken:
		return false
	case e.shared == nil: // it is chosen later
		if e.since.Before(a.oldest) {
			e.since = a.oldest
		}
		return true
	case e.state == growing:
		return !e.shared.isOlder(a.growing)
	default:
		return !e.shared.isOlder(a.oldest)
	}
}

// collect chooses the collection that e is rendered from.
func (e *exposition) collect(from *collector) *collection {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.shared = from.since(e.since)
	return e.shared
}

// heldBytes returns how many bytes are counted for e. There may be none.
func (e *exposition) heldBytes() int {
	if e == nil {
		return 0
	}
	return e.held
}

// haste is how much faster than until now the rest of an exposition may be needed.
const haste = 4

// waitReady waits until responses may begin, and reports whether that was before a time. They may begin when
// all is rendered, or so much that the rest will be in time even if it takes a few times as long: a response
// that has begun can only be cut, but one that has not can send an older exposition.
func (e *exposition) waitReady(before time.Time) bool {
	v := e.from(0)
	if e.isReady(&v, before) { // Fast path.
		return true
	}
	timer := time.NewTimer(time.Until(before))
	defer timer.Stop()
	for !e.isReady(&v, before) {
		select {
		case <-v.more:
		case <-timer.C:
			return false
		}
		v = e.from(0)
	}
	return true
}

func (e *exposition) isReady(v *view, before time.Time) bool {
	return v.state != growing || len(v.chunks) > 0 && e.isInTime(v.progress, before)
}

// isInTime estimates whether all will be rendered before a time.
func (e *exposition) isInTime(progress float64, before time.Time) bool {
	now := time.Now()
	rest := float64(now.Sub(e.rendersSince)) * (1 - progress)
	return rest*haste <= float64(before.Sub(now))*progress
}

// publish adds chunks and wakes the responses that read; progress says which part of the rendering is done.
func (e *exposition) publish(chunks []chunk, next state, progress float64) {
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
	e.chunks, e.progress = append(e.chunks, chunks...), progress
	e.advanceLocked(next)
}

// Pages are the pages of an exposition.
type Pages struct {
	// All is how many there are, Reused how many of them showed the same values as before, and were not
	// rendered again.
	All, Reused int
}

// count notes how many pages are rendered, of so many.
func (e *exposition) count(all, rendered int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.pages = Pages{All: all, Reused: max(0, all-rendered)}
}

// fail ends an exposition that cannot be whole.
func (e *exposition) fail(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.err = err
	e.advanceLocked(broken)
}

func (e *exposition) advanceLocked(next state) {
	e.state = next
	if e.more != nil {
		close(e.more)
		e.more = nil
	}
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
	chunks   []chunk
	progress float64
	state    state
	err      error
	more     <-chan struct{}
	size     int    // of all chunks before compression
	crc      uint32 // the same
}

// from returns the exposition now, from chunk i on.
func (e *exposition) from(i int) view {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.state == growing && e.more == nil {
		e.more = make(chan struct{})
	}
	return view{e.chunks[i:], e.progress, e.state, e.err, e.more, e.size, e.crc}
}
