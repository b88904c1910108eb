package config

import "slices"

// Notes returns what was given and is accepted, but not in effect, the flags of statsd_exporter that have
// no effect, and the warnings about the mapping file; one line each, beginning with the key, the flag, or
// the file and line. Defaults are not noted.
func (c *Config) Notes() []string { return slices.Clone(c.notes) }

// disabled returns the notes on what c sets and does not enable.
func (c *Config) disabled() []string {
	a := &c.Expose.Authentication
	if !a.Enabled && (a.TokensFile != "" || a.JWT.KeyFile != "" || a.JWT.JWKSFile != "") {
		return []string{"authentication: accepted, not in effect: authentication.enabled is false"}
	}
	return nil
}
