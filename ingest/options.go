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
	// Unixgram and Unix are paths of unix sockets, for datagrams and for streams; empty switches the
	// transport off. A path that begins with '@' is a name in Linux's abstract namespace. A path that is
	// removed while weir runs is opened again. Streams are lines that end with a newline, or DogStatsD's
	// packets, each after its length.
	Unixgram string `koanf:"unixgram"`
	Unix     string `koanf:"unix"`
	// UnixMode is the permissions of the files of unix sockets, in octal: write permission allows to send.
	UnixMode string `koanf:"unix_mode"`
	// Loops is how many UDP loops share each UDP address, 0 to 256; 0 means GOMAXPROCS. Only Linux spreads
	// datagrams over sockets; any other system has one loop.
	Loops int `koanf:"loops"`
	// Spread says which loop a datagram goes to. With SpreadFlow the address and port of its sender decide,
	// so that the lines of one sender stay in order. With SpreadRandom one busy sender can use all loops, but
	// its lines may overtake each other. On other systems than Linux, SpreadRandom only logs a warning.
	Spread string `koanf:"spread"`
	// ReceiveBuffer is the receive buffer to request for each datagram socket, in bytes; 0 keeps the system's
	// default.
	ReceiveBuffer bytesize.Size `koanf:"receive_buffer"`
	// Coalesce is how long at most a loop sleeps before it reads again, so that datagrams gather; 0 (off) to
	// 100ms.
	Coalesce time.Duration `koanf:"coalesce"`
	// MaxDatagram is the largest datagram that is read completely, in bytes, 64 to 65535. It is the limit of
	// the packets of a unix stream, too.
	MaxDatagram bytesize.Size `koanf:"max_datagram"`
	// MaxLine is the longest line, in bytes without its newline, 64 to 1 MiB, on every transport.
	MaxLine bytesize.Size `koanf:"max_line"`
	// MaxConnections is how many stream connections may be open, TCP and unix together; at least 1. The limit
	// on open files may lower it.
	MaxConnections int `koanf:"max_connections"`
	// IdleTimeout is how long a stream connection may be silent before it is closed: at least 1s, or 0 for
	// ever.
	IdleTimeout time.Duration `koanf:"idle_timeout"`
	// Dialects are the ways to write tags that are understood; see protocol.Dialects. Tags in another dialect
	// stay part of the name (DogStatsD's are dropped).
	Dialects []string `koanf:"dialects"`
	// OriginLabels are the labels to make of the origin fields of a line (c: and e:): container_id, pod_uid,
	// container_name.
	OriginLabels []string `koanf:"origin_labels"`
	// BareTags says what becomes of tags without a value: a label with the value "true" (BareTagsLabel), or
	// nothing (BareTagsDrop).
	BareTags string `koanf:"bare_tags"`
	// BadRates says what becomes of samples whose sample rate is 0 or not a number, and of gauges and sets
	// with any bad rate: they are rejected (BadRatesReject), or count as if they had none (BadRatesIgnore).
	// Other samples with a rate that is not above 0 and at most 1 are rejected.
	BadRates string `koanf:"bad_rates"`
	// GaugeSign says what a sign before the value of a gauge means: GaugeSignRelative or GaugeSignAbsolute.
	GaugeSign string `koanf:"gauge_sign"`
	// Relay are other StatsD servers to copy lines to, as "udp://host:port", "tcp://host:port" or
	// "tls://host:port". RelayLines says which lines: those with a sample that was recorded (RelayAccepted),
	// or all (RelayAll).
	Relay      []string `koanf:"relay"`
	RelayLines string   `koanf:"relay_lines"`
	// RelayDatagram is how many bytes of lines, each with its newline, are packed into one datagram, 64 to
	// 65507. A longer line gets a datagram of its own.
	RelayDatagram bytesize.Size `koanf:"relay_datagram"`
	// RelayTLS is for targets with tls://.
	RelayTLS relay.TLS `koanf:"relay_tls"`
	// LogEvents logs every DogStatsD event and service check. Its key in the configuration is log.events.
	LogEvents bool `koanf:"-"`
}

// The values of Options.BareTags, BadRates, GaugeSign, RelayLines and Spread.
const (
	BareTagsLabel = "label"
	BareTagsDrop  = "drop" // as in statsd_exporter

	BadRatesReject = "reject"
	BadRatesIgnore = "ignore" // as in statsd_exporter

	GaugeSignRelative = "relative" // +n and -n move a gauge, as in StatsD
	GaugeSignAbsolute = "absolute" // +n and -n set a gauge, as in DogStatsD

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
		BareTags:       BareTagsLabel,
		BadRates:       BadRatesReject,
		GaugeSign:      GaugeSignRelative,
		Relay:          []string{},
		RelayLines:     RelayAccepted,
		RelayDatagram:  relay.DefaultDatagramBytes,
	}
}

// Tagging returns how a shard reads tags and origins.
func (o *Options) Tagging() aggregate.Tagging {
	t := aggregate.Tagging{
		DropBare:      o.BareTags == BareTagsDrop,
		ContainerID:   slices.Contains(o.OriginLabels, originContainerID),
		PodUID:        slices.Contains(o.OriginLabels, originPodUID),
		ContainerName: slices.Contains(o.OriginLabels, originContainerName),
	}
	for _, name := range o.Dialects {
		t.Dialects |= protocol.ParseDialect(name)
	}
	return t
}

// relay returns the options of the relay.
func (o *Options) relay() relay.Options {
	return relay.Options{Targets: o.Relay, TLS: o.RelayTLS, DatagramBytes: int(o.RelayDatagram)}
}

// Decoder returns a decoder of lines as the options describe them.
func (o *Options) Decoder() protocol.Decoder {
	return protocol.Decoder{
		MaxLine:        int(o.MaxLine),
		AbsoluteGauges: o.GaugeSign == GaugeSignAbsolute,
		IgnoreBadRates: o.BadRates == BadRatesIgnore,
	}
}
