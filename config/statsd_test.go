package config_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"weir/aggregate"
	"weir/config"
)

// mustParseStatsd is mustParse with the flags of statsd_exporter.
func mustParseStatsd(t *testing.T, args ...string) *pflag.FlagSet {
	t.Helper()
	flags := pflag.NewFlagSet("weir", pflag.ContinueOnError)
	config.AddFlags(flags)
	config.AddStatsdFlags(flags)
	if err := flags.Parse(args); err != nil {
		t.Fatalf("Parse(%q): %v", args, err)
	}
	return flags
}

// compat is what statsd_exporter's defaults make of weir's.
func compat() *config.Config {
	c := config.Default()
	c.Compat = true
	c.Ingest.UDP, c.Ingest.TCP = []string{":9125"}, []string{":9125"}
	c.Ingest.UnixMode = "755"
	c.Ingest.Dialects = []string{"dogstatsd", "influxdb", "librato", "signalfx"}
	c.Ingest.BareTags, c.Ingest.BadRates = "drop", "ignore"
	c.Ingest.IdleTimeout = 0
	c.Ingest.OriginLabels = []string{"container_id"}
	c.Ingest.RelayLines = "all"
	c.Ingest.RelayDatagram = 1400
	c.Expose.Endpoint.Listen, c.Expose.Endpoint.Path = ":9102", "/metrics"
	c.Aggregate.Sanitize.LabelValueMaxLength = 1_000_000_000
	c.Aggregate.Sanitize.NameMaxLength, c.Aggregate.Sanitize.LabelsMaxLength = 1024, 8192
	c.Aggregate.Limits.MaxSeriesPerMetric, c.Aggregate.Limits.MaxTotalSeries = 1_000_000_000, 1_000_000_000
	c.Aggregate.Timers.Observer, c.Aggregate.Timers.NativeByRule = aggregate.ObserverSummary, true
	c.Aggregate.Timers.Quantiles = []float64{0.5, 0.9, 0.99}
	c.Aggregate.Timers.MaxAge, c.Aggregate.Timers.AgeBuckets = 10*time.Minute, 5
	c.Aggregate.Timers.Native.BucketFactor, c.Aggregate.Timers.Native.MaxBuckets = 1.1, 256
	c.Aggregate.Series.CounterBirth = aggregate.BirthValue
	c.Log.Format = config.FormatLogfmt
	return c
}

func TestStatsdFlags(t *testing.T) {
	f := func(args string, change func(want *config.Config)) {
		t.Helper()
		want := compat()
		change(want)
		got := mustLoad(t, config.Sources{Flags: mustParseStatsd(t, strings.Fields(args)...)})
		if d := diff(got, want); d != "" {
			t.Errorf("%s: got-, want+:\n%s", args, d)
		}
	}
	f("--statsd.cache-size=0", func(*config.Config) {})
	f("--statsd.listen-udp=:9125", func(*config.Config) {})
	f("--statsd.listen-udp 127.0.0.1:1", func(c *config.Config) { c.Ingest.UDP = []string{"127.0.0.1:1"} })
	f("--statsd.listen-udp=", func(c *config.Config) { c.Ingest.UDP = []string{} })
	f("--statsd.listen-tcp=", func(c *config.Config) { c.Ingest.TCP = []string{} })
	f("--statsd.listen-unixgram=/run/s", func(c *config.Config) { c.Ingest.Unixgram = "/run/s" })
	f("--statsd.unixsocket-mode=777", func(c *config.Config) { c.Ingest.UnixMode = "777" })
	f("--statsd.read-buffer=8388608", func(c *config.Config) { c.Ingest.ReceiveBuffer = 8 << 20 })
	f("--statsd.read-buffer=0", func(c *config.Config) { c.Ingest.ReceiveBuffer = 0 })
	f("--statsd.relay.address=old:8125", func(c *config.Config) { c.Ingest.Relay = []string{"udp://old:8125"} })
	f("--statsd.relay.packet-length=8932", func(c *config.Config) { c.Ingest.RelayDatagram = 8932 })
	f("--web.listen-address=:1", func(c *config.Config) { c.Expose.Endpoint.Listen = ":1" })
	f("--web.telemetry-path=/", func(c *config.Config) { c.Expose.Endpoint.Path = "/" })
	f("--web.enable-lifecycle", func(c *config.Config) { c.Expose.Endpoint.Lifecycle = true })
	f("--no-web.enable-lifecycle", func(*config.Config) {})
	f("--statsd.parse-dogstatsd-tags", func(*config.Config) {})
	f("--statsd.parse-librato-tags=false --no-statsd.parse-dogstatsd-tags", func(c *config.Config) {
		c.Ingest.Dialects = []string{"influxdb", "signalfx"}
	})
	f("--no-statsd.parse-dogstatsd-tags --no-statsd.parse-librato-tags --no-statsd.parse-signalfx-tags "+
		"--no-statsd.parse-influxdb-tags", func(c *config.Config) { c.Ingest.Dialects = []string{} })
	f("--statsd.cache-size=1 --log.level=debug --log.format=json", func(c *config.Config) {
		c.Log.Level, c.Log.Format = "debug", "json"
	})
}

