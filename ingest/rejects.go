package ingest

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"weir/protocol"
)

const (
	// rejectCapacity is how many rejected lines are kept.
	rejectCapacity = 64

	// rejectsPerSecond is how many lines of one reason are kept per second: enough to see every line of a
	// test by hand, too few for a flood to cost anything.
	rejectsPerSecond = 10

	// maxRejectLine is how many bytes of a rejected line are kept.
	maxRejectLine = 256
)

// Reject is one line that was rejected, whole or in part.
type Reject struct {
	// Time is when the line came, to the second.
	Time time.Time
	// Reason says what is wrong with it; never protocol.ReasonNone.
	Reason protocol.Reason
	// Offset is the position of the wrong part in the line, in bytes; it may be behind the end of Line.
	Offset int
	// Listener is the address that the line came to, like "udp://127.0.0.1:9125".
	Listener string
	// Sender is the address or the process that sent the line; may be empty.
	Sender string
	// Line is the first 256 bytes of the line as sent: any bytes, so quote it to show it.
	Line string
	// Detail explains the reason further; may be empty.
	Detail string
}

// rejectRing keeps the last rejected lines. Any goroutine may call it. In a flood, it keeps only some lines
// per reason and second; each of the others costs two atomic loads.
type rejectRing struct {
	capacity int
	now      func() int64 // seconds since the epoch, coarse

	// taken is, for each reason, the last second in which a line was kept and how many were: see
	// takenWord. Written under mu; read by wants.
	taken [protocol.NumReasons]atomic.Uint64

	mu      sync.Mutex
	rejects []Reject // oldest first; guarded by mu
}

func newRejectRing(capacity int, now func() int64) *rejectRing {
	return &rejectRing{capacity: capacity, now: now, rejects: make([]Reject, 0, capacity)}
}

// wants reports whether a line rejected now for reason would be kept.
//
// Fast path: no lock and no allocation, and in a flood no write; TestRejectAllocations guards it.
func (r *rejectRing) wants(reason protocol.Reason) bool {
	second, count := takenOf(r.taken[reason].Load())
	return count < rejectsPerSecond || second != r.now()
}

// add keeps reject with the beginning of line, and with the current time if it has none. It does nothing when
// rejectsPerSecond lines of its reason are kept already. line is borrowed.
//
// Slow path: ask wants before making a Reject.
func (r *rejectRing) add(reject Reject, line []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	second, count := takenOf(r.taken[reject.Reason].Load())
	if second != now {
		count = 0
	}
	if count >= rejectsPerSecond {
		return
	}
	r.taken[reject.Reason].Store(takenWord(now, count+1))
	if reject.Time.IsZero() {
		reject.Time = time.Unix(now, 0)
	}
	reject.Line = string(line[:min(len(line), maxRejectLine)])
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

// takenWord packs a second and how many lines were kept in it, so that wants reads both at once. The count is
// the low byte.
func takenWord(second int64, count uint8) uint64 { return uint64(second)<<8 | uint64(count) }

func takenOf(word uint64) (second int64, count uint8) { return int64(word >> 8), uint8(word) }
