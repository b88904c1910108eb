package tap

import (
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/cpu"

	"weir/protocol"
)

// maxNoted is how many rejected lines of one run are noted for tails.
const maxNoted = 64

// Lane is what one loop tells the tap. Its methods belong to the goroutine of the loop.
type Lane struct {
	session   *atomic.Pointer[session] // of the tap; nil while nobody looks
	tap       *Tap
	transport string

	pending facts // of from, since Publish
	from    Sender
	isDirty bool // pending has something

	noted    []noted // rejected lines of the current run, for tails
	unnoted  uint64  // more of them than maxNoted
	splitter protocol.Decoder
	random   *rand.PCG

	_  cpu.CacheLinePad // the fields above are written without a lock
	mu sync.Mutex

	// Guarded by mu.

	begun  *session // whose counts the table has
	table  table
	lines  uint64 // since the last drain
	sample sample // of those lines
	skip   uint64 // lines to leave out until the next one is sampled
}

// noted is a rejected line of the current run. Text is borrowed.
type noted struct {
	text   []byte
	reason protocol.Reason
	offset int
}

// IsWatched reports whether somebody looks. It is one atomic load, and inlined: TestInlining holds this.
func (l *Lane) IsWatched() bool { return l.session.Load() != nil }

// Take takes a run of lines after the loop has decoded and recorded them: a datagram, or whole lines of a
// stream. b is borrowed; so many lines and samples were counted in it. Call it only while the lane is
// watched.
func (l *Lane) Take(from Peer, listener string, b []byte, lines, samples uint64) {
	s := l.session.Load()
	if s != nil {
		l.count(s, from, lines, samples, b)
		for _, t := range *s.tails.Load() {
			t.take(l, from, listener, b, lines)
		}
	}
	l.noted, l.unnoted = l.noted[:0], 0
}

// count counts a run of lines by its sender, and samples some of them.
func (l *Lane) count(s *session, from Peer, lines, samples uint64, b []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.begun != s {
		l.begin(s)
	}
	sender := from.Sender()
	r := l.row(sender)
	r.watched.runs++
	r.watched.lines += lines
	r.watched.samples += samples
	r.watched.used(from.Address.Port())
	l.lines += lines
	every := s.every.Load()
	if l.skip = min(l.skip, 2*every-2); l.skip >= lines { // it may be of a busier time
		l.skip -= lines
		return
	}
	l.splitter.Reset(b)
	for !l.sample.isFull && l.splitter.Next() {
		if l.skip > 0 {
			l.skip--
			continue
		}
		l.sample.add(l.splitter.Line(), sender, &s.bounds)
		l.skip = l.gap(every)
	}
}

// begin begins the counts of a session. mu is held.
func (l *Lane) begin(s *session) {
	l.begun, l.skip, l.lines, l.sample = s, 0, 0, sample{}
	l.table.begin()
}

// row returns the row of a sender, as seen now. mu is held.
func (l *Lane) row(s Sender) *row {
	now := l.tap.now()
	r := l.table.find(s, now, l.tap)
	r.lastSeen = now
	return r
}

// gap returns how many lines to leave out before the next one is sampled: at random, every-1 on average, so
// that lines that come in turns are all sampled.
func (l *Lane) gap(every uint64) uint64 {
	if every == 1 {
		return 0
	}
	return l.random.Uint64() % (2*every - 1)
}

// Rejected counts samples of a line that were rejected, refused or dropped for a reason. The wrong part
// begins offset bytes into the line, which is borrowed until Take.
func (l *Lane) Rejected(from Peer, reason protocol.Reason, samples, offset int, line []byte) {
	switch {
	case reason.Refused():
		l.factsOf(from).refused += uint64(samples)
	case reason.Rejected():
		l.factsOf(from).rejected[reason] += uint64(samples)
	}
	if l.IsWatched() {
		l.note(noted{text: line, reason: reason, offset: offset})
	}
}

// note notes a rejected line of the current run, once.
func (l *Lane) note(line noted) {
	switch {
	case slices.ContainsFunc(l.noted, func(n noted) bool { return isSame(n.text, line.text) }):
	case len(l.noted) < maxNoted:
		l.noted = append(l.noted, line)
	default:
		l.unnoted++
	}
}

// isSame reports whether two slices of one run are the same line.
func isSame(a, b []byte) bool { return unsafe.SliceData(a) == unsafe.SliceData(b) }

// Lost counts a line that no run has: its end is missing, or it is too long. It is Rejected and Take in one.
func (l *Lane) Lost(from Peer, listener string, reason protocol.Reason, offset int, line []byte) {
	l.factsOf(from).rejected[reason]++
	s := l.session.Load()
	if s == nil {
		return
	}
	l.count(s, from, 1, 1, nil)
	for _, t := range *s.tails.Load() {
		t.takeLost(from, listener, &noted{text: line, reason: reason, offset: offset})
	}
}

// Created counts a series that a sender has created.
func (l *Lane) Created(from Peer) { l.factsOf(from).created++ }

// factsOf returns where to count facts of a sender until Publish.
func (l *Lane) factsOf(from Peer) *facts {
	sender := from.Sender()
	if l.isDirty && l.from != sender {
		l.Publish()
	}
	l.from, l.isDirty = sender, true
	return &l.pending
}

// Program returns the program of a peer that is a process; empty when that is not known.
func (l *Lane) Program(from Peer) string { return l.tap.programs.Name(from.PID) }

// Publish shows readers what was counted. It costs a comparison unless there were facts of slow paths.
func (l *Lane) Publish() {
	if l.isDirty {
		l.publish()
	}
}

func (l *Lane) publish() {
	l.mu.Lock()
	l.row(l.from).facts.add(&l.pending)
	l.mu.Unlock()
	l.pending, l.isDirty = facts{}, false
}

// drain returns the lines that were sampled since the last drain, and how many lines there were. When none
// was sampled, the lines count for the next drain.
func (l *Lane) drain(s *session, into *sample) (lines uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	into.reset()
	if l.begun != s || len(l.sample.lines) == 0 {
		return 0
	}
	*into, l.sample = l.sample, *into
	lines, l.lines = l.lines, 0
	return lines
}

// bytes returns about how much memory is used.
func (l *Lane) bytes() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return int(unsafe.Sizeof(Lane{})) + l.table.bytes() + l.sample.bytes()
}

// sample is lines that were copied, with their senders.
type sample struct {
	text   []byte
	lines  []sampledLine
	isFull bool // a line found no place
}

type sampledLine struct {
	end    int // of the line in text
	sender Sender
}

// bounds bound one sample.
type bounds struct{ lines, bytes int }

// add copies a line unless that makes the sample too large.
func (s *sample) add(line []byte, from Sender, most *bounds) {
	if len(s.lines) == most.lines || len(s.text)+len(line) > most.bytes {
		s.isFull = true
		return
	}
	s.text = append(s.text, line...)
	s.lines = append(s.lines, sampledLine{end: len(s.text), sender: from})
}

func (s *sample) reset() { s.text, s.lines, s.isFull = s.text[:0], s.lines[:0], false }

func (s *sample) bytes() int { return cap(s.text) + cap(s.lines)*int(unsafe.Sizeof(sampledLine{})) }
