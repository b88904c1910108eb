package expose

import (
	"sync"
	"time"

	"weir/aggregate"
)

// rendition is one exposition while it is rendered, and afterwards: any number of responses read it, from its
// beginning, as it grows. One goroutine renders it.
//
// When there is no room to keep more of it, it stays partial: each response renders the rest for itself, from
// the place where it ended.
type rendition struct {
	began    time.Time
	snapshot *aggregate.Snapshot // that it shows; set before it is published

	ready chan struct{} // closed when responses may begin: what they begin with is known

	mu sync.Mutex // guards what is below

	pieces []piece // never changed, but for more behind them
	total  int     // bytes in pieces
	size   int     // of that before compression
	crc    uint32  // the same, when it is compressed
	packed bool    // the pieces are compressed; known when it is ready
	state  state
	err    error         // why it is broken
	rest   place         // where a partial one ended
	more   chan struct{} // closed when there is more to read

	held int // bytes that are counted for it; guarded by variant.mu
}

// blockBytes is about how much is rendered before it is shown to responses, so that each of their writes
// carries enough. It is before compression.
const blockBytes = 64 << 10

// state is how far a rendition is.
type state uint8

const (
	rendering state = iota
	whole
	partial
	broken
)

func newRendition(now time.Time) *rendition {
	return &rendition{
		began: now, snapshot: &aggregate.Snapshot{}, ready: make(chan struct{}), more: make(chan struct{}),
	}
}

// publish adds pieces and tells those that read.
func (d *rendition) publish(pieces []piece, next state) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := range pieces {
		p := &pieces[i]
		d.total += len(p.bytes)
		if d.packed {
			d.crc = joinCRC(d.crc, p.crc, p.size)
		}
		d.size += p.size
	}
	d.pieces = append(d.pieces, pieces...)
	d.advanceLocked(next)
}

// fail ends a rendition that cannot be whole.
func (d *rendition) fail(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.err = err
	d.advanceLocked(broken)
}

func (d *rendition) advanceLocked(next state) {
	select {
	case <-d.ready:
	default:
		close(d.ready)
	}
	d.state = next
	close(d.more)
	d.more = make(chan struct{})
}

// now returns how far it is.
func (d *rendition) now() state {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.state
}

// length returns how long a response is, -1 while that is not known.
func (d *rendition) length() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.state != whole:
		return -1
	case d.packed:
		return len(gzipHeader) + d.total + gzipTrailerSize
	default:
		return d.total
	}
}

// view is what a response reads of a rendition at one moment.
type view struct {
	pieces []piece
	state  state
	err    error
	more   <-chan struct{}
	size   int    // of all pieces before compression
	crc    uint32 // the same
}

// from returns what there is from piece i on.
func (d *rendition) from(i int) view {
	d.mu.Lock()
	defer d.mu.Unlock()
	return view{d.pieces[i:], d.state, d.err, d.more, d.size, d.crc}
}
