package aggregate

import (
	"sync/atomic"
	"time"
)

// clock is the coarse time of a registry. The hit path never asks the system for the time: it reads the
// last tick.
type clock struct {
	setWindow setWindow

	now atomic.Int64 // seconds since the epoch; written by Registry.Tick
}

func (c *clock) seconds() int64 { return c.now.Load() }

// Now returns the coarse time of the registry, in seconds since the epoch: that of the last Tick.
func (r *Registry) Now() int64 { return r.clock.seconds() }

// Tick tells the registry the time, to a second. Call it about once a second, from any goroutine.
func (r *Registry) Tick(now time.Time) { r.clock.now.Store(now.Unix()) }
