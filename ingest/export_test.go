package ingest

import (
	"context"
	"net/netip"
	"time"

	"github.com/rs/zerolog"

	"weir/aggregate"
	"weir/ingest/tap"
	"weir/internal/bytesize"
	"weir/protocol"
)

// Stream feeds chunks to one stream and returns its ledger.
func Stream(registry *aggregate.Registry, maxLine int, chunks ...[]byte) Ledger {
	return feed(registry, maxLine, framingNewline, chunks)
}

// UnixStream feeds chunks to one stream of a unix socket, whose framing they tell, and returns its ledger.
// Packets may have 200 bytes.
func UnixStream(registry *aggregate.Registry, chunks ...[]byte) Ledger {
	return feed(registry, 64, framingUnknown, chunks)
}

func feed(registry *aggregate.Registry, maxLine int, framing framing, chunks [][]byte) Ledger {
	o := DefaultOptions()
	o.MaxLine = bytesize.Size(maxLine)
	in := intakeOf(&o, registry)
	s := &stream{in: in, limits: streamLimits{line: maxLine, frame: 200}, framing: framing}
	for _, chunk := range chunks {
		if !s.feed(chunk) {
			break
		}
	}
	s.finish(false)
	in.publish()
	return in.published.load()
}

func intakeOf(o *Options, registry *aggregate.Registry) *intake {
	s := shared{options: o, registry: registry, log: zerolog.Nop()}
	return s.newIntake("udp")
}

// NewTaker returns functions that take a datagram as a loop does, and count the samples taken and recorded.
func NewTaker(registry *aggregate.Registry) (take func(datagram []byte), count func() (samples, recorded uint64)) {
	o := DefaultOptions()
	in := intakeOf(&o, registry)
	return func(datagram []byte) { in.datagram(datagram, false) },
		func() (uint64, uint64) { return in.tally.Samples, in.tally.Outcomes[protocol.ReasonNone] }
}

// Panicking takes datagrams with a shard that panics on every sample and returns the ledger.
func Panicking(datagrams ...string) Ledger {
	o := DefaultOptions()
	in := intakeOf(&o, aggregate.New(aggregate.DefaultOptions()))
	in.shard = nil
	for _, d := range datagrams {
		in.datagram([]byte(d), false)
	}
	in.publish()
	return in.published.load()
}

// LedgerWords is ledgerWords.
const LedgerWords = ledgerWords

// PublishedLedger is publishedLedger, for its unit test.
type PublishedLedger struct{ p publishedLedger }

// Publish calls publish.
func (p *PublishedLedger) Publish(tally *Ledger) { p.p.publish(tally) }

// Load calls load.
func (p *PublishedLedger) Load() Ledger { return p.p.load() }

// transportOf returns the transport of s that has type T.
func transportOf[T transport](s *Server) T {
	for _, t := range s.opened() {
		if found, ok := t.(T); ok {
			return found
		}
	}
	panic("the server has no such transport")
}

// EndTCP ends the TCP engine as a failing accept does.
func (s *Server) EndTCP(ctx context.Context) error { return transportOf[*tcp](s).engine.stop(ctx) }

// Idle ends TCP connections as if so many ticks had passed.
func (s *Server) Idle(ticks int) {
	for range ticks {
		transportOf[*tcp](s).closeIdle()
	}
}

// LoopsReached returns how many UDP loops have received something.
func (s *Server) LoopsReached() (n int) {
	for _, loop := range transportOf[*udp](s).loops {
		if loop.in.published.load().Datagrams > 0 {
			n++
		}
	}
	return n
}

// AcceptUntil sets a deadline for accepting connections of the unix stream socket: a time that has passed
// makes accept fail.
func (s *Server) AcceptUntil(deadline time.Time) error {
	return transportOf[*unixStream](s).listener.socket.SetDeadline(deadline)
}

// NewWatchedTaker is NewTaker with a tap, at which somebody looks (look is "on"), follows lines ("tail"), or does
// not. Call end at the end.
func NewWatchedTaker(registry *aggregate.Registry, look string) (
	take func(datagram []byte), count func() (samples, recorded uint64), end func(),
) {
	o := DefaultOptions()
	s := newServer(o, registry, zerolog.Nop(), nil)
	in := s.shared.newIntake("udp")
	in.from("udp://127.0.0.1:9125", &datagramPeer{netip.MustParseAddrPort("127.0.0.1:4711")})
	switch look {
	case "on":
		s.Tap().Senders()
	case "tail":
		if _, err := s.Tap().Tail(context.Background(), tap.Poll{Filter: tap.Filter{Match: "no.such.name"}}); err != nil {
			panic(err)
		}
	}
	return func(datagram []byte) { in.datagram(datagram, false) },
		func() (uint64, uint64) { return in.tally.Samples, in.tally.Outcomes[protocol.ReasonNone] }, s.shared.tap.Close
}
