package ingest

import (
	"sync/atomic"
	"time"
)

const (
	// maxNaps bounds how often a loop naps and drains before it returns to what wakes it, which then sees
	// other events; with datagrams waiting it is woken again at once.
	maxNaps = 64

	// maxReceives bounds how many batches in a row are read from one socket before the next gets its turn.
	maxReceives = 32
)

// drainer takes what waits in the datagram sockets of one loop, and naps to let more gather. It belongs to
// the goroutine of its loop, and to Server.Close after that has ended.
type drainer struct {
	in        *intake
	batch     *batch
	sockets   []*socket
	coalescer coalescer

	closing atomic.Bool // written by Server.Close
}

// gather drains, and goes on to nap and drain until a nap brought nothing. It returns how many datagrams the
// last drain took: unless that is 0, more may wait.
func (d *drainer) gather() (last int) {
	d.in.shard.Woke()
	last, _ = d.drain()
	for range maxNaps {
		if d.coalescer.nap == 0 || d.closing.Load() {
			break
		}
		d.coalescer.sleep()
		d.in.shard.Woke()
		datagrams, bytes := d.drain()
		if datagrams == 0 {
			return 0
		}
		last = datagrams
		d.coalescer.drained(datagrams, bytes)
	}
	return last
}

// drain takes what waits in the sockets, and publishes the counts.
func (d *drainer) drain() (datagrams, bytes int) {
	before := d.in.tally.Bytes
	for _, s := range d.sockets {
		d.in.from(s.listener, d.batch)
		for range maxReceives {
			n, err := d.batch.receive(s.fd)
			if err != nil {
				s.receiveErrors.Add(1)
				break
			}
			for i := range n {
				d.in.datagram(d.batch.datagram(i))
			}
			datagrams += n
			if n < batchDatagrams || d.closing.Load() {
				break
			}
		}
	}
	bytes = int(d.in.tally.Bytes - before)
	d.in.publish()
	return datagrams, bytes
}

// finish takes what the sockets still hold, until deadline at the latest, and closes them. The loop must have
// ended.
func (d *drainer) finish(deadline time.Time) {
	for time.Now().Before(deadline) {
		if n, _ := d.drain(); n == 0 {
			break
		}
	}
	for _, s := range d.sockets {
		s.close()
	}
}
