package ingest

import (
	"sync/atomic"

	"github.com/rs/zerolog"
	"golang.org/x/sys/unix"
)

// connections counts the stream connections of all transports together and caps them, since they share the
// limit on open files. Any loop may use it.
type connections struct {
	most   int64
	active atomic.Int64
}

func newConnections(most int, log zerolog.Logger) *connections {
	return &connections{most: int64(connectionCap(most, log))}
}

// acquire counts one more connection, and returns false when there are too many. A connection that was
// acquired must be released.
func (c *connections) acquire() bool {
	for {
		n := c.active.Load()
		if n >= c.most {
			return false
		}
		if c.active.CompareAndSwap(n, n+1) { // more than one loop acquires
			return true
		}
	}
}

func (c *connections) release() { c.active.Add(-1) }

// openFilesReserve returns how many of so many descriptors are left for the rest of the process, HTTP above
// all, which takes an eighth, up to 512: without a free descriptor, gnet's engine would end.
func openFilesReserve(files int) int {
	const others, least = 128, 256
	return max(least, others+min(512, files/8))
}

// connectionCap lowers most to what the limit on open files allows.
func connectionCap(most int, log zerolog.Logger) int {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil || limit.Cur > 1<<30 {
		return most
	}
	files := int(limit.Cur)
	allowed := max(files-openFilesReserve(files), files/4, 1)
	if most <= allowed {
		return most
	}
	log.Warn().Int("max_connections", most).Int("open_files", files).Int("allowed", allowed).
		Msg("ingest.max_connections is more than the limit on open files allows (ulimit -n), and is lowered")
	return allowed
}