// A key of weir's own goes over statsd_exporter's defaults, wherever it is given.
func TestStatsdDefaultsAreTheLowest(t *testing.T) {
	file := filepath.Join(t.TempDir(), "weir.yaml")
	content := "cardinality: {max_total_series: 5}\ningest: {udp: [':1'], tcp: [':1']}\n"
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	want := compat()
	want.Aggregate.Limits.MaxTotalSeries = 5
	want.Ingest.UDP, want.Ingest.TCP = []string{":2"}, []string{":1"}
	want.Aggregate.Timers.Observer = "native"
	want.Log.Format = "console"
	got := mustLoad(t, config.Sources{
		File: file, Environ: []string{"WEIR__TIMERS__OBSERVER=native"},
		Flags: mustParseStatsd(t, "--statsd.listen-udp=:2", "--log.format=console"),
	})
	if d := diff(got, want); d != "" {
		t.Errorf("got-, want+:\n%s", d)
	}
}

// Flags that are not of statsd_exporter alone change no default.
func TestStatsdDefaultsAreAskedFor(t *testing.T) {
	f := func(args ...string) {
		t.Helper()
		if got := mustLoad(t, config.Sources{Flags: mustParseStatsd(t, args...)}); got.Compat {
			t.Errorf("%q: compat = true", args)
		}
	}
	f()
	f("--log.format=logfmt")
	f("--debug.dump-fsm=fsm.dot")
}

func TestStatsdFlagsBad(t *testing.T) {
	f := func(args string, want ...string) {
		t.Helper()
		errorsOf(t, config.Sources{Flags: mustParseStatsd(t, strings.Fields(args)...)}, want...)
	}
	f("--statsd.listen-udp=9125", `--statsd.listen-udp: "9125": want "host:port"`)
	f("--statsd.listen-udp= --statsd.listen-tcp=", "--statsd.listen-udp: no listener is left")
	f("--statsd.read-buffer=-1", "--statsd.read-buffer: -1: want a size")
	f("--statsd.unixsocket-mode=9", `--statsd.unixsocket-mode: "9": want permissions in octal`)
	f("--statsd.cache-size=many", "--statsd.cache-size: many: want a whole number")
	f("--statsd.cache-type=mru", "--statsd.cache-type: mru: want lru or random")
	f("--statsd.event-flush-interval=5", "--statsd.event-flush-interval: 5: want a duration with a unit")
	f("--web.enable-lifecycle=maybe", "--web.enable-lifecycle: maybe: want true or false")
	f("--web.telemetry-path=/-/healthy", `--web.telemetry-path: "/-/healthy": want "/"`)
	f("--statsd.relay.address=here", `--statsd.relay.address: "udp://here": want`)
	f("--statsd.relay.packet-length=1", "--statsd.relay.packet-length: 1B: want 64B to 65507B")
	f("--web.listen-address=:1 --web.listen-address=:2", "--web.listen-address: given twice")
	f("--statsd.parse-librato-tags --no-statsd.parse-librato-tags", "--statsd.parse-librato-tags: given twice")
	f("--statsd.listen-udp=:1 --ingest.udp=:2", "--statsd.listen-udp: given together with --ingest.udp")
	f("--no-statsd.parse-librato-tags --ingest.dialects=graphite",
		"--statsd.parse-librato-tags: given together with --ingest.dialects")
}

