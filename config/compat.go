package config

import (
	"slices"

	"go.yaml.in/yaml/v3"
)

// wrapper is a root key that may hold the whole configuration of a file.
const wrapper = "prometheus_metrics"

// unwrap returns what the wrapper holds when it is the only key of the root n, else n.
func (f *file) unwrap(n *yaml.Node) *yaml.Node {
	if n.Kind != yaml.MappingNode {
		return n
	}
	for i := 0; i < len(n.Content); i += 2 {
		if name := n.Content[i]; name.Value != wrapper {
			continue
		}
		if len(n.Content) == 2 {
			return n.Content[1]
		}
		f.refuse(f.at(n.Content[i]), wrapper, "not the only key of the root: want all keys in it, or none")
		rest := *n
		rest.Content = slices.Concat(n.Content[:i], n.Content[i+2:])
		return &rest
	}
	return n
}

// addAliases adds to the root k the other spellings that a file may use: units in the name instead of the
// value, and the port alone. The environment and flags have none: over a file that listens on one host only,
// a port alone would listen on all.
func (k *key) addAliases() {
	add := func(in, name, means string, kind kind) {
		alias := &key{name: name, path: join(in, name), means: join(in, means), kind: kind}
		s := k.child(in)
		s.aliases = append(s.aliases, alias)
	}
	add("endpoint", "port", "listen", port)
	add("cache", "ttl_ms", "ttl", millis)
	add("timeouts", "scrape_timeout_ms", "scrape_timeout", millis)
	add("timeouts", "collection_timeout_ms", "collection_timeout", millis)
}
