package ingest

import (
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/panjf2000/gnet/v2"
	"github.com/rs/zerolog"

	"weir/aggregate"
)

const (
	// maxNaps bounds how often a loop naps and drains before it returns to gnet, which then sees other
	// events; with datagrams waiting gnet calls it again at once.
	maxNaps = 64

	// maxReceives bounds how many batches in a row are read from one socket before the next gets its turn.
	maxReceives = 32
)

// udpLoop takes the datagrams of one socket on each UDP address. Its fields belong to the goroutine of its
// engine, and to Server.Close after that has ended.
type udpLoop struct {
	booter

	in          *intake
	batch       *batch
	sockets     []*udpSocket
	coalescer   coalescer
	maxDatagram int
	engine      *engine
	log         zerolog.Logger

	closing atomic.Bool // written by Server.Close
}

func newUDPLoop(o *Options, registry *aggregate.Registry, log zerolog.Logger) *udpLoop {
	return &udpLoop{
		in:          newIntake(o, registry, log),
		batch:       newBatch(int(o.MaxDatagram)),
		maxDatagram: int(o.MaxDatagram),
		log:         log,
	}
}

// start opens a socket on each address and begins to read.
func (l *udpLoop) start(addresses []netip.AddrPort, o *Options) (err error) {
	l.onBoot = func(e gnet.Engine) {
		smallest := 0
		for _, a := range addresses {
			s := openUDPSocket(e, a, int(o.ReceiveBuffer), l.log)
			l.sockets = append(l.sockets, s)
			if smallest == 0 || s.granted < smallest {
				smallest = s.granted
			}
		}
		l.coalescer = newCoalescer(o.Coalesce, smallest)
	}
	l.engine, err = startEngine("udp", addresses, l, &l.booter, l.log)
	return err
}

// OnTraffic takes the datagram that gnet has read, and then, without gnet, those that wait behind it; and
// goes on to nap and drain until a nap brought nothing.
func (l *udpLoop) OnTraffic(c gnet.Conn) gnet.Action {
	l.in.from(l.listenerOf(c), c)
	first, _ := c.Next(-1) // everything there is: no error
	l.in.datagram(first[:min(len(first), l.maxDatagram)], len(first) > l.maxDatagram)
	l.drain()
	for range maxNaps {
		if l.coalescer.nap == 0 || l.closing.Load() {
			break
		}
		time.Sleep(l.coalescer.nap)
		datagrams, bytes := l.drain()
		if datagrams == 0 {
			break
		}
		l.coalescer.drained(datagrams, bytes)
	}
	return gnet.None
}

// listenerOf returns the listener of a datagram that gnet has read.
func (l *udpLoop) listenerOf(c gnet.Conn) string {
	if len(l.sockets) == 1 { // mostly
		return l.sockets[0].listener
	}
	return "udp://" + c.LocalAddr().String()
}

// drain takes what waits in the sockets, and publishes the counts.
func (l *udpLoop) drain() (datagrams, bytes int) {
	before := l.in.tally.Bytes
	for _, s := range l.sockets {
		l.in.from(s.listener, l.batch)
		for range maxReceives {
			n, err := l.batch.receive(s.fd)
			if err != nil {
				s.receiveErrors.Add(1)
				break
			}
			for i := range n {
				l.in.datagram(l.batch.datagram(i))
			}
			datagrams += n
			if n < batchDatagrams {
				break
			}
		}
	}
	bytes = int(l.in.tally.Bytes - before)
	l.in.publish()
	return datagrams, bytes
}

// finish takes what the sockets still hold, until deadline at the latest, and closes them. The engine must
// have ended.
func (l *udpLoop) finish(deadline time.Time) {
	for time.Now().Before(deadline) {
		if n, _ := l.drain(); n == 0 {
			break
		}
	}
	for _, s := range l.sockets {
		s.close()
	}
}
