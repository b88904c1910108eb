package tap

import (
	"context"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"weir/protocol"
)

const (
	// tailPerSecond is how many lines a second a tail shows, and how many at once after a pause.
	tailPerSecond = 50

	// keptLines bounds how many lines wait for the viewer of a tail, and keptBytes of each line are kept.
	keptLines, keptBytes = 256, 1024

	// gatherFor is how long a poll that waited goes on to wait for more lines once one has come.
	gatherFor = 100 * time.Millisecond
)

// Filter says which lines a tail shows.
type Filter struct {
	// Match is a part of the names to show, as they are sent; or with '*' or '?' in it a glob that whole
	// names fit. Empty shows all.
	Match string
	// Sender is who sends the lines to show: an address with or without its port, "pid 4711", or the name of
	// a program, which only unix sockets tell. Empty shows all.
	Sender string
	// Rejected shows only lines that were rejected, refused or dropped, whole or in part.
	Rejected bool
}

// Line is one line of a tail.
type Line struct {
	// Seq is the cursor behind this line.
	Seq uint64
	// Time is when the line came.
	Time time.Time
	// Text is the first 1,024 bytes of the line, as sent: any bytes. IsCut says that there were more.
	Text  string
	IsCut bool
	// Listener is the address that the line came to, like "udp://127.0.0.1:9125".
	Listener string
	// From is who sent it, and Program the program of that process; empty when it is not known.
	From    Peer
	Program string
	// Reason is the first reason for which a sample of the line was not recorded, ReasonNone when all were.
	// Offset is where the wrong part begins, in bytes.
	Reason protocol.Reason
	Offset int
}

// tail keeps the lines for one viewer.
type tail struct {
	id       uint64
	filter   Filter
	pattern  pattern
	sender   netip.Addr     // filter.Sender as an address, ...
	port     netip.AddrPort // ... as one with its port, ...
	pid      int32          // ... as a process; or it is a program
	programs *Programs
	closed   <-chan struct{} // of the Tap

	places        atomic.Int64  // how many lines may pass now
	seen, skipped atomic.Uint64 // lines since the last poll, written by loops

	polled time.Time // guarded by Tap.mu

	mu    sync.Mutex
	lines []Line        // guarded by mu; oldest first, at most keptLines
	seq   uint64        // of the newest line; guarded by mu
	wake  chan struct{} // closed when a line comes; guarded by mu
}

func newTail(id uint64, f Filter, tap *Tap) *tail {
	t := &tail{
		id: id, filter: f, pattern: newPattern(f.Match), programs: tap.programs, closed: tap.closed,
		seq: id << seqBits, wake: make(chan struct{}),
	}
	t.places.Store(tailPerSecond)
	t.sender, _ = netip.ParseAddr(f.Sender) // not valid when it is something else
	t.port, _ = netip.ParseAddrPort(f.Sender)
	if pid, err := strconv.ParseInt(strings.TrimPrefix(f.Sender, "pid "), 10, 32); err == nil {
		t.pid = int32(pid)
	}
	return t
}

// accepts reports whether the filter shows lines of a peer.
func (t *tail) accepts(from Peer) bool {
	switch {
	case t.filter.Sender == "":
		return true
	case t.sender.IsValid():
		return t.sender.Unmap() == from.Sender().Address
	case t.port.IsValid():
		return t.filter.Sender == from.String()
	case t.pid != 0:
		return t.pid == from.PID
	default:
		return from.PID != 0 && t.programs.Name(from.PID) == t.filter.Sender
	}
}

// take looks at a run of lines that a loop has taken. Many loops may call it at a time.
func (t *tail) take(l *Lane, from Peer, listener string, b []byte, lines uint64) {
	t.seen.Add(lines)
	switch {
	case !t.accepts(from):
	case t.filter.Rejected:
		for i := range l.noted {
			t.offerMatching(from, listener, &l.noted[i])
		}
		if t.pattern.matchesAll() {
			t.skipped.Add(l.unnoted)
		}
	case t.pattern.matchesAll() && t.places.Load() <= 0: // Fast path: nothing can pass.
		t.skipped.Add(lines)
	case t.pattern.mayMatch(b):
		t.pick(l, from, listener, b)
	}
}

