package config

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"reflect"
	"slices"
	"strings"
	"time"

	"weir/aggregate"
	"weir/expose"
	"weir/ingest"
	"weir/internal/bytesize"
	"weir/internal/mistake"
)

// Config is the whole configuration: the Options of every package, and the sections that belong to no
// package, in one tree of keys. Load returns a valid Config; it is not changed afterwards.
type Config struct {
	// Ingest is the section ingest.
	Ingest ingest.Options `koanf:"ingest"`
	// Expose holds the sections endpoint, cache, compression, openmetrics, rate_limiting, timeouts,
	// authentication and self.
	Expose expose.Options `koanf:",squash"`
	// Aggregate holds the rules, and the sections cardinality, sanitize, series, timers and sets.
	Aggregate aggregate.Options `koanf:",squash"`
	// Mapping names the file of mapping rules.
	Mapping Mapping `koanf:"mapping"`
	// State keeps series over restarts.
	State State `koanf:"state"`
	// Collectors add series of weir's own to the series that were sent.
	Collectors Collectors `koanf:"collectors"`
	// Reload says when the configuration is read again.
	Reload Reload `koanf:"reload"`
	// Log says what is logged, and how.
	Log Log `koanf:"log"`

	// Compat says that flags of statsd_exporter were given: its defaults replace weir's, and its self-metrics
	// are exposed beside weir's.
	Compat bool `koanf:"-"`

	notes    []string          // what Notes returns; set by Load
	settings []Setting         // what Settings returns; set by Load
	files    map[string]uint64 // what Files returns; set by Load

	named namedFiles // set by Load
}

// Mapping names the file of mapping rules. Load reads them into Aggregate.Rules, in front of the rules of the
// presets.
type Mapping struct {
	// File is the path of a YAML file in statsd_exporter's format; none when empty.
	File string `koanf:"file"`
}

// State keeps series over restarts.
type State struct {
	// File is the path of the file that holds them; none when empty.
	File string `koanf:"file"`
	// Interval is how often the file is written, 100ms to 24h; it is written once more at a stop.
	Interval time.Duration `koanf:"interval"`
	// JournalMaxSize is the most that the journal beside the file grows to, 1 MiB or more; 0 means no
	// journal.
	JournalMaxSize bytesize.Size `koanf:"journal_max_size"`
}

// Collectors add series of weir's own to the series that were sent.
type Collectors struct {
	// LLM is a preset for programs that call language models.
	LLM LLM `koanf:"llm"`
	// Agent is a preset for agents.
	Agent Agent `koanf:"agent"`
	// Process adds process_*: weir's own CPU time, memory and descriptors.
	Process Collector `koanf:"process"`
	// Runtime adds go_*: weir's own garbage collector, goroutines and heap.
	Runtime Collector `koanf:"runtime"`
}

// Collector is a collector that can only be switched on and off.
type Collector struct {
	// Enabled adds the collector's series.
	Enabled bool `koanf:"enabled"`
}

// LLM is a preset for programs that call language models: rules for the lines llm.*.
type LLM struct {
	// Enabled adds the rules.
	Enabled bool `koanf:"enabled"`
	// IncludeModelMetrics keeps a series for each model; false adds them up.
	IncludeModelMetrics bool `koanf:"include_model_metrics"`
}

// Agent is a preset for agents: rules for the lines agent.*.
type Agent struct {
	// Enabled adds the rules.
	Enabled bool `koanf:"enabled"`
	// IncludeToolMetrics keeps a series for each tool; false adds them up.
	IncludeToolMetrics bool `koanf:"include_tool_metrics"`
}

// Reload says when the configuration is read again, besides on SIGHUP and, with Endpoint.Lifecycle, on
// /-/reload.
type Reload struct {
	// Watch reads it again when one of its files changes.
	Watch bool `koanf:"watch"`
}

// Log says what is logged to stderr, and how.
type Log struct {
	// Level is the lowest level that is logged: debug, info, warn or error.
	Level string `koanf:"level"`
	// Format is FormatConsole, FormatJSON or FormatLogfmt.
	Format string `koanf:"format"`
	// Events logs every DogStatsD event and service check.
	Events bool `koanf:"events"`
}

// The formats of the log.
const (
	FormatConsole = "console"
	FormatJSON    = "json"
	FormatLogfmt  = "logfmt"
)

// Default returns the documented defaults, the same as example.yaml.
func Default() *Config {
	return &Config{
		Ingest:    ingest.DefaultOptions(),
		Expose:    expose.DefaultOptions(),
		Aggregate: aggregate.DefaultOptions(),
		State:     State{Interval: time.Minute, JournalMaxSize: 64 << 20},
		Collectors: Collectors{
			LLM:     LLM{IncludeModelMetrics: true},
			Agent:   Agent{IncludeToolMetrics: true},
			Process: Collector{Enabled: true},
			Runtime: Collector{Enabled: true},
		},
		Log: Log{Level: "info", Format: FormatConsole},
	}
}

