package aggregate

import "sync/atomic"

// expired is what lastSeen holds of a cell that no longer counts.
const expired = ^uint32(0)

// lastSeen is the second in which a cell was last written, by clock.seconds, or expired. It is written once
// a second by whoever writes the cell, and by a sweep.
type lastSeen struct{ second atomic.Uint32 }

// touch notes a write at now and reports whether the cell still counts; if not, the key must be resolved
// anew.
//
// Fast path: one load of the line that the write needs anyway.
func (l *lastSeen) touch(now uint32) bool { return l.second.Load() == now || l.renew(now) }

func (l *lastSeen) renew(now uint32) bool {
	for {
		old := l.second.Load()
		if old == expired {
			return false
		}
		if l.second.CompareAndSwap(old, now) {
			return true
		}
	}
}

// idle reports whether nothing was written for ttl seconds.
func (l *lastSeen) idle(now, ttl uint32) bool {
	second := l.second.Load()
	return second <= now && now-second >= ttl
}

// expire marks an idle cell and returns what to give to revive if it must live on after all.
func (l *lastSeen) expire(now, ttl uint32) (before uint32, done bool) {
	before = l.second.Load()
	done = before <= now && now-before >= ttl && l.second.CompareAndSwap(before, expired)
	return before, done
}

func (l *lastSeen) revive(before uint32) { l.second.Store(before) }

func (l *lastSeen) gone() bool { return l.second.Load() == expired }
