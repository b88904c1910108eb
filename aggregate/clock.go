package aggregate

import (
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/cpu"
)

// clock is the coarse time of a registry. The hit path never asks the system for the time: it reads the
// last tick.
//
// It goes by the time that passed between ticks, so that a wall clock that is set back, or forward, expires
// nothing and makes no window longer.
type clock struct {
	mu      sync.Mutex
	started time.Time     // the first tick; guarded by mu
	last    time.Time     // guarded by mu
	passed  time.Duration // since started, never less; guarded by mu

	_      cpu.CacheLinePad // every hit reads what follows, and births write what is around a clock
	coarse atomic.Uint32    // seconds since the epoch as of started, plus passed; written by tick
	wall   atomic.Int64     // seconds since the epoch as the system has it; written by tick
	_      cpu.CacheLinePad
}

// tick moves the clock to now. Times with a monotonic reading, as time.Now returns, are compared by it.
func (c *clock) tick(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.started.IsZero() {
		c.started, c.last = now, now
	}
	c.passed += max(0, now.Sub(c.last))
	c.last = now
	c.coarse.Store(uint32(c.started.Add(c.passed).Unix()))
	c.wall.Store(now.Unix())
}

// seconds returns a time that never goes back: the seconds since the epoch if the system's clock was right at
// the first tick.
func (c *clock) seconds() uint32 { return c.coarse.Load() }

// Now returns the coarse wall clock of the registry, in seconds since the epoch: that of the last Tick.
func (r *Registry) Now() int64 { return r.clock.wall.Load() }

// Tick tells the registry the time, to a second. Call it about once a second, from any goroutine, with a
// time that has a monotonic reading.
func (r *Registry) Tick(now time.Time) { r.clock.tick(now) }
