package config

import (
	"slices"
	"strings"

	"github.com/knadh/koanf/v2"
)

// Origin says which source has set a key.
type Origin string

// The origins of settings: the sources of Load.
const (
	OriginDefault     Origin = "default"
	OriginStatsd      Origin = "statsd_exporter" // its default, since flags of statsd_exporter were given
	OriginFile        Origin = "file"
	OriginEnvironment Origin = "environment"
	OriginFlag        Origin = "flag"
)

// Setting is one key of the configuration with its value, for somebody who reads it.
type Setting struct {
	// Key is the path of the key: "cache.ttl".
	Key string
	// Value is the value in force, and Default that of weir's defaults, as the environment and the flags take
	// them. Of a secret that is set, both are "<secret>".
	Value, Default string
	// IsDefault says that both are equal, wherever the value comes from.
	IsDefault bool
	// Origin is what has set the key, and Place where: "weir.yaml:12", "WEIR__CACHE__TTL" or "--cache.ttl";
	// empty for a default.
	Origin Origin
	Place  string
	// IsSecret says that the value is not for everybody, and is masked.
	IsSecret bool
}

// masked stands for a secret.
const masked = "<secret>"

// isSecret reports whether the value of the key at path is a secret by its name. Secrets belong into files of
// their own, which keys name: so far no key has one.
func isSecret(path string) bool {
	name := path[strings.LastIndex(path, delimiter)+1:]
	return slices.ContainsFunc([]string{"password", "secret", "token", "credential", "private_key"},
		func(word string) bool { return strings.Contains(name, word) && !strings.HasSuffix(name, "_file") })
}

// settingsOf returns the settings of c, which was decoded from k.
func settingsOf(c *Config, k *koanf.Koanf) []Setting {
	usual, leaves := Default(), newSchema().leaves()
	all := make([]Setting, 0, len(leaves))
	for _, leaf := range leaves {
		set, _ := k.Get(leaf.path).(setting)
		s := Setting{
			Key: leaf.path, Value: format(leaf.value(c)), Default: format(leaf.value(usual)),
			Origin: set.Origin, Place: set.Place.String(), IsSecret: isSecret(leaf.path),
		}
		s.IsDefault = s.Value == s.Default
		if s.IsSecret && s.Value != "" {
			s.Value = masked
		}
		if s.IsSecret && s.Default != "" {
			s.Default = masked
		}
		all = append(all, s)
	}
	return all
}
