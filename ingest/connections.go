package ingest

import (
	"sync/atomic"

	"github.com/rs/zerolog"
	"golang.org/x/sys/unix"
)

// connections counts the stream connections of all networks together and keeps them to a cap, since they
// share the limit on open files. It may be used by any loop.
type connections struct {
	most   int64
	active atomic.Int64
}

func newConnections(o *Options, log zerolog.Logger) *connections {
	return &connections{most: int64(connectionCap(o.MaxConnections, log))}
}

// acquire counts one more connection, and returns false when there are too many. One that was acquired is
// to be released.
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

// openFilesReserve is how many descriptors are left to the rest of the process: running out of them would
// end gnet's engine.
const openFilesReserve = 256

// connectionCap lowers most to what the limit on open files allows.
func connectionCap(most int, log zerolog.Logger) int {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil || limit.Cur > 1<<30 {
		return most
	}
	files := int(limit.Cur)
	room := max(files-openFilesReserve, files/4, 1)
	if most <= room {
		return most
	}
	log.Warn().Int("max_connections", most).Int("open_files", files).Int("allowed", room).
		Msg("ingest.max_connections is lowered to what the limit on open files allows (ulimit -n)")
	return room
}
