package ingest

import (
	"fmt"
	"net/netip"

	"github.com/panjf2000/gnet/v2"
	"github.com/rs/zerolog"

	"weir/aggregate"
	"weir/ingest/dgram"
)

// udpLoop takes the datagrams of one socket on each UDP address. Its fields belong to the goroutine of its
// engine, and to Server.Close after that has ended.
type udpLoop struct {
	booter
	drainer

	maxDatagram int
	engine      *engine
	log         zerolog.Logger
}

func newUDPLoop(o *Options, registry *aggregate.Registry, log zerolog.Logger) *udpLoop {
	return &udpLoop{
		drainer:     drainer{in: newIntake(o, registry, log), batch: dgram.NewBatch(int(o.MaxDatagram), false)},
		maxDatagram: int(o.MaxDatagram),
		log:         log,
	}
}

// start opens a socket on each address and begins to read.
func (l *udpLoop) start(addresses []netip.AddrPort, o *Options) (err error) {
	l.onBoot = func(e gnet.Engine) {
		smallest := 0
		for _, a := range addresses {
			fd, err := e.DupListener("udp", a.String())
			if err != nil {
				panic(fmt.Sprintf("BUG: no listener on %s: %v", a, err))
			}
			s := dgram.NewSocket(fd, "udp://"+a.String(), int(o.ReceiveBuffer), nil)
			l.add(s, int(o.ReceiveBuffer), l.log)
			if smallest == 0 || s.BufferBytes() < smallest {
				smallest = s.BufferBytes()
			}
		}
		l.coalescer = dgram.NewCoalescer(o.Coalesce, smallest)
	}
	l.engine, err = startEngine(urls("udp", addresses), l, &l.booter, l.log)
	return err
}

// OnTraffic takes the datagram that gnet has read, and then, without gnet, those that wait behind it.
func (l *udpLoop) OnTraffic(c gnet.Conn) gnet.Action {
	l.in.from(l.listenerOf(c), c)
	first, _ := c.Next(-1) // everything there is: no error
	l.in.datagram(first[:min(len(first), l.maxDatagram)], len(first) > l.maxDatagram)
	l.gather()
	return gnet.None
}

// listenerOf returns the listener of a datagram that gnet has read.
func (l *udpLoop) listenerOf(c gnet.Conn) string {
	if len(l.sockets) == 1 { // mostly
		return l.sockets[0].Listener()
	}
	return "udp://" + c.LocalAddr().String()
}
