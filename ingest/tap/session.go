package tap

import (
	"runtime/debug"
	"sync/atomic"
	"time"

	"weir/aggregate"
	"weir/protocol"
)

// session is the time in which somebody looks. Its goroutine drains the samples of the lanes, and estimates
// rates from them.
type session struct {
	tap    *Tap
	began  time.Time
	bounds bounds // of the sample of each lane

	every atomic.Uint64           // one line in so many is sampled; written by run
	tails atomic.Pointer[[]*tail] // written under Tap.mu
	size  atomic.Int64            // bytes that the fields below take, about

	// Owned by the goroutine of run.

	decoder   protocol.Decoder
	locator   *aggregate.Locator
	drained   sample
	recent    [10]uint64 // lines of the last drains
	drains    int
	stepBegan time.Time
	estimates estimates
	panicked  bool
}

func newSession(t *Tap, now time.Time, lanes int) *session {
	s := &session{
		tap: t, began: now, stepBegan: now, decoder: t.options.Decoder,
		locator: aggregate.NewLocator(t.options.Registry, t.options.Tagging), estimates: newEstimates(),
	}
	lanes = max(1, lanes)
	s.bounds = bounds{lines: max(64, maxSampleLines/lanes), bytes: max(16<<10, maxSampleBytes/lanes)}
	s.every.Store(1)
	s.tails.Store(&[]*tail{})
	return s
}

// run drains until nobody looks any more.
func (s *session) run() {
	defer s.tap.running.Done()
	ticker := time.NewTicker(drainInterval)
	defer ticker.Stop()
	for {
		select {
		case <-s.tap.closed:
			return
		case now := <-ticker.C:
			if s.tick(now) {
				return
			}
		}
	}
}

// tick does what is due, and reports whether the session has ended.
func (s *session) tick(now time.Time) (ended bool) {
	if s.tap.end(s, now) {
		return true
	}
	s.refillTails(now)
	s.drain()
	if length := now.Sub(s.stepBegan); length >= stepInterval {
		s.step(now, length.Seconds())
	}
	return false
}

// drain takes the lines that the lanes have sampled, and adapts to how many lines there are.
func (s *session) drain() {
	total := uint64(0)
	for _, l := range s.tap.allLanes() {
		lines := l.drain(s, &s.drained)
		total += lines
		s.estimate(lines)
	}
	s.recent[s.drains%len(s.recent)] = total
	s.drains++
	second := uint64(0)
	for _, lines := range s.recent {
		second += lines
	}
	second = max(second, total*uint64(len(s.recent))/2) // a rise shows in the last drain
	s.every.Store(max(1, (second+linesPerSecond-1)/linesPerSecond))
}

// estimate adds the drained sample of so many lines to the estimates. A panic, which is a bug, loses the rest
// of the sample.
func (s *session) estimate(lines uint64) {
	defer func() {
		if cause := recover(); cause != nil && !s.panicked {
			s.panicked = true
			s.tap.options.Log.Error().Interface("cause", cause).Bytes("stack", debug.Stack()).
				Msg("BUG: a panic while looking at lines; rates by family are too small. Please report it.")
		}
	}()
	start, weight := 0, float64(lines)/float64(max(1, len(s.drained.lines)))
	for _, line := range s.drained.lines {
		s.line(s.drained.text[start:line.end], line.sender, weight)
		start = line.end
	}
}

// line adds a line that stands for weight lines.
func (s *session) line(text []byte, from Sender, weight float64) {
	s.decoder.Reset(text)
	for s.decoder.Next() {
		for {
			sample, err := s.decoder.Sample()
			if sample == nil && err == nil {
				break
			}
			if err == nil && sample.Kind != protocol.KindEvent {
				s.estimates.add(s.locator.Locate(sample), from, weight)
			}
		}
	}
}

// step ends a step of so many seconds, and publishes the rates.
func (s *session) step(now time.Time, seconds float64) {
	for _, l := range s.tap.allLanes() {
		l.mu.Lock()
		if l.begun == s {
			l.table.step(seconds)
		}
		l.mu.Unlock()
	}
	s.stepBegan = now
	rates := s.estimates.step(seconds, s.tap.programs.Name)
	rates.Since, rates.At, rates.Every = s.began, now, s.every.Load()
	s.size.Store(int64(s.drained.bytes() + s.estimates.bytes()))
	s.tap.publish(s, rates)
}
