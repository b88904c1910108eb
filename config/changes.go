package config

import (
	"reflect"
	"strings"
)

// reloadable are the keys, and sections, that take effect without a restart.
var reloadable = []string{
	"cardinality", "log.level", "mapping", "series.counter_birth", "series.ttl", "timers",
}

// NeedRestart returns the keys in which other differs from c and that take effect only with a restart, in
// order of the sections.
func (c *Config) NeedRestart(other *Config) (paths []string) {
	for _, k := range newSchema().leaves() {
		if !isReloadable(k.path) && !reflect.DeepEqual(k.value(c), k.value(other)) {
			paths = append(paths, k.path)
		}
	}
	return paths
}

func isReloadable(path string) bool {
	for _, in := range reloadable {
		if path == in || strings.HasPrefix(path, in+".") {
			return true
		}
	}
	return false
}
