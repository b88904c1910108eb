package mapping

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"weir/internal/strictyaml"
)

// reader reads the nodes of a YAML document and collects what is wrong with them. It goes only as deep as
// mapping files do, whatever the anchors say.
type reader struct {
	file     string
	mistakes []*mistake
	warnings []*mistake
	merged   map[*yaml.Node][]pair // sections with what they merge; nil while that is found out
}

// value is what is given for a key, or in a list.
type value struct {
	path string
	line int
	node *yaml.Node // not an alias
}

type pair struct{ key, value *yaml.Node }

func (r *reader) refuse(line int, path, format string, args ...any) {
	r.mistakes = append(r.mistakes, &mistake{r.file, line, path, fmt.Sprintf(format, args...)})
}

func (r *reader) warn(line int, path, format string, args ...any) {
	r.warnings = append(r.warnings, &mistake{r.file, line, path, fmt.Sprintf(format, args...)})
}

// parse returns the root of the only document, nil when there is none.
func (r *reader) parse(content []byte) *yaml.Node {
	root, mistakes := strictyaml.Parse(content)
	for _, m := range mistakes {
		r.refuse(m.Line, "", "%s", m.Text)
	}
	return root
}

// section calls take for each key of v that has a value. Names lists those that are known.
func (r *reader) section(v value, names string, take func(name string, v value)) {
	known := strings.Fields(names)
	for _, p := range r.pairs(v) {
		path := join(v.path, showNode(p.key))
		if p.key.Kind != yaml.ScalarNode || !slices.Contains(known, p.key.Value) {
			r.refuse(p.key.Line, path, "unknown key: %s", suggest(p.key.Value, known))
			continue
		}
		if given := resolve(p.value); !isNull(given) {
			take(p.key.Value, value{path, p.value.Line, given})
		}
	}
}

// pairs returns the keys and values of v, a section, those that it merges last. A key that is given twice is
// refused.
func (r *reader) pairs(v value) []pair {
	if isNull(v.node) {
		return nil
	}
	if v.node.Kind != yaml.MappingNode {
		r.refuse(v.line, v.path, "%s: want a section, key: value", showNode(v.node))
		return nil
	}
	if pairs, done := r.merged[v.node]; done {
		return pairs
	}
	r.merged[v.node] = nil
	var own, others []pair
	lines := map[string]int{}
	for p := range slices.Chunk(v.node.Content, 2) {
		key, given := p[0], p[1]
		switch line, again := lines[key.Value]; {
		case key.ShortTag() == "!!merge":
			others = append(others, r.merge(v.path, given)...)
		case again && key.Kind == yaml.ScalarNode:
			r.refuse(key.Line, join(v.path, showNode(key)),
				"given twice, first in line %d: want it once", line)
		default:
			lines[key.Value] = key.Line
			own = append(own, pair{key, given})
		}
	}
	for _, p := range others {
		if _, overridden := lines[p.key.Value]; !overridden {
			lines[p.key.Value] = p.key.Line
			own = append(own, p)
		}
	}
	r.merged[v.node] = own
	return own
}

// merge returns the pairs of the value of a merge key (<<): a section, or a list of them.
func (r *reader) merge(path string, n *yaml.Node) []pair {
	sections := []*yaml.Node{n}
	if given := resolve(n); given.Kind == yaml.SequenceNode {
		sections = given.Content
	}
	var all []pair
	for _, s := range sections {
		all = append(all, r.pairs(value{join(path, "<<"), s.Line, resolve(s)})...)
	}
	return all
}

// list calls take for each element of v.
func (r *reader) list(v value, want string, take func(v value)) {
	if v.node.Kind != yaml.SequenceNode {
		r.refuse(v.line, v.path, "%s: want a list of %s", showNode(v.node), want)
		return
	}
	for i, n := range v.node.Content {
		take(value{v.path + "[" + strconv.Itoa(i) + "]", n.Line, resolve(n)})
	}
}

// text reads any scalar as it is written, as YAML does for a string.
func (r *reader) text(v value, want string) (text string, ok bool) {
	if v.node.Kind != yaml.ScalarNode {
		r.refuse(v.line, v.path, "%s: want %s", showNode(v.node), want)
		return "", false
	}
	if isNull(v.node) {
		return "", true
	}
	return v.node.Value, true
}

// choice reads one of the words in want.
func (r *reader) choice(v value, want ...string) (text string, ok bool) {
	allowed := "want " + strings.Join(want, " or ")
	text, ok = r.text(v, strings.Join(want, " or "))
	if ok && !slices.Contains(want, text) {
		r.refuse(v.line, v.path, "%s: %s", show(text), allowed)
		return "", false
	}
	return text, ok
}

// optional reads one of the words in want; nothing means the absent one.
func (r *reader) optional(v value, absent string, want ...string) string {
	if v.node.Kind == yaml.ScalarNode && v.node.Value == "" {
		return absent
	}
	text, _ := r.choice(v, want...)
	return text
}

func (r *reader) boolean(v value) bool {
	var b bool
	if v.node.Kind == yaml.ScalarNode && v.node.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) == 0 &&
		v.node.Decode(&b) == nil {
		return b
	}
	r.refuse(v.line, v.path, "%s: want true or false", showNode(v.node))
	return false
}

// number reads a number that is allowed; want says which are.
func (r *reader) number(v value, want string, allowed func(float64) bool) (f float64, ok bool) {
	isNumber := v.node.ShortTag() == "!!int" || v.node.ShortTag() == "!!float"
	if isNumber && v.node.Decode(&f) == nil && allowed(f) {
		return f, true
	}
	r.refuse(v.line, v.path, "%s: want %s", showNode(v.node), want)
	return 0, false
}

// whole reads a number without a fraction from 0 to 4294967295.
func (r *reader) whole(v value) (n int, ok bool) {
	var u uint32
	if v.node.ShortTag() == "!!int" && v.node.Decode(&u) == nil && int(u) >= 0 {
		return int(u), true
	}
	r.refuse(v.line, v.path, "%s: want a whole number, 0 or more", showNode(v.node))
	return 0, false
}

const wantDuration = `want a number with a unit, such as 60s, 5m or 1h30m`

// duration reads one that is not negative. A number needs its unit, except 0.
func (r *reader) duration(v value) (d time.Duration, ok bool) {
	if v.node.Kind != yaml.ScalarNode {
		r.refuse(v.line, v.path, "%s: %s", showNode(v.node), wantDuration)
		return 0, false
	}
	d, err := time.ParseDuration(v.node.Value)
	switch tag := v.node.ShortTag(); {
	case err != nil && (tag == "!!int" || tag == "!!float"):
		r.refuse(v.line, v.path, "%s has no unit: %s; for seconds write %ss",
			show(v.node.Value), wantDuration, v.node.Value)
	case err != nil:
		r.refuse(v.line, v.path, "%s: %s", showNode(v.node), wantDuration)
	case d < 0:
		r.refuse(v.line, v.path, "%s: want 0 or more", show(v.node.Value))
	default:
		return d, true
	}
	return 0, false
}

// resolve follows an alias (*name) to its anchor (&name), which cannot be an alias itself.
func resolve(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

func isNull(n *yaml.Node) bool { return n.ShortTag() == "!!null" }

func join(path, key string) string { return strings.TrimPrefix(path+"."+key, ".") }

// showNode is the value of a node for the middle of a message.
func showNode(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a section"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Kind == yaml.AliasNode:
		return "an alias"
	case isNull(n):
		return "nothing"
	case n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 && len(n.Value) < maxShown:
		return strconv.Quote(n.Value)
	default:
		return show(n.Value)
	}
}
