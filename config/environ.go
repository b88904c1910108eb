package config

import (
	"slices"
	"strings"

	"weir/internal/mistake"
	"weir/internal/yamlfile"
)

// EnvPrefix begins every variable that is configuration. It ends in two underscores: Kubernetes sets
// WEIR_PORT and the like for a Service named weir, which are not configuration.
const EnvPrefix = "WEIR__"

// environSource reads the variables WEIR__SECTION__KEY; the part after the prefix may be in either case.
type environSource struct {
	settings

	schema    *key
	variables []string // as "NAME=value"
}

// Read returns what the variables set.
func (s *environSource) Read() (map[string]any, error) {
	for _, variable := range slices.Sorted(slices.Values(s.variables)) {
		name, value, _ := strings.Cut(variable, "=")
		if rest, ours := strings.CutPrefix(name, EnvPrefix); ours {
			s.variable(name, strings.ReplaceAll(strings.ToLower(rest), "__", delimiter), value)
		}
	}
	return s.tree()
}

// variable reads one variable, which is for the key at path.
func (s *environSource) variable(name, path, value string) {
	at := mistake.Place{Name: name}
	k := s.schema.lookup(path)
	switch {
	case k == nil:
		s.refuse(at, path, "unknown key", s.suggest(path))
	case k.kind == section:
		s.refuse(at, path, mistake.Show(value),
			"want a key of the section: "+name+"__ with one of "+k.names())
	case s.setBy(k.target().path) != "":
		s.refuse(at, path, "given twice, first as "+s.setBy(k.target().path), "want it once")
	default:
		s.read(k, []string{value}, at)
	}
}

// suggest says which variable may have been meant by one for the unknown path.
func (s *environSource) suggest(path string) string {
	var paths []string
	for _, k := range s.schema.leaves() {
		paths = append(paths, k.path)
	}
	near := yamlfile.Nearest(path, paths)
	if near == "" {
		return "want " + EnvPrefix + "SECTION__KEY, as in weir --help"
	}
	return "did you mean " + EnvPrefix + strings.ToUpper(strings.ReplaceAll(near, delimiter, "__")) + "?"
}