// A mapping file that statsd_exporter loads is loaded with its flags, with a warning; weir alone refuses it.
func TestStatsdMappingFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "rules.yaml")
	const content = "mappings: [{match: .*_bar, match_type: regex, name: '${1}'}]\n"
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	c := mustLoad(t, config.Sources{Flags: mustParseStatsd(t, "--statsd.mapping-config="+file)})
	const want = "samples that the rule matches are rejected, with the reason empty_name"
	if len(c.Aggregate.Rules) != 1 || !strings.Contains(strings.Join(c.Notes(), "\n"), want) {
		t.Errorf("%d files of rules, notes %q, want one and %q", len(c.Aggregate.Rules), c.Notes(), want)
	}
	errorsOf(t, config.Sources{Flags: mustParseStatsd(t, "--mapping.file="+file)},
		file+`:1: mappings[0].name: "${1}" is always empty: want ${1}`)
}

func TestStatsdNotes(t *testing.T) {
	f := func(args string, want ...string) {
		t.Helper()
		got := mustLoad(t, config.Sources{Flags: mustParseStatsd(t, strings.Fields(args)...)}).Notes()
		for i := range got {
			got[i], _, _ = strings.Cut(got[i], ": accepted, without effect: ")
		}
		if !slices.Equal(got, want) {
			t.Errorf("Notes with %s = %q, want %q", args, got, want)
		}
	}
	f("--statsd.listen-udp=:1")
	f("--debug.dump-fsm=x --statsd.cache-size=1 --statsd.cache-type=random --statsd.event-queue-size=1 "+
		"--statsd.event-flush-threshold=1 --statsd.event-flush-interval=1s --statsd.udp-packet-queue-size=1",
		"--statsd.cache-size", "--statsd.cache-type", "--statsd.event-queue-size", "--statsd.event-flush-threshold",
		"--statsd.event-flush-interval", "--statsd.udp-packet-queue-size", "--debug.dump-fsm")
}

// The default that the help shows for a flag is the default.
func TestStatsdFlagDefaults(t *testing.T) {
	var args []string
	mustParseStatsd(t).VisitAll(func(f *pflag.Flag) {
		if _, ours := f.Annotations[config.StatsdFlag]; !ours || f.Hidden {
			return
		}
		args = append(args, "--"+f.Name+"="+f.DefValue)
		if f.Usage == "" {
			t.Errorf("--%s has no help", f.Name)
		}
	})
	if d := diff(mustLoad(t, config.Sources{Flags: mustParseStatsd(t, args...)}), compat()); d != "" {
		t.Errorf("got-, want+:\n%s", d)
	}
}

func TestNeedRestart(t *testing.T) {
	f := func(change func(*config.Config), want ...string) {
		t.Helper()
		c := config.Default()
		change(c)
		if got := config.Default().NeedRestart(c); !slices.Equal(got, want) {
			t.Errorf("NeedRestart = %q, want %q", got, want)
		}
	}
	f(func(*config.Config) {})
	f(func(c *config.Config) {
		c.Aggregate.Limits.MaxTotalSeries, c.Aggregate.Series.TTL, c.Log.Level = 1, 1, "debug"
		c.Aggregate.Timers.Native.MaxBuckets, c.Mapping.File, c.Aggregate.Series.CounterBirth = 7, "x", "zero"
	})
	f(func(c *config.Config) {
		c.Ingest.UDP, c.Aggregate.Series.Hold, c.State.File, c.Log.Format = nil, 1, "x", "json"
		c.Aggregate.Series.ExemplarTags = []string{"trace_id"}
	}, "ingest.udp", "series.hold", "series.exemplar_tags", "state.file", "log.format")
}
