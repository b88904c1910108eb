package growth

import (
	"math"
	"sync/atomic"
)

// window counts in two minutes of a clock in seconds: this minute, and the minute before.
type window struct {
	minute      uint32
	now, before float64
}

const minuteSeconds = 60

// add adds n in a second. A clock that goes back adds to the minute that it was in.
func (w *window) add(second uint32, n float64) {
	switch minute := second / minuteSeconds; {
	case minute <= w.minute:
	case minute == w.minute+1:
		w.minute, w.before, w.now = minute, w.now, 0
	default:
		w.minute, w.before, w.now = minute, 0, 0
	}
	w.now += n
}

// perMinute returns how many were added in the last minute: of the minute before, it takes as large a part as
// lies within.
func (w *window) perMinute(second uint32) float64 {
	part := 1 - float64(second%minuteSeconds)/minuteSeconds
	switch minute := second / minuteSeconds; {
	case minute < w.minute:
		return w.now
	case minute == w.minute:
		return w.now + w.before*part
	case minute == w.minute+1:
		return w.now * part
	default:
		return 0
	}
}

// Rate is how many things happen in a minute. The zero value is ready.
type Rate struct {
	// minute, then how many in it and in the one before: 26, 19 and 19 bits; written by any goroutine
	word atomic.Uint64
}

const (
	countBits = 19
	mostCount = 1<<countBits - 1 // more in a minute count as so many
)

// Add notes that one happened in a second.
func (r *Rate) Add(second uint32) {
	for {
		old := r.word.Load()
		w := unpack(old)
		w.add(second, 1)
		if r.word.CompareAndSwap(old, w.pack()) {
			return
		}
	}
}

// PerMinute returns how many happened in the minute before a second: an estimate, when they did not come
// evenly.
func (r *Rate) PerMinute(second uint32) int {
	w := unpack(r.word.Load())
	return int(math.Round(w.perMinute(second)))
}

func unpack(word uint64) window {
	return window{
		minute: uint32(word >> (2 * countBits)),
		now:    float64(word >> countBits & mostCount), before: float64(word & mostCount),
	}
}

func (w *window) pack() uint64 {
	return uint64(w.minute)<<(2*countBits) | uint64(min(w.now, mostCount))<<countBits | uint64(w.before)
}
