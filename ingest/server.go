package ingest

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"weir/aggregate"
	"weir/ingest/relay"
	"weir/ingest/tap"
)

// drainTimeout bounds how long Close takes datagrams from sockets that senders keep filling.
const drainTimeout = time.Second

// Server listens on every address of its options and records what comes into a registry.
type Server struct {
	options Options
	shared  shared
	slots   []slot // one for each row of the table

	stopping chan struct{}  // closed by Close
	running  sync.WaitGroup // the goroutine of run

	closeOnce sync.Once
	closeErr  error
}

// slot is a row of the table of transports in one server.
type slot struct {
	row

	transport transport // written by Start; nil when the options leave it off
}

// NewServer returns a server that is not started. The options must be valid.
func NewServer(o Options, registry *aggregate.Registry, log zerolog.Logger) *Server {
	return newServer(o, registry, log, transports)
}

func newServer(o Options, registry *aggregate.Registry, log zerolog.Logger, table []row) *Server {
	s := &Server{options: o, stopping: make(chan struct{})}
	s.shared = shared{
		options: &s.options, registry: registry, log: log, gnetLog: newGnetLog(log),
		samples: newSampleLog(log),
		rejects: newRejectRing(rejectCapacity, registry.Now),
		tap: tap.New(tap.Options{
			Registry: registry, Decoder: o.Decoder(), Tagging: o.Tagging(),
			Programs: tap.NewPrograms(registry.Now), Log: log,
		}),
	}
	if len(o.Relay) > 0 {
		s.shared.relay = relay.New(o.relay(), log)
	}
	for _, r := range table {
		s.slots = append(s.slots, slot{row: r})
	}
	return s
}

// Probe returns everything that is in the way of Start, joined: each address that is taken or wrong, with
// what to do. It leaves nothing open, and removes only sockets that nobody listens on.
func (s *Server) Probe() error {
	var errs []error
	for i := range s.slots {
		if s.slots[i].isOn(&s.options) {
			errs = append(errs, s.slots[i].probe(&s.options))
		}
	}
	if s.shared.relay != nil {
		errs = append(errs, s.shared.relay.Check())
	}
	return errors.Join(errs...)
}

// Start opens every address and begins to read. On an error, which names the address and what to do,
// nothing stays open.
func (s *Server) Start() error {
	if err := s.open(); err != nil {
		_ = s.Close(context.Background()) // the first error says why
		return err
	}
	if s.shared.relay != nil {
		s.shared.relay.Start()
	}
	s.running.Add(1)
	go s.run() // ends when Close closes s.stopping; Close waits for it
	return nil
}

func (s *Server) open() error {
	if s.shared.relay != nil {
		if err := s.shared.relay.Check(); err != nil {
			return err
		}
	}
	for i := range s.slots {
		if !s.slots[i].isOn(&s.options) {
			continue
		}
		s.slots[i].transport = s.slots[i].create(&s.shared)
		if err := s.slots[i].transport.start(); err != nil {
			return err
		}
	}
	return nil
}

// run ticks the transports until Close.
func (s *Server) run() {
	defer s.running.Done()
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for {
		select {
		case <-s.stopping:
			return
		case <-ticker.C:
			for _, t := range s.opened() {
				t.tick()
			}
		}
	}
}

// opened returns the transports that were created.
func (s *Server) opened() (list []transport) {
	for i := range s.slots {
		if t := s.slots[i].transport; t != nil {
			list = append(list, t)
		}
	}
	return list
}

// Listener is one address that lines are taken on.
type Listener struct {
	// Transport is the name of the transport, like "udp".
	Transport string
	// Address is like "127.0.0.1:9125", with the port that was bound, or the path of a unix socket.
	Address string
}

// Listeners returns every address that lines are taken on. Any goroutine may call it once Start has returned.
func (s *Server) Listeners() (list []Listener) {
	for i := range s.slots {
		if s.slots[i].transport == nil {
			continue
		}
		for _, address := range s.slots[i].transport.addresses() {
			list = append(list, Listener{Transport: s.slots[i].name, Address: address})
		}
	}
	return list
}

// Stats returns the current counts. Any goroutine may call it once Start has returned, also after Close.
func (s *Server) Stats() Stats {
	var stats Stats
	for i := range s.slots {
		var t TransportStats
		if s.slots[i].transport != nil {
			t = s.slots[i].transport.stats()
		}
		t.Name = s.slots[i].name
		stats.Transports = append(stats.Transports, t)
	}
	if s.shared.relay != nil {
		stats.Relay = s.shared.relay.Stats()
	}
	return stats
}

// LogSamples logs some of the samples at debug level, ten a second, or ends that. Any goroutine may call it,
// at any time.
func (s *Server) LogSamples(isOn bool) { s.shared.samples.isOn.Store(isOn) }

// Tap returns what shows lines and senders to somebody who looks.
func (s *Server) Tap() *tap.Tap { return s.shared.tap }

// Rejects returns the last lines that were rejected, whole or in part, newest first. Of a flood it has a
// selection.
func (s *Server) Rejects() []Reject { return s.shared.rejects.last() }

// Close stops accepting, takes the datagrams and bytes that the sockets still hold, closes them and waits for
// every goroutine, at most until ctx is done. When it returns nil, everything that reached a socket is in the
// registry and in the ledger. It is safe twice.
func (s *Server) Close(ctx context.Context) error {
	s.closeOnce.Do(func() { s.closeErr = s.close(ctx) })
	return s.closeErr
}

func (s *Server) close(ctx context.Context) error {
	close(s.stopping)
	s.running.Wait()
	s.shared.tap.Close()
	opened := s.opened()
	errs := make([]error, len(opened))
	var ending sync.WaitGroup
	for i, t := range opened { // together: a loop may be asleep, see drainer.gather
		ending.Go(func() { errs[i] = t.stop(ctx) })
	}
	ending.Wait()
	deadline := time.Now().Add(drainTimeout)
	for _, t := range opened {
		t.drain(deadline)
	}
	if s.shared.relay != nil {
		s.shared.relay.Close(ctx) // last: loops fill it until they have ended
	}
	return errors.Join(errs...)
}
