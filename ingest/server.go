package ingest

import (
	"context"
	"errors"
	"net/netip"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"weir/aggregate"
	"weir/ingest/dgram"
	"weir/ingest/relay"
)

// Server listens on every address of its options and records what comes into a registry.
type Server struct {
	options  Options
	registry *aggregate.Registry
	log      zerolog.Logger

	udp      []*udpLoop
	streams  []*streamLoop // for TCP, and for a unix socket
	shared   *connections  // of streams; nil before the first
	unixgram *unixgramLoop // nil when there is none
	udpAt    []netip.AddrPort
	tcpAt    []netip.AddrPort

	rejects *rejectRing
	relay   *relay.Relay // nil when there is none

	stopping chan struct{}  // closed by Close
	running  sync.WaitGroup // the goroutine of run

	closeOnce sync.Once
	closeErr  error
}

// NewServer returns a server that is not started. The options must be valid.
func NewServer(o Options, registry *aggregate.Registry, log zerolog.Logger) *Server {
	if o.Loops == 0 {
		o.Loops = runtime.GOMAXPROCS(0)
	}
	if !dgram.Spreads {
		o.Loops = 1
	}
	s := &Server{
		options: o, registry: registry, log: log, stopping: make(chan struct{}),
		rejects: newRejectRing(rejectCapacity, registry.Now),
	}
	if len(o.Relay) > 0 {
		s.relay = relay.New(o.Relay, int(o.RelayDatagram), log)
	}
	return s
}

// Start opens every address and begins to read. On an error, which names the address and what to do,
// nothing stays open.
func (s *Server) Start() error {
	if err := s.open(); err != nil {
		_ = s.Close(context.Background()) // the first error tells
		return err
	}
	if s.relay != nil {
		s.relay.Start()
	}
	s.running.Add(1)
	go s.run() // ends when Close closes s.stopping; Close waits for it
	return nil
}

func (s *Server) open() (err error) {
	if s.udpAt, err = endpoints("udp", s.options.UDP); err != nil {
		return err
	}
	if s.tcpAt, err = endpoints("tcp", s.options.TCP); err != nil {
		return err
	}
	for i := 0; i < s.options.Loops && len(s.udpAt) > 0; i++ {
		loop := newUDPLoop(&s.options, s.registry, s.log)
		s.adopt(loop.in)
		if err := loop.start(s.udpAt, &s.options); err != nil {
			return listenError("udp", join(s.udpAt), err)
		}
		s.udp = append(s.udp, loop)
	}
	if err := s.spread(); err != nil {
		return err
	}
	if len(s.tcpAt) > 0 {
		if err := s.openStream("tcp", urls("tcp", s.tcpAt)); err != nil {
			return listenError("tcp", join(s.tcpAt), err)
		}
	}
	return s.openUnix()
}

func (s *Server) openUnix() error {
	if s.options.Unix != "" {
		if err := s.openStream("unix", []string{unixURL(s.options.Unix)}); err != nil {
			return err
		}
	}
	if s.options.Unixgram == "" {
		return nil
	}
	loop := newUnixgramLoop(&s.options, s.registry, s.log)
	s.adopt(loop.in)
	if err := loop.start(&s.options); err != nil {
		return err
	}
	s.unixgram = loop
	return nil
}

func (s *Server) openStream(network string, addresses []string) error {
	loop := newStreamLoop(network, &s.options, s.registry, s.log)
	s.adopt(loop.in)
	if s.shared == nil {
		s.shared = newConnections(&s.options, s.log)
	}
	loop.connections = s.shared
	err := loop.start(addresses)
	if loop.engine != nil {
		s.streams = append(s.streams, loop)
	}
	return err
}

// spread spreads datagrams over the loops as the options want; the kernel does it by flow.
func (s *Server) spread() error {
	if s.options.Spread == SpreadRandom && !dgram.Spreads {
		s.log.Warn().Msg("ingest.spread: random has no effect: only Linux spreads datagrams over loops")
	}
	if s.options.Spread != SpreadRandom || len(s.udp) < 2 {
		return nil
	}
	for _, socket := range s.udp[0].sockets {
		if err := socket.SpreadRandomly(len(s.udp)); err != nil {
			return err
		}
	}
	return nil
}

// adopt gives an intake what all of them share.
func (s *Server) adopt(in *intake) {
	in.rejects = s.rejects
	if s.relay != nil {
		in.relay, in.relayAll = s.relay.NewBuffer(), s.options.RelayLines == RelayAll
	}
}

// Rejects returns the last lines that were not recorded, or not all of them, newest first. Of many only
// some are kept.
func (s *Server) Rejects() []Reject { return s.rejects.last() }

func join(addresses []netip.AddrPort) string {
	list := make([]string, len(addresses))
	for i, a := range addresses {
		list[i] = a.String()
	}
	return strings.Join(list, ", ")
}

// run does what is due every tick, until Close.
func (s *Server) run() {
	defer s.running.Done()
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for {
		select {
		case <-s.stopping:
			return
		case <-ticker.C:
			for _, loop := range s.streams {
				loop.tick()
			}
		}
	}
}

// UDP returns the addresses that datagrams are taken on, with the ports that were bound.
func (s *Server) UDP() []netip.AddrPort { return s.udpAt }

// TCP returns the addresses that connections are taken on, with the ports that were bound.
func (s *Server) TCP() []netip.AddrPort { return s.tcpAt }

// Close stops accepting, takes what the sockets still hold, closes them and waits for every goroutine, at
// most until ctx is done. When it returns nil, everything that reached a socket is in the registry and in
// the ledger. It is safe twice.
func (s *Server) Close(ctx context.Context) error {
	s.closeOnce.Do(func() { s.closeErr = s.close(ctx) })
	return s.closeErr
}

func (s *Server) close(ctx context.Context) error {
	close(s.stopping)
	s.running.Wait()
	parts := s.parts()
	errs := make([]error, len(parts))
	var ending sync.WaitGroup
	for i, p := range parts { // together: gnet looks for the end of an engine only twice a second
		ending.Go(func() { errs[i] = p.stop(ctx) })
	}
	ending.Wait()
	deadline := time.Now().Add(drainLimit)
	for i, p := range parts {
		if p.drainer != nil && errs[i] == nil { // else its goroutine may still own the loop
			p.drainer.finish(deadline)
		}
	}
	if s.relay != nil {
		s.relay.Close(ctx) // after the loops, which fill it
	}
	return errors.Join(errs...)
}

// part is a loop that can be stopped.
type part struct {
	stop    func(context.Context) error
	drainer *drainer // of what its sockets hold after that; nil for streams
}

func (s *Server) parts() (list []part) {
	for _, loop := range s.udp {
		loop.closing.Store(true)
		list = append(list, part{loop.engine.stop, &loop.drainer})
	}
	for _, loop := range s.streams {
		list = append(list, part{loop.engine.stop, nil})
	}
	if s.unixgram != nil {
		list = append(list, part{s.unixgram.stop, &s.unixgram.drainer})
	}
	return list
}

// drainLimit bounds how long Close takes datagrams from sockets that senders keep filling.
const drainLimit = time.Second
