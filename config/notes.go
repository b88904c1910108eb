package config

import "slices"

// Notes returns what was given in the file, the environment or the flags and is accepted, but not in effect
// in this version, the flags of statsd_exporter that have no effect, and the warnings about the mapping file;
// one line each, beginning with the key, the flag, or the file and line. Defaults are not noted.
func (c *Config) Notes() []string { return slices.Clone(c.notes) }

// notes returns the notes on c, of which the keys in given were given.
func notes(c *Config, given map[string]source) []string {
	isGiven := func(paths ...string) bool {
		return slices.ContainsFunc(paths, func(p string) bool { _, ok := given[p]; return ok })
	}
	var all []string
	note := func(applies bool, path, effect string) {
		if applies {
			all = append(all, path+": accepted, not in effect in this version: "+effect)
		}
	}
	note(c.Cache.Enabled && isGiven("cache.enabled", "cache.ttl"), "cache", "every scrape renders anew")
	note(isGiven("authentication.required_scope", "authentication.allow_health_unauthenticated"),
		"authentication", "the endpoint answers everyone who reaches it")
	note(isGiven("timeouts.collection_timeout"), "timeouts.collection_timeout",
		"only timeouts.scrape_timeout bounds a scrape")
	note(c.Collectors.LLM.Enabled, "collectors.llm", "no series are added")
	note(c.Collectors.Agent.Enabled, "collectors.agent", "no series are added")
	return all
}
