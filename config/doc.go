// Package config reads the configuration of weir. It stands beside the straight line: it runs before the
// first socket opens, and at each reload, and gives every package its Options.
//
// [Load] merges four sources with koanf: the defaults, a YAML file, the environment (WEIR__SECTION__KEY) and
// the flags (--section.key). A later source replaces single keys of an earlier one; lists are replaced whole.
// With flags of statsd_exporter there are two more sources: its defaults replace weir's, and its flags rank
// with weir's own. Each source is a koanf.Provider of settings, values with the place where they were set.
//
// The schema is reflected from [Config] and its koanf tags. It knows every key and the kind of its value, and
// all sources are read along it; so a key that is added to an Options struct is known at once to the file,
// the environment, the flags and the help.
//
// Nothing is forgiven and nothing is guessed: an unknown key, a wrong type, a duration without a unit and a
// second document are mistakes. All mistakes come at once, one per line, each with the file and line (or the
// variable, or the flag), the key, the bad value and what is allowed:
//
//	weir.yaml:7: cache.ttl: 5: want a duration with a unit, like 1s
//	WEIR__COMPRESSION__LEVEL: high: want a whole number
//	--ingest.loops: -1: want 0 (one for each processor) to 256
//
// example.yaml documents every key, and its comments are the help texts of the flags.
//
// # Who may call what
//
// Only cmd/weir and its rooms import it. Any goroutine may call every function.
//
// # Memory model
//
// The package keeps no state. A [Config] does not change after Load; a reload makes another.
//
// The most important names are [Config], [Default], [Sources], [Load], [AddFlags] and [AddStatsdFlags].
package config