// Validate returns every mistake in c joined, each a [mistake.Mistake]; nil without any.
func (c *Config) Validate() error {
	var m mistake.List
	m.Check(c.State.Interval >= 100*time.Millisecond && c.State.Interval <= 24*time.Hour,
		"state.interval", c.State.Interval, "want 100ms to 24h")
	m.Check(c.State.JournalMaxSize == 0 || c.State.JournalMaxSize >= 1<<20 && c.State.JournalMaxSize <= 1<<30,
		"state.journal_max_size", c.State.JournalMaxSize, "want 1MiB to 1GiB, or 0 for no journal")
	taken := c.takenBy()
	m.Check(taken == "", "endpoint.listen", c.Expose.Endpoint.Listen, taken+" has that port: want another")
	m.OneOf("log.level", c.Log.Level, "debug", "info", "warn", "error")
	m.OneOf("log.format", c.Log.Format, FormatConsole, FormatJSON, FormatLogfmt)
	return errors.Join(c.Ingest.Validate(), c.Expose.Validate(), c.Aggregate.Validate(), m.Err())
}

// takenBy names the TCP listener that already has the port of endpoint.listen; "" when no listener has it.
// Invalid addresses take no port.
func (c *Config) takenBy() string {
	host, port, err := net.SplitHostPort(c.Expose.Endpoint.Listen)
	if err != nil || port == "0" {
		return ""
	}
	wide := func(host string) bool { return host == "" || host == "0.0.0.0" || host == "::" }
	for i, address := range c.Ingest.TCP {
		otherHost, otherPort, err := net.SplitHostPort(address)
		if err == nil && otherPort == port && (otherHost == host || wide(host) || wide(otherHost)) {
			return fmt.Sprintf("ingest.tcp[%d] %q", i, address)
		}
	}
	return ""
}

// NeedRestart returns the keys that have another value in other than in c and take effect only with a
// restart, in the order of the sections.
func (c *Config) NeedRestart(other *Config) (paths []string) {
	for _, k := range newSchema().leaves() {
		if !isReloadable(k.path) && !reflect.DeepEqual(k.value(c), k.value(other)) {
			paths = append(paths, k.path)
		}
	}
	return paths
}

// isReloadable reports whether the key at path takes effect without a restart.
func isReloadable(path string) bool {
	reloadable := []string{
		"cardinality", "log.level", "mapping", "series.counter_birth", "series.ttl", "timers",
	}
	for _, in := range reloadable {
		if path == in || strings.HasPrefix(path, in+".") {
			return true
		}
	}
	return false
}

// Notes returns what was given and has no effect: sections that are switched off, flags of statsd_exporter
// without a meaning here; and the warnings about the mapping file and about costs. Each is one line that
// begins with the key, the flag, or the file and line. Defaults are not noted.
func (c *Config) Notes() []string { return slices.Clone(c.notes) }

// Files returns the files that Load read, each with the xxhash sum of its bytes. Whoever finds other bytes in
// a file knows that they are newer than c.
func (c *Config) Files() map[string]uint64 { return maps.Clone(c.files) }

// Settings returns every key in the order of the sections, with its value and where that was set. It is empty
// for a Config that Load has not made.
func (c *Config) Settings() []Setting { return slices.Clone(c.settings) }

// InForce returns the configuration of a weir that was started with c and has reloaded last: keys that need a
// restart have the values of c.
func (c *Config) InForce(last *Config) *Config {
	merged := *c
	merged.settings, merged.files, merged.notes = slices.Clone(c.settings), last.files, last.notes
	for i, k := range newSchema().leaves() {
		if !isReloadable(k.path) {
			continue
		}
		reflect.ValueOf(&merged).Elem().FieldByIndex(k.index).Set(reflect.ValueOf(k.value(last)))
		if i < min(len(merged.settings), len(last.settings)) {
			merged.settings[i] = last.settings[i]
		}
	}
	merged.Aggregate.Rules = last.Aggregate.Rules
	return &merged
}

// Locate adds to each error in err that is about a whole file which c names, such as one that cannot be read,
// the key that names it and the place where the key was set. It returns other errors as they are, and nil for
// nil.
func (c *Config) Locate(err error) error {
	var all []error
	for _, m := range mistake.All(err) {
		all = append(all, c.named.locate(m))
	}
	return errors.Join(all...)
}
