package config

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"weir/aggregate"
	"weir/aggregate/mapping"
	"weir/ingest"
	"weir/internal/mistake"
)

func addresses(address string) any {
	if address == "" {
		return []string{}
	}
	return []string{address}
}

func relayTargets(address string) any {
	if address == "" {
		return []string{}
	}
	return []string{"udp://" + address}
}

// switchesMode reports whether the flag, when given, changes the defaults to statsd_exporter's.
func (f *statsdFlag) switchesMode() bool {
	return strings.HasPrefix(f.name, "statsd.") || strings.HasPrefix(f.name, "web.")
}

// StatsdFlag is the annotation of the flags that AddStatsdFlags adds.
const StatsdFlag = "statsd_exporter"

// AddStatsdFlags adds to fs the flags of statsd_exporter, so that its command line runs weir. When one of
// statsd.* or web.* is given, the defaults are statsd_exporter's; see Config.Compat. A boolean flag has a
// hidden negation, --no-flag.
func AddStatsdFlags(fs *pflag.FlagSet) {
	for i := range statsdFlags {
		flag := &statsdFlags[i]
		value := &statsdValue{flag: flag}
		f := fs.VarPF(value, flag.name, "", flag.usage())
		f.Annotations = map[string][]string{StatsdFlag: nil}
		if flag.kind != boolean {
			continue
		}
		f.NoOptDefVal = "true"
		no := fs.VarPF(&statsdNegation{value}, "no-"+flag.name, "", flag.usage())
		no.NoOptDefVal, no.Hidden, no.Annotations = "true", true, f.Annotations
	}
}

func (f *statsdFlag) usage() string {
	if f.useless != "" {
		return "no effect: " + f.useless
	}
	return f.help
}

// statsdValue keeps the texts that were given for a flag of statsd_exporter, unread. It is a pflag.Value.
type statsdValue struct {
	flag  *statsdFlag
	given []string
}

// Set keeps s.
func (v *statsdValue) Set(s string) error {
	v.given = append(v.given, s)
	return nil
}

// String returns the text that was given last, otherwise the default.
func (v *statsdValue) String() string {
	if n := len(v.given); n > 0 {
		return v.given[n-1]
	}
	return v.flag.fallback
}

// Type names the kind of the value for the help.
func (v *statsdValue) Type() string { return v.flag.kind.word() }

// statsdNegation is --no-flag of a boolean flag.
type statsdNegation struct{ of *statsdValue }

// Set gives the flag its other value.
func (n *statsdNegation) Set(s string) error {
	if s == "true" {
		s = "false"
	}
	return n.of.Set(s)
}

// String returns "false", which the flag is until it is given.
func (*statsdNegation) String() string { return "false" }

// Type names the kind of the value for the help.
func (*statsdNegation) Type() string { return boolean.word() }

// isCompat reports whether flags of statsd_exporter in fs ask for its defaults.
func isCompat(fs *pflag.FlagSet) bool {
	return slices.ContainsFunc(statsdFlags, func(f statsdFlag) bool {
		return f.switchesMode() && len(f.given(fs)) > 0
	})
}

func (f *statsdFlag) given(fs *pflag.FlagSet) []string {
	if fs == nil {
		return nil
	}
	if flag := fs.Lookup(f.name); flag != nil {
		if v, ok := flag.Value.(*statsdValue); ok {
			return v.given
		}
	}
	return nil
}

// statsd_exporter does not bound these. weir does, since a flood of long names takes the memory of the host.
// No client sends such names, and lines with such labels do not fit into the datagrams of clients.
const (
	statsdNameLength   = 1024
	statsdLabelsLength = 8192
)

// unlimited stands for no limit: more than fits in any memory, and fits an int on every platform.
const unlimited = 1_000_000_000

// statsdDefaultSource sets statsd_exporter's defaults where they differ from weir's, when flags of
// statsd_exporter are given.
type statsdDefaultSource struct {
	settings

	schema *key
	flags  *pflag.FlagSet // nil means none
}

