package sender

import "time"

// MaxBurst and MaxPause are what tests need to know of the schedule.
const (
	MaxBurst = maxBurst
	MaxPause = maxPause
)

// Due returns how many lines are due after elapsed.
func Due(o Options, elapsed time.Duration) uint64 {
	s := o.schedule()
	return s.due(elapsed)
}

// When returns the time at which so many lines are due.
func When(o Options, lines uint64) time.Duration {
	s := o.schedule()
	return s.when(lines)
}

// Pause returns how long to sleep after elapsed when sent lines were all that was due.
func Pause(o Options, elapsed time.Duration, sent, linesPerDatagram uint64) time.Duration {
	s := o.schedule()
	return s.pause(elapsed, sent, linesPerDatagram)
}
