package sender_test

import (
	"math"
	"testing"
	"time"

	"weir/bench/load/sender"
)

func TestDue(t *testing.T) {
	f := func(linesPerSecond float64, duration, elapsed time.Duration, want uint64) {
		t.Helper()
		o := sender.Options{LinesPerSecond: linesPerSecond, Duration: duration}
		if got := sender.Due(o, elapsed); got != want {
			t.Errorf("due at %v lines/s for %v after %v = %d, want %d", linesPerSecond, duration, elapsed, got, want)
		}
	}
	f(1000, time.Second, 0, 0)
	f(1000, time.Second, 999*time.Microsecond, 0)
	f(1000, time.Second, time.Millisecond, 1)
	f(1000, time.Second, time.Second, 1000)
	f(1000, time.Second, time.Hour, 1000)
	f(0.5, 10*time.Second, 3*time.Second, 1)
	f(1e9, time.Hour, time.Second, 1e9)
	f(1000, 0, time.Hour, 3_600_000)
	f(0, time.Second, 0, math.MaxUint64)
}

// A line is due at the time that the schedule says it is: for no line does rounding put off the sender.
func TestDueAgreesWithWhen(t *testing.T) {
	for _, linesPerSecond := range []float64{0.3, 7, 1000, 333_333, 1_000_000, 14_000_001} {
		o := sender.Options{LinesPerSecond: linesPerSecond}
		for lines := uint64(1); lines < 3_000_000; lines += 1 + lines/7 {
			at := sender.When(o, lines)
			if got := sender.Due(o, at+time.Nanosecond); got < lines {
				t.Errorf("at %v lines/s line %d is due at %v, but then %d are", linesPerSecond, lines, at, got)
			}
			if got := sender.Due(o, at-2*time.Nanosecond); got >= lines && linesPerSecond < 1e8 {
				t.Errorf("at %v lines/s line %d is due at %v, but before %d are", linesPerSecond, lines, at, got)
			}
		}
	}
}

func TestPause(t *testing.T) {
	f := func(linesPerSecond float64, elapsed time.Duration, sent, linesPerDatagram uint64, want time.Duration) {
		t.Helper()
		o := sender.Options{LinesPerSecond: linesPerSecond, Duration: time.Second}
		if got := sender.Pause(o, elapsed, sent, linesPerDatagram); got != want {
			t.Errorf("pause at %v lines/s after %v and %d lines = %v, want %v",
				linesPerSecond, elapsed, sent, got, want)
		}
	}
	f(1000, 0, 0, 10, time.Millisecond) // the next line
	f(1000, 1500*time.Microsecond, 1, 10, time.Millisecond/2)
	f(100_000, time.Millisecond, 100, 10, time.Millisecond/2) // what gathers in half a millisecond
	f(1_000_000, 0, 0, 1, 32*time.Microsecond)                // a whole burst
	f(1_000_000, 0, 0, 10, 320*time.Microsecond)
	f(1000, 999*time.Millisecond, 999, 10, time.Millisecond) // the last line
	f(2, 0, 0, 1, sender.MaxPause)                           // so that the end of a context is seen
}
