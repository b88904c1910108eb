package sender

import (
	"math"
	"time"
)

const (
	// maxBurst is how many datagrams are sent back to back while on time. The smallest usual receive buffer
	// (208 KiB) holds about 90.
	maxBurst = 32

	// burstInterval is how long lines gather before they are sent together, unless maxBurst comes first:
	// short for a receiver, long for the sender's own wake-ups.
	burstInterval = 500 * time.Microsecond

	// maxPause bounds one sleep, so that the end of a context is seen.
	maxPause = 50 * time.Millisecond

	// grace is how long after its end a schedule may be finished.
	grace = time.Second
)

// schedule says when each line is due, as a time since the start. It does not know which lines were sent.
type schedule struct {
	linesPerSecond float64 // 0: every line is due at once
	total          uint64  // lines that become due at all
	stop           time.Duration
}

// due returns how many lines are due after elapsed.
func (s *schedule) due(elapsed time.Duration) uint64 {
	if s.linesPerSecond == 0 {
		return s.total
	}
	return uint64(min(elapsed.Seconds()*s.linesPerSecond, float64(s.total)))
}

// when returns the time at which so many lines are due.
func (s *schedule) when(lines uint64) time.Duration {
	if s.linesPerSecond == 0 {
		return 0
	}
	return time.Duration(math.Ceil(float64(lines) / s.linesPerSecond * float64(time.Second)))
}

// pause returns how long to sleep when sent lines were all that was due after elapsed: until a burst of
// datagrams with so many lines each has gathered.
func (s *schedule) pause(elapsed time.Duration, sent, linesPerDatagram uint64) time.Duration {
	gather := uint64(s.linesPerSecond * burstInterval.Seconds())
	gather = max(1, min(gather, maxBurst*linesPerDatagram))
	return min(s.when(min(sent+gather, s.total))-elapsed, maxPause)
}
