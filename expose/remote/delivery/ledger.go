package delivery

import "time"

// Stats are what has become of all that was put, at one moment: Made is the sum of Sent, Rejected, Dropped,
// Unknown and Waiting, all in samples.
type Stats struct {
	// Made counts the samples that were put.
	Made uint64
	// Sent counts the samples of requests that the receiver accepted.
	Sent uint64
	// Rejected counts those of requests that it refused.
	Rejected uint64
	// Dropped counts those of requests that were too old, or for which no room was left.
	Dropped uint64
	// Unknown counts those of requests whose answer was lost, and that may not be sent twice.
	Unknown uint64
	// Waiting is how many wait in the queue and the spool.
	Waiting uint64

	// LostBirths counts the zeros of new series, among Rejected, Dropped and Unknown: the increase of such a
	// series to its first value is not seen.
	LostBirths uint64
	// Requests counts the attempts by status code; 0 is no answer.
	Requests map[int]uint64
	// QueueBytes and SpoolBytes are what waits in memory and on disk.
	QueueBytes, SpoolBytes int64
	// Oldest is when the oldest block that waits was made; the zero time when nothing waits.
	Oldest time.Time
	// LastSuccess is when a request was last accepted; the zero time before the first.
	LastSuccess time.Time
	// LastError is why the last request was not accepted; empty when it was.
	LastError string
	// Protocol is the one in force.
	Protocol Protocol
}

// outcome is what has become of a block.
type outcome uint8

const (
	sent outcome = iota
	rejected
	dropped
	unknown
)

// settle counts a block that no longer waits.
func (s *Stats) settle(o outcome, samples int, holds Holds) {
	n := uint64(samples)
	s.Waiting -= n
	*[...]*uint64{sent: &s.Sent, rejected: &s.Rejected, dropped: &s.Dropped, unknown: &s.Unknown}[o] += n
	if holds == Births && o != sent {
		s.LostBirths += n
	}
}
