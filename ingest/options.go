package ingest

import (
	"slices"
	"time"

	"weir/aggregate"
	"weir/ingest/relay"
	"weir/internal/bytesize"
	"weir/protocol"
)

// Options configure a Server. DefaultOptions returns the documented defaults.
type Options struct {
	// UDP and TCP are the addresses to listen on, as "host:port" with a numeric port: an IPv4 or bracketed
	// IPv6 address, a host name (every address it resolves to), or nothing (all interfaces, IPv4 and IPv6).
	// Port 0 takes a free port. An empty list switches the transport off.
	UDP []string `koanf:"udp"`
	TCP []string `koanf:"tcp"`
	// Unixgram and Unix are paths of unix sockets, for datagrams and for streams, or empty. A path that
	// begins with '@' is a name in Linux's abstract namespace. That of Unix is not relative, and has
	// no '?', no '#' and no element that is empty, "." or "..". Streams are lines that end with a newline, or
	// DogStatsD's packets with their length in front.
	Unixgram string `koanf:"unixgram"`
	Unix     string `koanf:"unix"`
	// UnixMode is the permissions of the files of those sockets, in octal: who may write to one may send.
	UnixMode string `koanf:"unix_mode"`
	// Loops is how many UDP loops share each UDP address, 0 to 256; 0 means GOMAXPROCS. Where the system
	// cannot spread datagrams over sockets (anything but Linux) it is always 1.
	Loops int `koanf:"loops"`
	// Spread says which loop a datagram goes to: SpreadFlow, that which its sender's address and port hash
	// to, so that one sender's lines stay in order; or SpreadRandom, any, so that one busy sender can use
	// all loops. The order of a gauge's lines is then that of arrival at any loop. Beyond Linux there is one
	// loop, and SpreadRandom only logs a warning.
	Spread string `koanf:"spread"`
	// ReceiveBuffer is the socket receive buffer to ask for, in bytes; 0 leaves the system's default.
	ReceiveBuffer bytesize.Size `koanf:"receive_buffer"`
	// Coalesce is the longest a loop sleeps, to let datagrams gather, before it reads again; 0 to 100ms, 0
	// is off.
	Coalesce time.Duration `koanf:"coalesce"`
	// MaxDatagram is the largest datagram read whole, in bytes, 64 to 65535.
	MaxDatagram bytesize.Size `koanf:"max_datagram"`
	// MaxLine is the longest line, in bytes without its newline, 64 to 1 MiB, on every transport.
	MaxLine bytesize.Size `koanf:"max_line"`
	// MaxConnections is the most stream connections at a time, TCP and unix together; at least 1. It is
	// lowered to what the limit on open files allows.
	MaxConnections int `koanf:"max_connections"`
	// IdleTimeout closes a stream connection on which nothing came for so long; 0 never does, else at least
	// 1s.
	IdleTimeout time.Duration `koanf:"idle_timeout"`
	// Dialects are the ways to write tags that are read; see protocol.Dialects. Tags in another stay part
	// of the name (DogStatsD: are dropped).
	Dialects []string `koanf:"dialects"`
	// OriginLabels are the labels to make of the origin that a line tells (c: and e:): container_id, pod_uid,
	// container_name.
	OriginLabels []string `koanf:"origin_labels"`
	// GaugeSign says what a sign before a gauge's value means: GaugeSignRelative or GaugeSignAbsolute.
	GaugeSign string `koanf:"gauge_sign"`
	// Relay are other StatsD servers to copy lines to, as "udp://host:port", and RelayLines says which:
	// those of which something was recorded (RelayAccepted) or every one (RelayAll).
	Relay      []string `koanf:"relay"`
	RelayLines string   `koanf:"relay_lines"`
	// RelayDatagram is the most bytes of lines packed into one datagram, 64 to 65507. A longer line goes
	// alone.
	RelayDatagram bytesize.Size `koanf:"relay_datagram"`
	// LogEvents logs every DogStatsD event and service check. The key of the configuration is log.events.
	LogEvents bool `koanf:"-"`
}

// The values of Options.GaugeSign, RelayLines and Spread.
const (
	GaugeSignRelative = "relative" // +n and -n move a gauge, as in StatsD
	GaugeSignAbsolute = "absolute" // they set it, as in DogStatsD

	RelayAccepted = "accepted"
	RelayAll      = "all"

	SpreadFlow   = "flow"
	SpreadRandom = "random"
)

// The values of Options.OriginLabels.
const (
	originContainerID   = "container_id"
	originPodUID        = "pod_uid"
	originContainerName = "container_name"
)

// DefaultOptions returns the documented defaults.
func DefaultOptions() Options {
	return Options{
		UDP:            []string{"127.0.0.1:9125"},
		TCP:            []string{"127.0.0.1:9125"},
		UnixMode:       "0722",
		Spread:         SpreadFlow,
		ReceiveBuffer:  16 << 20,
		Coalesce:       16 * time.Millisecond,
		MaxDatagram:    65535,
		MaxLine:        8 << 10,
		MaxConnections: 1024,
		IdleTimeout:    5 * time.Minute,
		Dialects:       protocol.AllDialects.Names(),
		OriginLabels:   []string{},
		GaugeSign:      GaugeSignRelative,
		Relay:          []string{},
		RelayLines:     RelayAccepted,
		RelayDatagram:  relay.DefaultDatagramBytes,
	}
}

// Tagging returns how tags and origins are read.
func (o *Options) Tagging() aggregate.Tagging {
	t := aggregate.Tagging{
		ContainerID:   slices.Contains(o.OriginLabels, originContainerID),
		PodUID:        slices.Contains(o.OriginLabels, originPodUID),
		ContainerName: slices.Contains(o.OriginLabels, originContainerName),
	}
	for _, name := range o.Dialects {
		t.Dialects |= protocol.ParseDialect(name)
	}
	return t
}

// Decoder returns a decoder of lines.
func (o *Options) Decoder() protocol.Decoder {
	return protocol.Decoder{MaxLine: int(o.MaxLine), AbsoluteGauges: o.GaugeSign == GaugeSignAbsolute}
}
