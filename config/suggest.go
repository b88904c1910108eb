package config

import (
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"weir/internal/mistake"
	"weir/internal/yamlfile"
)

// suggest says which key may have been meant by the unknown name in the section in. k is the root of the
// schema.
func (k *key) suggest(in *key, name string) string {
	if name == "<<" {
		return "YAML merge keys are not supported"
	}
	if found := k.find(name); found != nil && strings.Contains(name, ".") {
		return "want it nested, " + nested(found.path)
	}
	var names []string
	for _, c := range slices.Concat(in.keys, in.aliases) {
		names = append(names, c.name)
	}
	if near := yamlfile.Nearest(name, names); near != "" {
		return "did you mean " + yamlfile.Join(in.path, near) + "?"
	}
	names = nil
	for _, leaf := range k.leaves() {
		names = append(names, leaf.name)
	}
	if elsewhere := k.named(yamlfile.Nearest(name, names)); len(elsewhere) == 1 {
		return "did you mean " + elsewhere[0] + "?"
	}
	return "want one of " + in.names()
}

// named returns the paths of all keys below k with the given last segment.
func (k *key) named(name string) []string {
	var paths []string
	for _, c := range k.keys {
		if c.name == name {
			paths = append(paths, c.path)
		}
		paths = append(paths, c.named(name)...)
	}
	return paths
}

// nested writes a.b.c as a: {b: {c: ...}}.
func nested(path string) string {
	return strings.ReplaceAll(path, ".", ": {") + ": ..." + strings.Repeat("}", strings.Count(path, "."))
}

// SuggestFlag returns the flags of fs that were most likely meant by an unknown name: "--cache.ttl", or "--a
// or --b"; empty when no flag has a name like it, or as its last part.
func SuggestFlag(fs *pflag.FlagSet, name string) string {
	switch name {
	case "port", "address", "addr", "host", "bind", "listen-address":
		return "--ingest.udp=127.0.0.1:8125 for lines, or --endpoint.listen=:9102 for HTTP"
	case "debug", "verbose":
		return "--log.level=debug"
	}
	var names, same []string
	fs.VisitAll(func(f *pflag.Flag) {
		names = append(names, f.Name)
		if !f.Hidden && strings.HasSuffix(f.Name, "."+name) && name != "" {
			same = append(same, "--"+f.Name)
		}
	})
	if near := yamlfile.Nearest(name, names); near != "" {
		return "--" + near
	}
	if len(same) > 3 { // no help
		return ""
	}
	return mistake.Or(same)
}
