package config

import (
	"errors"
	"fmt"
	"net"
	"time"

	"weir/aggregate"
	"weir/expose"
	"weir/ingest"
	"weir/internal/mistake"
)

// Config is the whole configuration: the Options of every package and the sections that are of none, in one
// tree of keys. Load returns a valid one; it is not changed afterwards.
type Config struct {
	// Ingest is the section ingest.
	Ingest ingest.Options `koanf:"ingest"`
	// Expose holds the sections endpoint, cache, compression, openmetrics, rate_limiting, timeouts and
	// authentication.
	Expose expose.Options `koanf:",squash"`
	// Aggregate holds the rules, and the sections cardinality, sanitize, series, timers and sets.
	Aggregate aggregate.Options `koanf:",squash"`
	// Mapping names the rules that name and treat samples.
	Mapping Mapping `koanf:"mapping"`
	// State keeps series over restarts.
	State State `koanf:"state"`
	// Collectors are series that weir adds to those it was sent.
	Collectors Collectors `koanf:"collectors"`
	// Reload says when the configuration is read anew.
	Reload Reload `koanf:"reload"`
	// Log says what is logged, and how.
	Log Log `koanf:"log"`

	// Compat says that flags of statsd_exporter were given: its defaults lie over weir's, and its
	// self-metrics are beside weir's.
	Compat bool `koanf:"-"`

	notes []string          // what Notes returns; set by Load
	files map[string]uint64 // what Files returns; set by Load
}

// Mapping names the rules that name and treat samples. Load reads them into Aggregate.Rules, before those of
// the presets.
type Mapping struct {
	// File is the path of a YAML file in statsd_exporter's format; none when empty.
	File string `koanf:"file"`
}

// State keeps series over restarts.
type State struct {
	// File is the path of the file they are kept in; none when empty.
	File string `koanf:"file"`
	// Interval is how often it is written, 100ms to 24h, and once more at a stop.
	Interval time.Duration `koanf:"interval"`
}

// Collectors are series that weir adds to those it was sent.
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

// Collector is a collector with nothing to set but whether it runs.
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

// Reload says when the configuration is read anew, beside SIGHUP and, with Endpoint.Lifecycle, /-/reload.
type Reload struct {
	// Watch reads it anew when the files change that it is in.
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
		State:     State{Interval: time.Minute},
		Collectors: Collectors{
			LLM:     LLM{IncludeModelMetrics: true},
			Agent:   Agent{IncludeToolMetrics: true},
			Process: Collector{Enabled: true},
			Runtime: Collector{Enabled: true},
		},
		Log: Log{Level: "info", Format: FormatConsole},
	}
}

// Validate returns every mistake in c joined, each a [mistake.Mistake]; nil when there is none.
func (c *Config) Validate() error {
	var m mistake.List
	m.Check(c.State.Interval >= 100*time.Millisecond && c.State.Interval <= 24*time.Hour,
		"state.interval", c.State.Interval, "want 100ms to 24h")
	taken := c.takenBy()
	m.Check(taken == "", "endpoint.listen", c.Expose.Endpoint.Listen, taken+" has that port: want another")
	m.OneOf("log.level", c.Log.Level, "debug", "info", "warn", "error")
	m.OneOf("log.format", c.Log.Format, FormatConsole, FormatJSON, FormatLogfmt)
	return errors.Join(c.Ingest.Validate(), c.Expose.Validate(), c.Aggregate.Validate(), m.Err())
}

// takenBy returns which of the listeners for TCP is in the way of endpoint.listen; "" when none is. Addresses
// that are not valid are in nobody's way.
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