// Read returns the defaults.
func (s *statsdDefaultSource) Read() (map[string]any, error) {
	if !isCompat(s.flags) {
		return s.tree()
	}
	for i := range statsdFlags {
		f := &statsdFlags[i]
		if f.path == "" {
			continue
		}
		value, ok := f.parse(f.fallback)
		if !ok {
			panic("BUG: a bad default of --" + f.name)
		}
		s.set(f.path, value, mistake.Place{})
	}
	for path, value := range map[string]any{
		"ingest.dialects":                   statsdDialects(),
		"ingest.bare_tags":                  ingest.BareTagsDrop,
		"ingest.bad_rates":                  ingest.BadRatesIgnore,
		"ingest.relay_lines":                ingest.RelayAll,
		"ingest.idle_timeout":               time.Duration(0),
		"ingest.origin_labels":              []string{"container_id"},
		"sanitize.name_max_length":          statsdNameLength,
		"sanitize.labels_max_length":        statsdLabelsLength,
		"sanitize.label_value_max_length":   unlimited,
		"cardinality.max_series_per_metric": unlimited,
		"cardinality.max_total_series":      unlimited,
		"timers.observer":                   aggregate.ObserverSummary,
		"timers.native.bucket_factor":       mapping.DefaultNativeBucketFactor,
		"timers.native.max_buckets":         mapping.DefaultNativeMaxBuckets,
		"log.format":                        FormatLogfmt,
	} {
		if s.schema.find(path) == nil {
			panic("BUG: no key " + path)
		}
		s.set(path, value, mistake.Place{})
	}
	return s.tree()
}

// statsdDialects are the ways to write tags that statsd_exporter knows.
func statsdDialects() (all []string) {
	for _, f := range statsdFlags {
		if f.dialect != "" {
			all = append(all, string(f.dialect))
		}
	}
	return all
}

// parse reads s and returns the value of the flag's key; ok is false when s is not what the flag takes.
func (f *statsdFlag) parse(s string) (value any, ok bool) {
	if f.kind == boolean { // kingpin takes what strconv does
		b, err := strconv.ParseBool(s)
		return b, err == nil
	}
	value, ok = f.kind.parse(s)
	if ok && f.allowed != nil {
		ok = slices.Contains(f.allowed, s)
	}
	if ok && f.convert != nil {
		value = f.convert(s)
	}
	return value, ok
}

func (f *statsdFlag) want() string {
	if f.allowed != nil {
		return "want " + strings.Join(f.allowed, " or ")
	}
	return f.kind.want()
}

// statsdFlagSource reads the flags of statsd_exporter that the command line gave.
type statsdFlagSource struct {
	settings

	flags *pflag.FlagSet // nil means none
}

// Read returns what the flags set.
func (s *statsdFlagSource) Read() (map[string]any, error) {
	dialects, switched := statsdDialects(), mistake.Place{}
	for i := range statsdFlags {
		f := &statsdFlags[i]
		given, at := f.given(s.flags), mistake.Place{Name: "--" + f.name}
		if len(given) == 0 {
			continue
		}
		value, ok := f.parse(given[len(given)-1])
		switch {
		case len(given) > 1:
			s.refuse(at, f.path, "given twice", "want it once")
		case isGiven(s.flags, f.path):
			s.refuseTwin(at, f.path)
		case !ok:
			s.refuse(at, f.path, mistake.Show(given[0]), f.want())
		case f.useless != "":
			s.notes = append(s.notes, at.Name+": accepted, without effect: "+f.useless)
		case f.dialect != "":
			switched = at
			if value == false {
				dialects = slices.DeleteFunc(dialects, func(d string) bool { return d == string(f.dialect) })
			}
		default:
			s.set(f.path, value, at)
		}
	}
	const path = "ingest.dialects"
	switch {
	case switched.Name == "":
	case isGiven(s.flags, path):
		s.refuseTwin(switched, path)
	default:
		s.set(path, dialects, switched)
	}
	return s.tree()
}

// refuseTwin refuses a flag beside weir's own flag for the same key.
func (s *statsdFlagSource) refuseTwin(at mistake.Place, path string) {
	s.refuse(at, path, "given together with --"+path+", which means the same", "want only one")
}
