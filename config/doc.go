// Package config reads the configuration of weir. It stands beside the straight line: it runs before
// the first socket opens, and at each reload, and hands every package its Options.
//
// Four layers lie over one another: the defaults, a YAML file, the environment (WEIR__SECTION__KEY) and the
// flags (--section.key). A later layer replaces single keys of an earlier one; lists are replaced whole. The
// flags of statsd_exporter are two more layers: its defaults lie over weir's, and what was given is beside
// the flags.
//
// One shape, reflected from [Config] and its koanf tags, knows every key and the kind of its value, and reads
// all the layers; so a key that is added to an Options struct is at once known to the file, the environment,
// the flags and the help.
//
// Nothing is forgiven and nothing is guessed: an unknown key, a wrong type, a duration without a unit, a
// second document are errors. All errors come at once, one per line, each with the file and line (or the
// variable, or the flag), the key, the bad value and what is allowed:
//
//	weir.yaml:7: cache.ttl: 5: want a duration with a unit, like 5s or 250ms
//	WEIR__COMPRESSION__LEVEL: high: want a whole number
//	--ingest.loops: -1: want 0 (one for each processor) to 256
//
// example.yaml documents every key, and its comments are the help texts of the flags. The package keeps no
// state: every function may be called from any goroutine. Example:
//
//	flags := pflag.NewFlagSet("weir", pflag.ContinueOnError)
//	config.AddFlags(flags)
//	// parse the command line
//	cfg, err := config.Load(config.Sources{File: path, Environ: os.Environ(), Flags: flags})
package config
