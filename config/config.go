package config

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"weir/aggregate"
	"weir/expose"
	"weir/ingest"
)

// Config is the whole configuration: the Options of every package and the sections that are of none, in one
// tree of keys. Load returns a valid one; it is not changed afterwards.
type Config struct {
	// Ingest is the section ingest.
	Ingest ingest.Options `koanf:"ingest"`
	// Expose holds the sections endpoint, compression, rate_limiting and timeouts.
	Expose expose.Options `koanf:",squash"`
	// Aggregate holds the rules, and the sections cardinality, sanitize, series, timers and sets.
	Aggregate aggregate.Options `koanf:",squash"`
	// Mapping names the rules that name and treat samples.
	Mapping Mapping `koanf:"mapping"`
	// State keeps series over restarts.
	State State `koanf:"state"`
	// Cache lets scrapes share a rendition. Accepted, not in effect yet.
	Cache Cache `koanf:"cache"`
	// Authentication says who may scrape. Accepted while it is off; Validate refuses to switch it on.
	Authentication Authentication `koanf:"authentication"`
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

// Mapping names the rules that name and treat samples. Load reads them into Aggregate.Rules.
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

// Cache lets scrapes that come close together share one rendition. Accepted, not in effect yet.
type Cache struct {
	// Enabled switches sharing on.
	Enabled bool `koanf:"enabled"`
	// TTL is how long a rendition is shared; 0s to 10m.
	TTL time.Duration `koanf:"ttl"`
}

// Authentication says who may scrape. Accepted while Enabled is false.
type Authentication struct {
	// Enabled asks for a bearer token; this version refuses true.
	Enabled bool `koanf:"enabled"`
	// RequiredScope is the scope a token must have. Accepted, not in effect yet.
	RequiredScope string `koanf:"required_scope"`
	// AllowHealthUnauthenticated leaves the health routes open. Accepted, not in effect yet.
	AllowHealthUnauthenticated bool `koanf:"allow_health_unauthenticated"`
}

// Collectors are series that weir adds to those it was sent.
type Collectors struct {
	// LLM is a preset for programs that call language models. Accepted, not in effect yet.
	LLM LLM `koanf:"llm"`
	// Agent is a preset for agents. Accepted, not in effect yet.
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

// LLM is a preset for programs that call language models. Accepted, not in effect yet.
type LLM struct {
	// Enabled adds the preset.
	Enabled bool `koanf:"enabled"`
	// IncludeModelMetrics keeps a series for each model.
	IncludeModelMetrics bool `koanf:"include_model_metrics"`
}

// Agent is a preset for agents. Accepted, not in effect yet.
type Agent struct {
	// Enabled adds the preset.
	Enabled bool `koanf:"enabled"`
	// IncludeToolMetrics keeps a series for each tool.
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
		Ingest:         ingest.DefaultOptions(),
		Expose:         expose.DefaultOptions(),
		Aggregate:      aggregate.DefaultOptions(),
		State:          State{Interval: time.Minute},
		Cache:          Cache{Enabled: true, TTL: time.Second},
		Authentication: Authentication{RequiredScope: "metrics:read", AllowHealthUnauthenticated: true},
		Collectors: Collectors{
			LLM:     LLM{IncludeModelMetrics: true},
			Agent:   Agent{IncludeToolMetrics: true},
			Process: Collector{Enabled: true},
			Runtime: Collector{Enabled: true},
		},
		Log: Log{Level: "info", Format: FormatConsole},
	}
}

// Validate returns every mistake in c joined, each as "section.key: bad value: what is allowed"; nil when
// there is none.
func (c *Config) Validate() error {
	errs := []error{c.Ingest.Validate(), c.Expose.Validate(), c.Aggregate.Validate()}
	check := func(ok bool, key string, value any, allowed string) {
		if !ok {
			errs = append(errs, fmt.Errorf("%s: %v: %s", key, value, allowed))
		}
	}
	check(c.State.Interval >= 100*time.Millisecond && c.State.Interval <= 24*time.Hour,
		"state.interval", c.State.Interval, "want 100ms to 24h")
	check(c.Cache.TTL >= 0 && c.Cache.TTL <= 10*time.Minute, "cache.ttl", c.Cache.TTL, "want 0s to 10m")
	check(!c.Authentication.Enabled, "authentication.enabled", true, "not supported by this version: "+
		"weir refuses to serve an endpoint that you asked to protect without protection; "+
		"put a proxy in front and set it to false")
	level, format := c.Log.Level, c.Log.Format
	levels := []string{"debug", "info", "warn", "error"}
	check(slices.Contains(levels, level), "log.level", show(level), "want debug, info, warn or error")
	formats := []string{FormatConsole, FormatJSON, FormatLogfmt}
	check(slices.Contains(formats, format), "log.format", show(format), "want console, json or logfmt")
	return errors.Join(errs...)
}
