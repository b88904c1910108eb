package guard

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"weir/internal/strictyaml"
)

// document is a YAML file that is read strictly: each mistake is noted with its line, and reading goes on. It
// is walked along what is known, so anchors of the file cannot make the walk long. Values are never shown:
// one may be a secret in the wrong place.
type document struct {
	path string
	errs []error
}

// field reads the value of one key; path is the key's.
type field func(path string, n *yaml.Node)

// read returns the root of the file, as parse does.
func (d *document) read() *yaml.Node {
	content, err := os.ReadFile(d.path)
	if err != nil {
		d.errs = append(d.errs, fileError(d.path, err))
		return nil
	}
	return d.parse(content)
}

// parse returns the root of the only YAML document, nil when there is none or it cannot be read.
func (d *document) parse(content []byte) *yaml.Node {
	root, mistakes := strictyaml.Parse(content)
	for _, m := range mistakes {
		d.refuse(&yaml.Node{Line: m.Line}, "", "%s", m.Text)
	}
	return root
}

// fileError says why a file cannot be read; the path is said once.
func fileError(path string, err error) error {
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
		err = pathErr.Err
	}
	return fmt.Errorf("%s: %w", path, err)
}

// refuse notes a mistake at a node, as "file:line: key: what is wrong".
func (d *document) refuse(n *yaml.Node, key, format string, args ...any) {
	where := d.path + ":"
	if n.Line > 0 {
		where += strconv.Itoa(n.Line) + ":"
	}
	if key != "" {
		where += " " + key + ":"
	}
	d.errs = append(d.errs, errors.New(where+" "+fmt.Sprintf(format, args...)))
}

// err returns every mistake joined, nil when there is none.
func (d *document) err() error { return errors.Join(d.errs...) }

// section reads a mapping: known has what reads the value of each key. Nothing at all is an empty mapping. It
// returns the keys that are there.
func (d *document) section(path string, n *yaml.Node, known map[string]field) (given map[string]bool) {
	n = resolve(n)
	given = make(map[string]bool)
	if n.ShortTag() == "!!null" {
		return given
	}
	keys := strings.Join(slices.Sorted(maps.Keys(known)), ", ")
	if n.Kind != yaml.MappingNode {
		d.refuse(n, path, "want a section with the keys %s", keys)
		return given
	}
	for pair := range slices.Chunk(n.Content, 2) {
		name := pair[0].Value
		read, ok := known[name]
		switch {
		case !ok:
			d.refuse(pair[0], path, "unknown key %.40q: want %s", name, keys)
		case given[name]:
			d.refuse(pair[0], join(path, name), "given twice: want it once")
		default:
			given[name] = true
			read(join(path, name), resolve(pair[1]))
		}
	}
	return given
}

// list reads a sequence; nothing at all is an empty one.
func (d *document) list(path string, n *yaml.Node, read field) {
	if n.ShortTag() == "!!null" {
		return
	}
	if n.Kind != yaml.SequenceNode {
		d.refuse(n, path, "want a list")
		return
	}
	for i, element := range n.Content {
		read(path+"["+strconv.Itoa(i)+"]", resolve(element))
	}
}

// text returns the text of a scalar; ok is false when it is none, or empty.
func (d *document) text(path string, n *yaml.Node) (text string, ok bool) {
	if n.Kind != yaml.ScalarNode || n.Value == "" || n.ShortTag() == "!!null" {
		d.refuse(n, path, "want text")
		return "", false
	}
	return n.Value, true
}

// texts returns the elements of a list of texts.
func (d *document) texts(path string, n *yaml.Node) (all []string) {
	d.list(path, n, func(path string, n *yaml.Node) {
		if s, ok := d.text(path, n); ok {
			all = append(all, s)
		}
	})
	return all
}

// setText returns what puts the text of a key into target.
func (d *document) setText(target *string) field {
	return func(path string, n *yaml.Node) { *target, _ = d.text(path, n) }
}

// boolean is the field of a key whose truth is of no effect.
func (d *document) boolean(path string, n *yaml.Node) {
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!bool" {
		d.refuse(n, path, "want true or false")
	}
}

// choose returns what the text of a scalar stands for, one of choices.
func choose[T any](d *document, path string, n *yaml.Node, choices map[string]T) (chosen T, ok bool) {
	text, ok := d.text(path, n)
	if !ok {
		return chosen, false
	}
	if chosen, ok = choices[text]; !ok {
		d.refuse(n, path, "%.60q: want %s", text, strings.Join(slices.Sorted(maps.Keys(choices)), ", "))
	}
	return chosen, ok
}

// resolve follows an alias (*name) to its anchor (&name), which cannot be an alias itself.
func resolve(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
