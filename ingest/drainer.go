package ingest

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"weir/ingest/dgram"
)

const (
	// maxSleeps bounds how often a loop sleeps and drains before it returns to its poller, which then sees
	// other events; if datagrams wait, the poller wakes the loop again at once.
	maxSleeps = 64

	// maxReceives bounds how many batches in a row are read from one socket before the next gets its turn.
	maxReceives = 32
)

// drainer takes the datagrams that wait in the sockets of one loop, and sleeps so that more gather. It belongs
// to the goroutine of its loop, and to Server.Close after that goroutine has ended.
type drainer struct {
	in        *intake
	batch     *dgram.Batch
	sockets   []*dgram.Socket
	coalescer dgram.Coalescer

	closing atomic.Bool // written by Server.Close
}

// add adds a socket, and warns when its receive buffer is smaller than the requested size.
func (d *drainer) add(s *dgram.Socket, requested int, log zerolog.Logger) {
	d.sockets = append(d.sockets, s)
	if s.BufferBytes() >= requested*dgram.BufferFactor {
		return
	}
	log.Warn().Str("listener", s.Listener()).Int("requested_bytes", requested).
		Int("granted_bytes", s.BufferBytes()/dgram.BufferFactor).
		Str("try", fmt.Sprintf("sysctl -w net.core.rmem_max=%d", requested)).
		Msg("the receive buffer is smaller than requested: the kernel may drop datagrams of a burst")
}

// gather drains, then sleeps and drains until a sleep brought nothing. It returns how many datagrams the last
// drain took: unless that is 0, more may wait.
func (d *drainer) gather() (last int) {
	d.in.shard.Woke()
	last, _ = d.drain()
	for range maxSleeps {
		if d.coalescer.Next() == 0 || d.closing.Load() {
			break
		}
		d.coalescer.Sleep()
		d.in.shard.Woke()
		datagrams, bytes := d.drain()
		if datagrams == 0 {
			return 0
		}
		last = datagrams
		d.coalescer.Drained(datagrams, bytes)
	}
	return last
}

// drain takes the datagrams that wait in the sockets, and publishes the counts.
func (d *drainer) drain() (datagrams, bytes int) {
	before := d.in.tally.Bytes
	for _, s := range d.sockets {
		d.in.from(s.Listener(), d.batch)
		for range maxReceives {
			n, err := s.Receive(d.batch)
			if err != nil {
				break // the socket counts it
			}
			for i := range n {
				d.in.datagram(d.batch.Datagram(i))
			}
			datagrams += n
			if n < dgram.BatchSize || d.closing.Load() {
				break
			}
		}
	}
	bytes = int(d.in.tally.Bytes - before)
	d.in.publish()
	return datagrams, bytes
}

// finish takes the datagrams that the sockets still hold, until deadline at the latest, and closes the sockets.
// The loop must have ended.
func (d *drainer) finish(deadline time.Time) {
	for time.Now().Before(deadline) {
		if n, _ := d.drain(); n == 0 {
			break
		}
	}
	for _, s := range d.sockets {
		s.Close()
	}
}
