package ingest

import (
	"context"
	"time"

	"github.com/rs/zerolog"

	"weir/aggregate"
	"weir/ingest/relay"
	"weir/ingest/tap"
)

// transport takes lines from all sockets of one kind. A Server knows every transport by this interface only.
// One goroutine at a time calls its methods, except stats.
type transport interface {
	// start opens the sockets and begins to read. Its error names the address and says what to do. Sockets
	// that are open after an error are closed by stop and drain.
	start() error
	// addresses returns where the transport listens: like "127.0.0.1:9125", with the port that was bound, or
	// a path.
	addresses() []string
	// tick does periodic work. It is called once a second, between start and stop.
	tick()
	// stop ends reading and waits for every goroutine, at most until ctx is done.
	stop(ctx context.Context) error
	// drain takes the datagrams that its sockets still hold, until deadline at the latest, and closes the
	// sockets; it leaves sockets of a goroutine that stop could not end. It is called once, after stop.
	drain(deadline time.Time)
	// stats returns the current counts; the caller fills in the name. Any goroutine may call it once start
	// has returned, also after drain.
	stats() TransportStats
}

// transports is the table of transports. To add one: write its file, and add its row.
var transports = []row{
	{"udp", func(o *Options) bool { return len(o.UDP) > 0 }, probeUDP, newUDP},
	{"tcp", func(o *Options) bool { return len(o.TCP) > 0 }, probeTCP, newTCP},
	{"unixgram", func(o *Options) bool { return o.Unixgram != "" }, probeUnixgram, newUnixgram},
	{"unix", func(o *Options) bool { return o.Unix != "" }, probeUnix, newUnix},
}

// row is one transport of the table.
type row struct {
	// name is the name of the transport in the configuration, the self-metrics and the log.
	name string
	// isOn reports whether the options have an address for it.
	isOn func(*Options) bool
	// probe returns what is in the way of the addresses in the options, each with what to do. It leaves
	// nothing open.
	probe func(*Options) error
	// create returns the transport, without I/O.
	create func(*shared) transport
}

// shared is what all transports of a server share. Its fields do not change while a transport uses them.
type shared struct {
	options  *Options
	registry *aggregate.Registry
	log      zerolog.Logger
	gnetLog  *gnetLog
	samples  *sampleLog
	rejects  *rejectRing  // nil in tests that do not need it
	tap      *tap.Tap     // nil in tests that do not need it
	relay    *relay.Relay // nil when no relay is configured

	streams *connections // of all stream transports; nil before the first
}

// newIntake returns an intake for one loop of a transport, with a shard of its own.
func (s *shared) newIntake(transport string) *intake {
	in := &intake{
		decoder: s.options.Decoder(), shard: s.registry.NewTaggedShard(s.options.Tagging()), log: s.log,
		now: s.registry.Now, logEvents: s.options.LogEvents, sampleLog: s.samples, rejects: s.rejects,
		lane: s.tap.NewLane(transport),
	}
	in.shard.OnCreate(func() { in.lane.Created(in.peer()) })
	if s.relay != nil {
		in.relay, in.relayAll = s.relay.NewBuffer(), s.options.RelayLines == RelayAll
	}
	return in
}

// connections returns the counter of stream connections. Called while transports are created.
func (s *shared) connections() *connections {
	if s.streams == nil {
		s.streams = newConnections(s.options.MaxConnections, s.log)
	}
	return s.streams
}
