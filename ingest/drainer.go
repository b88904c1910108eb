package ingest

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"weir/ingest/dgram"
)

const (
	// maxSleeps bounds how often a loop sleeps and reads before it returns to its poller, which then sees
	// other events; if datagrams wait, the poller wakes the loop again at once.
	maxSleeps = 64

	// maxReceives bounds how many batches in a row are read from one socket before the next gets its turn.
	maxReceives = 32
)

// drainer takes the datagrams that wait in the sockets of one loop, and sleeps so that more gather. It
// belongs to the goroutine of its loop, and to Server.Close after that goroutine has ended.
type drainer struct {
	in            *intake
	batch         *dgram.Batch
	maxDatagram   int // bytes
	receiveBuffer int // bytes to request for each socket
	longestSleep  time.Duration
	log           zerolog.Logger

	sockets   []*dgram.Socket
	coalescer dgram.Coalescer // for the smallest receive buffer of the sockets

	closing atomic.Bool // written when the loop is to end
	ended   bool        // whether the loop has ended; written by Server.Close
}

// newDrainer returns a drainer without sockets for a transport. Unix sockets report which process sends.
func newDrainer(s *shared, transport string) drainer {
	o := s.options
	return drainer{
		in: s.newIntake(transport), batch: dgram.NewBatch(int(o.MaxDatagram), transport == "unixgram"),
		maxDatagram: int(o.MaxDatagram), receiveBuffer: int(o.ReceiveBuffer), longestSleep: o.Coalesce,
		log: s.log,
	}
}

// add adds the socket of descriptor fd, which listens on listener and which release closes (see
// dgram.NewSocket). It warns when the receive buffer is smaller than requested.
func (d *drainer) add(fd int, listener string, release func()) {
	s := dgram.NewSocket(fd, listener, d.receiveBuffer, release)
	d.sockets = append(d.sockets, s)
	smallest := s.BufferBytes()
	for _, other := range d.sockets {
		smallest = min(smallest, other.BufferBytes())
	}
	d.coalescer = dgram.NewCoalescer(d.longestSleep, smallest)
	if s.BufferBytes() >= d.receiveBuffer*dgram.BufferFactor {
		return
	}
	d.log.Warn().Str("listener", listener).Int("requested_bytes", d.receiveBuffer).
		Int("granted_bytes", s.BufferBytes()/dgram.BufferFactor).
		Str("try", fmt.Sprintf("sysctl -w net.core.rmem_max=%d", d.receiveBuffer)).
		Msg("the receive buffer is smaller than requested: the kernel may drop datagrams of a burst")
}

// gather reads, then sleeps and reads until a sleep brought nothing. It returns how many datagrams the last
// read took: unless that is 0, more may wait.
func (d *drainer) gather() (last int) {
	d.in.shard.Woke()
	last, _ = d.read()
	for range maxSleeps {
		if d.coalescer.Next() == 0 || d.closing.Load() {
			break
		}
		d.coalescer.Sleep()
		d.in.shard.Woke()
		datagrams, bytes := d.read()
		if datagrams == 0 {
			return 0
		}
		last = datagrams
		d.coalescer.Drained(datagrams, bytes)
	}
	return last
}

// read takes the datagrams that wait in the sockets, and publishes the counts.
func (d *drainer) read() (datagrams, bytes int) {
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

// drain takes the datagrams that the sockets still hold, until deadline at the latest, and closes the
// sockets. It does nothing unless the loop has ended: the loop would still own them.
func (d *drainer) drain(deadline time.Time) {
	if !d.ended {
		return
	}
	d.empty(deadline)
	for _, s := range d.sockets {
		s.Close()
	}
}

// empty takes the datagrams that the sockets still hold, until deadline at the latest.
func (d *drainer) empty(deadline time.Time) {
	for time.Now().Before(deadline) {
		if n, _ := d.read(); n == 0 {
			break
		}
	}
}

// stats returns the counts of the loop and its sockets. Any goroutine may call it.
func (d *drainer) stats() TransportStats {
	stats := TransportStats{Ledger: d.in.published.load()}
	for _, s := range d.sockets {
		stats.Sockets = append(stats.Sockets, s.Stats())
	}
	return stats
}