// pick offers the lines of a run that match.
func (t *tail) pick(l *Lane, from Peer, listener string, b []byte) {
	l.splitter.Reset(b)
	for l.splitter.Next() {
		line := noted{text: l.splitter.Line()}
		if i := slices.IndexFunc(l.noted, func(n noted) bool { return isSame(n.text, line.text) }); i >= 0 {
			line = l.noted[i]
		}
		t.offerMatching(from, listener, &line)
	}
}

// offerMatching offers a line that matches.
func (t *tail) offerMatching(from Peer, listener string, line *noted) {
	if t.pattern.matches(nameOf(line.text)) ||
		line.reason != protocol.ReasonNone && t.pattern.matches(rejectedNameOf(line.text)) {
		t.offer(from, listener, line)
	}
}

// takeLost looks at a line that is in no run.
func (t *tail) takeLost(from Peer, listener string, line *noted) {
	t.seen.Add(1)
	if t.accepts(from) {
		t.offerMatching(from, listener, line)
	}
}

// offer keeps a line that the filter shows, unless too many passed.
func (t *tail) offer(from Peer, listener string, line *noted) {
	if !t.pass() {
		t.skipped.Add(1)
		return
	}
	text := line.text[:min(len(line.text), keptBytes)]
	kept := Line{
		Time: time.Now(), Text: string(text), IsCut: len(text) < len(line.text), Listener: listener,
		From: from, Program: t.programs.Name(from.PID), Reason: line.reason, Offset: line.offset,
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.seq++
	kept.Seq = t.seq
	if len(t.lines) == keptLines { // the viewer is slow
		t.lines = slices.Delete(t.lines, 0, 1)
		t.skipped.Add(1)
	}
	t.lines = append(t.lines, kept)
	close(t.wake)
	t.wake = make(chan struct{})
}

// pass takes a place for a line, and reports whether there was one.
func (t *tail) pass() bool {
	for {
		n := t.places.Load()
		if n <= 0 {
			return false
		}
		if t.places.CompareAndSwap(n, n-1) { // many loops take places
			return true
		}
	}
}

// refill gives places back, so many.
func (t *tail) refill(places int64) {
	for {
		n := t.places.Load()
		if t.places.CompareAndSwap(n, min(tailPerSecond, n+places)) {
			return
		}
	}
}

// behind returns the lines behind a cursor, at most so many, and what wakes when there are more. It forgets
// the lines up to the cursor.
func (t *tail) behind(since uint64, limit int) (lines []Line, wake <-chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	first := slices.IndexFunc(t.lines, func(l Line) bool { return l.Seq > since })
	if first < 0 {
		first = len(t.lines)
	}
	t.lines = slices.Delete(t.lines, 0, first)
	return slices.Clone(t.lines[:min(len(t.lines), limit)]), t.wake
}

// wait returns the lines behind a cursor, at most so many. While there are none, it waits, until ctx is done
// at the latest; then it gathers for a moment.
func (t *tail) wait(ctx context.Context, since uint64, limit int) []Line {
	lines, wake := t.behind(since, limit)
	if len(lines) > 0 {
		return lines
	}
	select {
	case <-ctx.Done():
		return nil
	case <-t.closed:
		return nil
	case <-wake:
	}
	gathering, cancel := context.WithTimeout(ctx, gatherFor)
	defer cancel()
	<-gathering.Done()
	lines, _ = t.behind(since, limit)
	return lines
}

func (t *tail) bytes() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	size := int(unsafe.Sizeof(tail{})) + cap(t.lines)*int(unsafe.Sizeof(Line{}))
	for i := range t.lines {
		size += len(t.lines[i].Text)
	}
	return size
}
