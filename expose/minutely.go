package expose

import (
	"sync/atomic"
	"time"
)

// minutely lets through one of many that ask, a minute at the earliest after the one before. The zero value
// lets the first through. It may be used from any goroutine.
type minutely struct {
	last atomic.Int64 // when one was let through, in seconds since 1970; written by whoever was
}

func (m *minutely) pass(now time.Time) bool {
	last := m.last.Load()
	return now.Unix()-last >= 60 && m.last.CompareAndSwap(last, now.Unix())
}
