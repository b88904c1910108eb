package ingest

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/rs/zerolog"

	"weir/aggregate"
	"weir/ingest/dgram"
)

// Fifth is a transport of datagrams in memory: one file and one row of the table, as any further transport.
type Fifth struct {
	// Err is what start returns.
	Err error
	// Calls are the calls so far, except stats.
	Calls []string
	// ProbeError is what is in the way of its address.
	ProbeError error
	// Waiting are datagrams that drain takes.
	Waiting []string

	in *intake
}

// NewServerWithFifth returns a server that has a fifth transport.
func NewServerWithFifth(f *Fifth, o Options, registry *aggregate.Registry, log zerolog.Logger) *Server {
	create := func(s *shared) transport {
		f.in = s.newIntake("fifth")
		return f
	}
	isOn := func(*Options) bool { return true }
	probe := func(*Options) error { return f.ProbeError }
	return newServer(o, registry, log, append(slices.Clip(transports), row{"fifth", isOn, probe, create}))
}

// Take takes a datagram as if it came from a socket.
func (f *Fifth) Take(datagram string) {
	f.in.from("fifth://memory", nil)
	f.in.datagram([]byte(datagram), false)
	f.in.publish()
}

func (f *Fifth) start() error {
	f.Calls = append(f.Calls, "start")
	return f.Err
}

func (*Fifth) addresses() []string { return []string{"memory"} }

func (*Fifth) tick() {}

func (f *Fifth) stop(context.Context) error {
	f.Calls = append(f.Calls, "stop")
	if f.Err != nil {
		return errors.New("stopped after " + f.Err.Error())
	}
	return nil
}

func (f *Fifth) drain(time.Time) {
	f.Calls = append(f.Calls, "drain")
	for _, datagram := range f.Waiting {
		f.Take(datagram)
	}
}

func (f *Fifth) stats() TransportStats {
	return TransportStats{
		Ledger:      f.in.published.load(),
		Sockets:     []dgram.SocketStats{{Listener: "fifth://memory", KernelDrops: 7}},
		Connections: ConnectionStats{Active: 1, Opened: 2},
	}
}
