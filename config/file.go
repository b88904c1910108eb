package config

import (
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/cespare/xxhash/v2"

	"weir/internal/mistake"
	"weir/internal/yamlfile"
)

// wrapper is a root key that may hold the whole configuration of a file. wrapperAliasPrefix is the default of
// self.alias_prefix in such a file: dashboards and alerts that come with it ask for these names.
const (
	wrapper            = "prometheus_metrics"
	wrapperAliasPrefix = "llmdevops_metrics_"
)

// fileSource reads a YAML file along the schema.
type fileSource struct {
	settings

	schema *key
	path   string // empty means no file
	sum    uint64 // of the bytes of the file, when it can be read
}

// Read returns what the file sets.
func (s *fileSource) Read() (map[string]any, error) {
	if s.path == "" {
		return s.tree()
	}
	content, err := os.ReadFile(s.path)
	if err != nil {
		s.mistakes = append(s.mistakes, mistake.File(s.path, err))
		return s.tree()
	}
	s.sum = xxhash.Sum64(content)
	document := yamlfile.Parse(s.path, content, yamlfile.Options{})
	if root, ok := document.Root(); ok {
		s.root(root)
	}
	s.mistakes = append(s.mistakes, document.Mistakes()...)
	return s.tree()
}

// root reads the root of the file. A wrapper that is its only key is taken off.
func (s *fileSource) root(v yamlfile.Value) {
	pairs := v.Pairs(s.schema.want())
	isWrapper := func(p yamlfile.Pair) bool { return p.Key.Source() == wrapper }
	if len(pairs) == 1 && isWrapper(pairs[0]) {
		inner := pairs[0].Value
		inner.Path = ""
		s.set("self.alias_prefix", wrapperAliasPrefix, mistake.Place{Name: s.path, Line: pairs[0].Key.Line})
		s.section(s.schema, inner.Pairs(s.schema.want()))
		return
	}
	if i := slices.IndexFunc(pairs, isWrapper); i >= 0 {
		pairs[i].Key.RefuseAs("not the only key of the root", "want all keys in it, or none")
		pairs = slices.Delete(pairs, i, i+1)
	}
	s.section(s.schema, pairs)
}

// section reads the keys of the section k. An empty section is no mistake: all its keys may be commented out.
func (s *fileSource) section(k *key, pairs []yamlfile.Pair) {
	first := map[*key]yamlfile.Value{} // by the key that is set: how it was given first
	for _, p := range pairs {
		s.pair(k, p, first)
	}
}

// pair reads one "name: value" of the section in. A key that is given again is still read, for the mistakes
// in it.
func (s *fileSource) pair(in *key, p yamlfile.Pair, first map[*key]yamlfile.Value) {
	name := p.Key.Source()
	k := in.child(name)
	if k == nil || !p.Key.IsScalar() {
		p.Key.RefuseAs("unknown key", s.schema.suggest(in, name))
		return
	}
	other, again := first[k.target()]
	switch {
	case !again:
		first[k.target()] = p.Key
	case !p.Again:
		p.Key.RefuseAs("given together with "+other.Source()+" in line "+strconv.Itoa(other.Line)+
			", which means the same", "want only one")
	}
	if k.kind == section {
		s.section(k, p.Value.Pairs(k.want()))
		return
	}
	if v, ok := readValue(k, p.Value); ok {
		if path, isText := v.(string); isText && isPath(k.path) {
			v = beside(s.path, path)
		}
		s.set(k.target().path, v, mistake.Place{Name: s.path, Line: p.Key.Line})
	}
}

// readValue reads the value of the leaf k. A scalar for a list is a list of one.
func readValue(k *key, v yamlfile.Value) (value any, ok bool) {
	element, isList := k.kind.element()
	switch {
	case isList && v.IsList():
		return readList(k.kind, element, v)
	case isList:
		if value, ok = readScalar(element, v); ok {
			value = k.kind.collect([]any{value})
		}
	case k.takesPort() && v.IsScalar() && v.Tag() == "!!int":
		value, ok = port.parse(v.Source())
	default:
		if value, ok = readScalar(k.kind, v); ok {
			value = k.complete(value)
		}
	}
	if !ok {
		v.Refuse(wantOf(k, true))
	}
	return value, ok
}

// readScalar reads a scalar of kind k; ok is false for every other value.
func readScalar(k kind, v yamlfile.Value) (value any, ok bool) {
	if !v.IsScalar() || !slices.Contains(strings.Fields(k.tags()), v.Tag()) {
		return nil, false
	}
	return k.parse(v.Source())
}

func readList(k, element kind, v yamlfile.Value) (value any, ok bool) {
	elements := []any{}
	ok = true
	for e := range v.List("") {
		one, valid := readScalar(element, e)
		if !valid {
			e.Refuse(element.want())
		}
		if ok = ok && valid; ok {
			elements = append(elements, one)
		}
	}
	return k.collect(elements), ok
}
