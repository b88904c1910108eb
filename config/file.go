package config

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/cespare/xxhash/v2"
	"go.yaml.in/yaml/v3"

	"weir/internal/mistake"
	"weir/internal/strictyaml"
)

// file reads a YAML file into a layer. It walks the nodes along the shape, so it never goes deeper than the
// shape does, whatever the anchors of the file say.
type file struct {
	*layer
	root *key
	path string
}

// fileLayer reads the file at path; an empty path gives an empty layer.
func fileLayer(root *key, path string) *layer {
	f := file{layer: newLayer(), root: root, path: path}
	if path == "" {
		return f.layer
	}
	content, err := os.ReadFile(path)
	if err != nil {
		f.refuse(mistake.Place{Name: path}, "", "%v", cause(err))
		return f.layer
	}
	f.files = map[string]uint64{path: xxhash.Sum64(content)}
	if n := f.parse(content); n != nil {
		f.section(root, f.unwrap(n))
	}
	return f.layer
}

// cause strips the operation and the path, which a mistake says itself.
func cause(err error) error {
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
		return pathErr.Err
	}
	return err
}

// parse returns the root of the only document, nil when there is none.
func (f *file) parse(content []byte) *yaml.Node {
	root, mistakes := strictyaml.Parse(content)
	for _, m := range mistakes {
		f.refuse(mistake.Place{Name: f.path, Line: m.Line}, "", "%s", m.Text)
	}
	return root
}

// section reads n, the value of the section k. Nothing at all is an empty section: all its keys may be
// commented out.
func (f *file) section(k *key, n *yaml.Node) {
	at := f.at(n)
	n = resolve(n)
	if n.ShortTag() == "!!null" {
		return
	}
	if n.Kind != yaml.MappingNode {
		f.refuse(at, k.path, "%s: %s", showNode(n), k.want())
		return
	}
	seen := map[string]*yaml.Node{}
	for pair := range slices.Chunk(n.Content, 2) {
		f.entry(k, pair[0], pair[1], seen)
	}
}

// entry reads one "name: value" of the section k. A key that is wrong or given again is still read, for its
// mistakes.
func (f *file) entry(in *key, name, value *yaml.Node, seen map[string]*yaml.Node) {
	k := in.child(name.Value)
	if k == nil || name.Kind != yaml.ScalarNode {
		f.refuse(f.at(name), join(in.path, showNode(name)), "unknown key: %s", f.root.suggest(in, name.Value))
		return
	}
	first, again := seen[k.target()]
	switch {
	case again && first.Value == name.Value:
		f.refuse(f.at(name), k.path, "given twice, first in line %d: want it once", first.Line)
	case again:
		f.refuse(f.at(name), k.path, "given together with %s in line %d, which means the same: want only one",
			first.Value, first.Line)
	default:
		seen[k.target()] = name
	}
	if k.kind == section {
		f.section(k, value)
		return
	}
	if v, ok := f.value(k.kind, k.path, value); ok {
		f.set(k.target(), v, f.at(name))
	}
}

// value reads n, a scalar or a list of kind k at path.
func (f *file) value(k kind, path string, n *yaml.Node) (value any, ok bool) {
	at := f.at(n)
	n = resolve(n)
	if element, list := k.element(); list && n.Kind == yaml.SequenceNode {
		return f.list(k, element, path, n)
	}
	if n.Kind == yaml.ScalarNode && slices.Contains(strings.Fields(k.tags()), n.ShortTag()) {
		value, ok = k.parse(n.Value)
	}
	if !ok {
		f.refuse(at, path, "%s: %s", showNode(n), k.want())
	}
	return value, ok
}

func (f *file) list(k, element kind, path string, n *yaml.Node) (value any, ok bool) {
	elements := make([]any, 0, len(n.Content))
	for i, c := range n.Content {
		if v, ok := f.value(element, path+"["+strconv.Itoa(i)+"]", c); ok {
			elements = append(elements, v)
		}
	}
	return k.collect(elements), len(elements) == len(n.Content)
}

func (f *file) at(n *yaml.Node) mistake.Place { return mistake.Place{Name: f.path, Line: n.Line} }

// resolve follows an alias (*name) to its anchor (&name), which cannot be an alias itself.
func resolve(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// showNode is the value of a node for the middle of a message.
func showNode(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a section"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Kind == yaml.AliasNode:
		return "an alias"
	case n.ShortTag() == "!!null":
		return "nothing"
	case n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 && len(n.Value) < 60:
		return strconv.Quote(n.Value)
	default:
		return mistake.Show(n.Value)
	}
}
