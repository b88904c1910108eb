package config

import (
	"regexp"
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
		} else if rest, near := strings.CutPrefix(name, "WEIR_"); near && !isKubernetes(rest, value) {
			s.ignored(name, strings.ToLower(rest))
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
	return "did you mean " + variableOf(near) + "?"
}

// kubernetes matches what Kubernetes appends to the name of a service, in capitals, for the variables of its
// address.
var kubernetes = regexp.MustCompile(
	`(^|_)(SERVICE_HOST|SERVICE_PORT(_.*)?|PORT|PORT_\d+_(TCP|UDP|SCTP)(_.*)?)$`)

// isKubernetes reports whether a variable is one that Kubernetes sets for a service whose name begins with
// weir. WEIR_ENDPOINT_PORT=9102 is none: the value would be a URL.
func isKubernetes(rest, value string) bool {
	_, _, isSection := strings.Cut(rest, "_")
	isURL := strings.Contains(value, "://")
	return kubernetes.MatchString(rest) && (isURL || !isSection || !strings.HasSuffix(rest, "_PORT"))
}

// ignored notes that a variable with one underscore behind WEIR sets nothing, when it looks like a key. The
// rest of its name is in lower case.
func (s *environSource) ignored(name, rest string) {
	if rest == "config" {
		s.notes = append(s.notes, name+": ignored: name the file with --config")
		return
	}
	flat := strings.ReplaceAll(rest, "__", "_")
	var names []string
	meant := map[string]string{} // by the name with single underscores: the variable
	for _, in := range s.schema.sections() {
		for _, k := range slices.Concat(in.keys, in.aliases) {
			if k.kind != section {
				flatName := strings.ReplaceAll(k.path, delimiter, "_")
				names, meant[flatName] = append(names, flatName), variableOf(k.target().path)
			}
		}
	}

	near := yamlfile.Nearest(flat, names)
	isSection := slices.ContainsFunc(s.schema.keys, func(k *key) bool {
		return strings.HasPrefix(flat, k.name+"_")
	})
	switch {
	case near != "" && (near == flat || isSection):
		s.notes = append(s.notes, name+": ignored: did you mean "+meant[near]+", with two underscores?")
	case isSection:
		s.notes = append(s.notes, name+": ignored: want "+EnvPrefix+"SECTION__KEY, as in weir --help")
	}
}

// variableOf returns the variable of the key at path.
func variableOf(path string) string {
	return EnvPrefix + strings.ToUpper(strings.ReplaceAll(path, delimiter, "__"))
}
