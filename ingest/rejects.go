package ingest

import (
	"bytes"
	"hash/maphash"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"weir/protocol"
)

const (
	// rejectCapacity is how many rejected lines are kept.
	rejectCapacity = 256

	// rejectsPerSecond is how many lines of one reason are kept per second: enough to see every line of a
	// test by hand, too few for a flood to cost anything.
	rejectsPerSecond = 10

	// newNamesPerSecond is how many lines are kept per second beyond those, for all reasons together, because
	// no line with their name was rejected for their reason before.
	newNamesPerSecond = 32

	// rememberedNames is how many pairs of a name and a reason are remembered. A power of two.
	rememberedNames = 4096

	// maxRejectLine is how many bytes of a rejected line are kept.
	maxRejectLine = 256
)

// Reject is one line that was rejected, whole or in part.
type Reject struct {
	// Seq numbers the rejected lines that were kept: 1, 2, 3 and so on.
	Seq uint64
	// Time is when the line came, to the second.
	Time time.Time
	// Reason says what is wrong with it; never protocol.ReasonNone.
	Reason protocol.Reason
	// Offset is the position of the wrong part in the line, in bytes; it may be behind the end of Line.
	Offset int
	// Listener is the address that the line came to, like "udp://127.0.0.1:9125".
	Listener string
	// Sender is the address or the process that sent the line, like "127.0.0.1:4711" or "pid 4711"; may be
	// empty.
	Sender string
	// PID is the process that sent the line over a unix socket, and Program the program that it runs; 0 and
	// empty when that is not known.
	PID     int32
	Program string
	// Line is the first 256 bytes of the line as sent: any bytes, so quote it to show it. IsCut says that
	// there were more.
	Line  string
	IsCut bool
	// Detail explains the reason further; may be empty.
	Detail string
	// IsNew says that no line with this name was rejected for this reason before, as far as is remembered.
	IsNew bool
}

// rejectRing keeps the last rejected lines. Any goroutine may call it. In a flood, it keeps only some lines
// per reason and second, and some more whose name is new, so that forty programs that are wrong at once are
// all seen. Each of the other lines costs some atomic loads, and mostly the hash of its name.
type rejectRing struct {
	capacity int
	now      func() int64 // seconds since the epoch, coarse
	seed     maphash.Seed

	// Written under mu; read by wants.

	taken    [protocol.NumReasons]quota // of rejectsPerSecond
	takenNew quota                      // of newNamesPerSecond
	names    nameMemory

	mu      sync.Mutex
	rejects []Reject // oldest first; guarded by mu
	seq     uint64   // of the newest; guarded by mu
}

func newRejectRing(capacity int, now func() int64) *rejectRing {
	return &rejectRing{
		capacity: capacity, now: now, seed: maphash.MakeSeed(), rejects: make([]Reject, 0, capacity),
	}
}

// wants reports whether a line rejected now for reason would be kept.
//
// Fast path: no lock and no allocation, and in a flood no write; TestRejectAllocations guards it.
func (r *rejectRing) wants(reason protocol.Reason, line []byte) bool {
	now := r.now()
	if r.taken[reason].left(now, rejectsPerSecond) {
		return true
	}
	if !r.takenNew.left(now, newNamesPerSecond) {
		return false
	}
	return !r.names.has(r.pair(reason, line))
}

// pair returns the hash of a reason and the name in a line.
func (r *rejectRing) pair(reason protocol.Reason, line []byte) uint64 {
	const spread = 0x9e3779b97f4a7c15 // an odd number with bits all over, so that reasons are far apart
	return maphash.Bytes(r.seed, nameIn(line)) ^ uint64(reason)*spread
}

// nameIn returns the name in a line without tags, as far as a line that is wrong has one.
func nameIn(line []byte) []byte {
	line = line[:min(len(line), maxRejectLine)]
	if end := bytes.IndexAny(line, ":,;#[|"); end >= 0 {
		return line[:end]
	}
	return line
}

// add keeps reject with the beginning of line, and with the current time if it has none. It does nothing when
// wants no longer does. line is borrowed.
//
// Slow path: ask wants before making a Reject.
func (r *rejectRing) add(reject Reject, line []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now, pair := r.now(), r.pair(reject.Reason, line)
	reject.IsNew = !r.names.has(pair)
	switch {
	case r.taken[reject.Reason].left(now, rejectsPerSecond):
		r.taken[reject.Reason].take(now)
	case reject.IsNew && r.takenNew.left(now, newNamesPerSecond):
		r.takenNew.take(now)
	default:
		return
	}
	r.names.add(pair)
	r.seq++
	reject.Seq = r.seq
	if reject.Time.IsZero() {
		reject.Time = time.Unix(now, 0)
	}
	reject.Line, reject.IsCut = string(line[:min(len(line), maxRejectLine)]), len(line) > maxRejectLine
	if len(r.rejects) == r.capacity {
		r.evictLocked()
	}
	r.rejects = append(r.rejects, reject)
}

// evictLocked removes the oldest line of the reason with most lines, so that a flood for one reason keeps the
// few lines of another.
func (r *rejectRing) evictLocked() {
	var counts [protocol.NumReasons]int
	for i := range r.rejects {
		counts[r.rejects[i].Reason]++
	}
	most := slices.Max(counts[:])
	oldest := slices.IndexFunc(r.rejects, func(x Reject) bool { return counts[x.Reason] == most })
	r.rejects = slices.Delete(r.rejects, oldest, oldest+1)
}

// last returns the lines that are kept, newest first. The caller owns the slice.
func (r *rejectRing) last() []Reject {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := slices.Clone(r.rejects)
	slices.Reverse(list)
	return list
}

// quota is a second, and how many lines were kept in it, in one word: the count is the low byte. Any
// goroutine may call left; one at a time calls take.
type quota struct{ word atomic.Uint64 }

// left reports whether fewer than so many lines were kept in the second now.
func (q *quota) left(now int64, most uint64) bool {
	word := q.word.Load()
	return word&0xff < most || word>>8 != uint64(now)
}

// take counts a line that is kept in the second now.
func (q *quota) take(now int64) {
	word := q.word.Load()
	if word>>8 != uint64(now) {
		word = uint64(now) << 8
	}
	q.word.Store(word + 1)
}

// nameMemory remembers pairs of a name and a reason by their hash, each at one of two places. When both are
// taken, the older pair at one of them is forgotten. Any goroutine may call has; one at a time calls add.
type nameMemory [rememberedNames]atomic.Uint64

func (m *nameMemory) places(pair uint64) (a, b *atomic.Uint64) {
	return &m[pair%rememberedNames], &m[pair>>32%rememberedNames]
}

func (m *nameMemory) has(pair uint64) bool {
	a, b := m.places(pair)
	return a.Load() == pair || b.Load() == pair
}

func (m *nameMemory) add(pair uint64) {
	a, b := m.places(pair)
	switch {
	case m.has(pair):
	case a.Load() == 0 || b.Load() != 0:
		a.Store(pair)
	default:
		b.Store(pair)
	}
}
