package config

import (
	"reflect"
	"slices"
	"strings"
	"time"

	"weir/internal/bytesize"
	"weir/internal/yamlfile"
)

// key is one key of the configuration, a section or a leaf. The schema is a tree of keys: it alone knows
// which keys exist and of which kind their values are.
type key struct {
	name  string // the last segment: "ttl"
	path  string // all segments: "cache.ttl"; empty for the root
	kind  kind
	index []int // the field of Config, for reflect.Value.FieldByIndex; nil for an alias

	aliasOf    *key // the key that an alias stands for; nil for a true key
	everywhere bool // an alias is for the environment and the flags too, not only for files

	keys    []*key // of a section: its keys, in the order of the struct
	aliases []*key // of a section: other spellings of its keys
}

// newSchema reflects Config into its tree of keys, and returns the root.
func newSchema() *key {
	root := &key{kind: section}
	root.reflect(reflect.TypeFor[Config](), nil)
	for _, a := range aliases() {
		in := root.find(a.section)
		in.aliases = append(in.aliases, &key{
			name: a.name, path: yamlfile.Join(a.section, a.name), kind: a.kind,
			aliasOf: root.find(yamlfile.Join(a.section, a.of)), everywhere: a.everywhere,
		})
	}
	return root
}

// reflect adds a key to k for each field of t, the struct at index in Config.
func (k *key) reflect(t reflect.Type, index []int) {
	for i := range t.NumField() {
		f := t.Field(i)
		at := slices.Concat(index, []int{i})
		name, option, _ := strings.Cut(f.Tag.Get("koanf"), ",")
		switch {
		case !f.IsExported(), name == "-":
		case option == "squash":
			k.reflect(f.Type, at)
		default:
			child := &key{name: name, path: yamlfile.Join(k.path, name), kind: kindOf(f.Type), index: at}
			if child.kind == section {
				child.reflect(f.Type, at)
			}
			k.keys = append(k.keys, child)
		}
	}
}

func kindOf(t reflect.Type) kind {
	switch t {
	case reflect.TypeFor[bytesize.Size]():
		return size
	case reflect.TypeFor[time.Duration]():
		return duration
	case reflect.TypeFor[[]string]():
		return textList
	case reflect.TypeFor[[]float64]():
		return numberList
	}
	switch t.Kind() {
	case reflect.Struct:
		return section
	case reflect.String:
		return text
	case reflect.Bool:
		return boolean
	case reflect.Int:
		return integer
	case reflect.Float64:
		return number
	default:
		panic("BUG: no kind of value for " + t.String())
	}
}

// child returns the key of k with the given last segment, or nil. Aliases count.
func (k *key) child(name string) *key {
	for _, c := range slices.Concat(k.keys, k.aliases) {
		if c.name == name {
			return c
		}
	}
	return nil
}

// lookup returns the key at the path below k that the environment and the flags may give, or nil.
func (k *key) lookup(path string) *key {
	if found := k.find(path); found != nil {
		return found
	}
	for _, alias := range k.aliasesEverywhere() {
		if alias.path == path {
			return alias
		}
	}
	return nil
}

// aliasesEverywhere returns the aliases below k that the environment and the flags may give too.
func (k *key) aliasesEverywhere() []*key {
	var all []*key
	for _, alias := range k.aliases {
		if alias.everywhere {
			all = append(all, alias)
		}
	}
	for _, c := range k.keys {
		all = append(all, c.aliasesEverywhere()...)
	}
	return all
}

// find returns the true key at the path below k, or nil.
func (k *key) find(path string) *key {
	for _, c := range k.keys {
		if c.path == path {
			return c
		}
		if strings.HasPrefix(path, c.path+".") {
			return c.find(path)
		}
	}
	return nil
}

// sections returns k and every section below it.
func (k *key) sections() []*key {
	all := []*key{k}
	for _, c := range k.keys {
		if c.kind == section {
			all = append(all, c.sections()...)
		}
	}
	return all
}

// leaves returns the true keys below k that hold a value, in the order of the structs.
func (k *key) leaves() []*key {
	if k.kind != section {
		return []*key{k}
	}
	var all []*key
	for _, c := range k.keys {
		all = append(all, c.leaves()...)
	}
	return all
}

// target returns the key that holds the value of k: k, or what it is an alias of.
func (k *key) target() *key {
	if k.aliasOf != nil {
		return k.aliasOf
	}
	return k
}

// takesPort reports whether a port alone, like 9102, is an address of k: that port of all interfaces.
func (k *key) takesPort() bool { return k.path == "endpoint.listen" }

// complete returns a value of the leaf k with what may be left out of it: a port alone is an address.
func (k *key) complete(value any) any {
	if text, isText := value.(string); isText && k.takesPort() {
		if address, ok := port.parse(text); ok {
			return address
		}
	}
	return value
}

// value returns the value of the leaf k in c.
func (k *key) value(c *Config) any {
	return reflect.ValueOf(c).Elem().FieldByIndex(k.index).Interface()
}

// want says what k may be.
func (k *key) want() string {
	if k.kind != section {
		return k.kind.want()
	}
	if k.path == "" {
		return "want sections: " + k.names()
	}
	return "want a section with the keys " + k.names()
}

func (k *key) names() string {
	var names []string
	for _, c := range k.keys {
		names = append(names, c.name)
	}
	return strings.Join(names, ", ")
}
