package ingest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"sync"
	"time"

	"github.com/panjf2000/gnet/v2"

	"weir/ingest/dgram"
	"weir/internal/listen"
)

// udp is the transport of UDP. Its loops share every address: the kernel spreads datagrams over them.
type udp struct {
	shared *shared
	bound  []netip.AddrPort
	loops  []*udpLoop
}

func probeUDP(o *Options) error {
	_, err := listen.Addresses("udp", "ingest.udp", o.UDP)
	return err
}

func newUDP(s *shared) transport { return &udp{shared: s} }

func (u *udp) start() (err error) {
	if u.bound, err = listen.Addresses("udp", "ingest.udp", u.shared.options.UDP); err != nil {
		return err
	}
	for range u.loopCount() {
		loop := newUDPLoop(u.shared)
		if err := loop.start(u.bound); err != nil {
			return listenError("udp", u.bound, err)
		}
		u.loops = append(u.loops, loop)
	}
	return u.spread()
}

func (u *udp) loopCount() int {
	switch {
	case !dgram.Spreads:
		return 1
	case u.shared.options.Loops == 0:
		return runtime.GOMAXPROCS(0)
	default:
		return u.shared.options.Loops
	}
}

// spread makes the kernel spread datagrams at random, if the options say so; by default it does by flow.
func (u *udp) spread() error {
	if u.shared.options.Spread != SpreadRandom {
		return nil
	}
	if !dgram.Spreads {
		u.shared.log.Warn().
			Msg("ingest.spread: random has no effect: only Linux spreads datagrams over loops")
	}
	if len(u.loops) < 2 {
		return nil
	}
	for _, socket := range u.loops[0].sockets {
		if err := socket.SpreadRandomly(len(u.loops)); err != nil {
			return err
		}
	}
	return nil
}

func (u *udp) addresses() []string { return texts(u.bound) }

func (*udp) tick() {}

// stop ends all loops at the same time: each may sleep for as long as ingest.coalesce.
func (u *udp) stop(ctx context.Context) error {
	errs := make([]error, len(u.loops))
	var ending sync.WaitGroup
	for i, loop := range u.loops {
		ending.Go(func() { errs[i] = loop.stop(ctx) })
	}
	ending.Wait()
	return errors.Join(errs...)
}

func (u *udp) drain(deadline time.Time) {
	for _, loop := range u.loops {
		loop.drain(deadline)
	}
}

func (u *udp) stats() (sum TransportStats) {
	for _, loop := range u.loops {
		stats := loop.stats()
		sum.add(&stats)
	}
	return sum
}

// udpLoop takes the datagrams of one socket on each UDP address. Its fields belong to the goroutine of its
// engine, and to Server.Close after that goroutine has ended.
type udpLoop struct {
	booter
	drainer

	shared *shared
	engine *engine
	first  datagramPeer // of the datagram that gnet has read
}

// datagramPeer is the sender of a datagram that gnet has read.
type datagramPeer struct{ address netip.AddrPort }

// Peer returns the address.
func (p *datagramPeer) Peer() (address netip.AddrPort, process int32) { return p.address, 0 }

// addressOf returns the address at the other end of a connection over UDP or TCP; the zero AddrPort for a
// unix socket.
func addressOf(c gnet.Conn) netip.AddrPort {
	switch a := c.RemoteAddr().(type) {
	case *net.UDPAddr:
		return a.AddrPort()
	case *net.TCPAddr:
		return a.AddrPort()
	default:
		return netip.AddrPort{}
	}
}

func newUDPLoop(s *shared) *udpLoop { return &udpLoop{drainer: newDrainer(s, "udp"), shared: s} }

// start opens a socket on each address and begins to read.
func (l *udpLoop) start(addresses []netip.AddrPort) (err error) {
	l.onBoot = func(e gnet.Engine) {
		for _, a := range addresses {
			fd, err := e.DupListener("udp", a.String())
			if err != nil {
				panic(fmt.Sprintf("BUG: no listener on %s: %v", a, err))
			}
			l.add(fd, "udp://"+a.String(), nil)
		}
	}
	l.engine, err = startEngine(urls("udp", addresses), l, &l.booter, l.shared.gnetLog)
	return err
}

// OnTraffic takes the datagram that gnet has read, and then, without gnet, the datagrams behind it.
func (l *udpLoop) OnTraffic(c gnet.Conn) gnet.Action {
	l.first.address = addressOf(c)
	l.in.from(l.listenerOf(c), &l.first)
	first, _ := c.Next(-1) // all bytes of the datagram: no error
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

// stop ends the engine and waits for its goroutine, at most until ctx is done.
func (l *udpLoop) stop(ctx context.Context) error {
	l.closing.Store(true)
	err := l.engine.stop(ctx)
	l.ended = err == nil
	return err
}
