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

// addAliases adds to the root k the other spellings of keys: units in the name instead of the value, and the
// port alone. Most are for files only: over a file that listens on one host only, a port alone in the
// environment would listen on all. Those that were the only spelling once are for the environment and the
// flags too.
func (k *key) addAliases() {
	add := func(in, name, aliasOf string, kind kind, everywhere bool) {
		alias := &key{
			name: name, path: join(in, name), aliasOf: k.find(join(in, aliasOf)), kind: kind, everywhere: everywhere,
		}
		s := k.child(in)
		s.aliases = append(s.aliases, alias)
	}
	add("endpoint", "port", "listen", port, false)
	add("cache", "ttl_ms", "ttl", millis, false)
	add("cache", "max_size_bytes", "max_size", byteCount, true)
	add("compression", "min_size_bytes", "min_size", byteCount, true)
	add("timeouts", "scrape_timeout_ms", "scrape_timeout", millis, false)
	add("timeouts", "collection_timeout_ms", "collection_timeout", millis, false)
}
