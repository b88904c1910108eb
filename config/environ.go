package config

import (
	"slices"
	"strings"

	"weir/internal/mistake"
)

// EnvPrefix begins every variable that is configuration. Two underscores: Kubernetes sets WEIR_PORT and the
// like for a Service named weir, which are none.
const EnvPrefix = "WEIR__"

// environLayer reads the variables WEIR__SECTION__KEY of environ; the part after the prefix may be in either
// case.
func environLayer(root *key, environ []string) *layer {
	l := newLayer()
	for _, variable := range slices.Sorted(slices.Values(environ)) {
		name, value, _ := strings.Cut(variable, "=")
		rest, ours := strings.CutPrefix(name, EnvPrefix)
		if !ours {
			continue
		}
		path := strings.ReplaceAll(strings.ToLower(rest), "__", ".")
		at := mistake.Place{Name: name}
		k := root.lookup(path)
		switch {
		case k == nil:
			l.refuse(at, path, "unknown key: %s", suggestVariable(root, path))
		case k.kind == section:
			l.refuse(at, path, "%s: want a key of the section: %s__ with one of %s",
				mistake.Show(value), name, k.names())
		case l.places[k.target()].Name != "":
			l.refuse(at, path, "given twice, first as %s: want it once", l.places[k.target()].Name)
		default:
			l.read(k, []string{value}, at)
		}
	}
	return l
}

// suggestVariable says what may have been meant by a variable of the unknown path.
func suggestVariable(root *key, path string) string {
	var paths []string
	for _, k := range root.leaves() {
		paths = append(paths, k.path)
	}
	near := nearest(path, paths)
	if near == "" {
		return "want " + EnvPrefix + "SECTION__KEY, as in weir --help"
	}
	return "did you mean " + EnvPrefix + strings.ToUpper(strings.ReplaceAll(near, ".", "__")) + "?"
}

// read parses the texts that a variable or a flag gives for the leaf k. Of a scalar the last counts; a list
// takes the elements of all, separated by commas, and is empty when there are none.
func (l *layer) read(k *key, given []string, at mistake.Place) {
	element, list := k.kind.element()
	if !list {
		s := given[len(given)-1]
		v, ok := k.kind.parse(s)
		if !ok {
			l.refuse(at, k.path, "%s: %s", mistake.Show(s), k.want())
			return
		}
		l.set(k.target(), v, at)
		return
	}
	elements := []any{}
	for s := range strings.SplitSeq(strings.Join(given, ","), ",") {
		s = strings.TrimSpace(s)
		if s == "" {
			continue
		}
		v, ok := element.parse(s)
		if !ok {
			l.refuse(at, k.path, "%s: %s", mistake.Show(s), element.want())
			return
		}
		elements = append(elements, v)
	}
	l.set(k.target(), k.kind.collect(elements), at)
}
