package config

// statsdFlag is a flag of statsd_exporter, with its name, meaning and default. When a flag statsd.* or web.*
// is given, statsd_exporter's defaults replace weir's.
type statsdFlag struct {
	name, help string
	kind       kind
	fallback   string           // the default, as it would be given
	path       string           // of the key that it sets; empty when it sets none
	convert    func(string) any // makes the value of the key from the flag's; nil when both are the same
	allowed    []string         // values of a text; nil when any is allowed
	dialect    protocolDialect  // that a boolean switches; empty for other flags
	useless    string           // why it has no effect; empty when it has one
}

// protocolDialect is the name of a way to write tags.
type protocolDialect string

const (
	noMappingCache = "weir remembers the meaning of a line as long as its series lives, and needs no cache"
	noEventQueue   = "weir has no queue of events: each loop aggregates the lines that it reads"
)

// statsdFlags are the flags of statsd_exporter v0.31.0 that weir has no own flag for.
var statsdFlags = []statsdFlag{
	{
		name: "statsd.mapping-config", kind: text, path: "mapping.file",
		help: "YAML file of mapping rules; none when empty",
	},
	{
		name: "statsd.listen-udp", kind: text, fallback: ":9125", path: "ingest.udp", convert: addresses,
		help: "UDP address to listen on; none when empty",
	},
	{
		name: "statsd.listen-tcp", kind: text, fallback: ":9125", path: "ingest.tcp", convert: addresses,
		help: "TCP address to listen on; none when empty",
	},
	{
		name: "statsd.listen-unixgram", kind: text, path: "ingest.unixgram",
		help: "path of a unix datagram socket; none when empty",
	},
	{
		name: "statsd.unixsocket-mode", kind: text, fallback: "755", path: "ingest.unix_mode",
		help: "permissions of that socket, in octal",
	},
	{
		name: "statsd.read-buffer", kind: size, fallback: "16MiB", path: "ingest.receive_buffer",
		help: "receive buffer to ask for, in bytes; 0 means the system's default",
	},
	{
		name: "statsd.parse-dogstatsd-tags", kind: boolean, fallback: "true", dialect: "dogstatsd",
		help: "read DogStatsD's tags; --no-statsd.parse-dogstatsd-tags does not",
	},
	{
		name: "statsd.parse-influxdb-tags", kind: boolean, fallback: "true", dialect: "influxdb",
		help: "read InfluxDB's tags; --no-statsd.parse-influxdb-tags does not",
	},
	{
		name: "statsd.parse-librato-tags", kind: boolean, fallback: "true", dialect: "librato",
		help: "read Librato's tags; --no-statsd.parse-librato-tags does not",
	},
	{
		name: "statsd.parse-signalfx-tags", kind: boolean, fallback: "true", dialect: "signalfx",
		help: "read SignalFX's tags; --no-statsd.parse-signalfx-tags does not",
	},
	{
		name: "statsd.relay.address", kind: text, path: "ingest.relay", convert: relayTargets,
		help: "UDP address of a server to copy all lines to; none when empty",
	},
	{
		name: "statsd.relay.packet-length", kind: size, fallback: "1400B", path: "ingest.relay_datagram",
		help: "largest datagram to copy them in, in bytes",
	},
	{
		name: "web.listen-address", kind: text, fallback: ":9102", path: "endpoint.listen",
		help: "address to serve HTTP on",
	},
	{
		name: "web.telemetry-path", kind: text, fallback: "/metrics", path: "endpoint.path",
		help: "path of the exposition",
	},
	{
		name: "web.enable-lifecycle", kind: boolean, fallback: "false", path: "endpoint.lifecycle",
		help: "answer POST and PUT of /-/reload and /-/quit",
	},
	{name: "statsd.cache-size", kind: integer, fallback: "1000", useless: noMappingCache},
	{
		name: "statsd.cache-type", kind: text, fallback: "lru", allowed: []string{"lru", "random"},
		useless: noMappingCache,
	},
	{name: "statsd.event-queue-size", kind: integer, fallback: "10000", useless: noEventQueue},
	{name: "statsd.event-flush-threshold", kind: integer, fallback: "1000", useless: noEventQueue},
	{name: "statsd.event-flush-interval", kind: duration, fallback: "200ms", useless: noEventQueue},
	{
		name: "statsd.udp-packet-queue-size", kind: integer, fallback: "10000",
		useless: "datagrams wait in the kernel's receive buffer: see --statsd.read-buffer",
	},
	{
		name: "debug.dump-fsm", kind: text,
		useless: "weir has no such graph to write; weir explain names the rule that matches a line",
	},
}
