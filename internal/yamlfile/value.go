package yamlfile

import (
	"iter"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"weir/internal/mistake"
)

// Value is a value of a document: that of a key, an element of a list, or a key itself.
type Value struct {
	// Path leads from the root to the value: "mappings[3].match"; empty for the root.
	Path string
	// Line is where the value stands in the file, from 1; of an alias it is that of the alias.
	Line int

	document *Document
	node     *yaml.Node // not an alias
}

// IsNull reports whether there is nothing, as behind "key:".
func (v Value) IsNull() bool { return v.node.ShortTag() == "!!null" }

// IsSection reports whether v has keys.
func (v Value) IsSection() bool { return v.node.Kind == yaml.MappingNode }

// IsList reports whether v has elements.
func (v Value) IsList() bool { return v.node.Kind == yaml.SequenceNode }

// IsScalar reports whether v is a text, a number or the like; null is one too.
func (v Value) IsScalar() bool { return v.node.Kind == yaml.ScalarNode }

// Tag returns the type that YAML gives v: "!!str", "!!int", "!!float", "!!bool", "!!null", "!!map", "!!seq"
// or another.
func (v Value) Tag() string { return v.node.ShortTag() }

// Source returns a scalar as it is written, without quotes; "" for everything else.
func (v Value) Source() string { return v.node.Value }

// Decode stores v in the value that target points to, by the rules of YAML.
func (v Value) Decode(target any) error { return v.node.Decode(target) }

// Comment returns the comment above a key.
func (v Value) Comment() string { return v.node.HeadComment }

// String returns v for the middle of a message; "" for a scalar that must be hidden.
func (v Value) String() string {
	if v.IsScalar() && v.document.options.Hide {
		return ""
	}
	return v.show()
}

// show is String for keys and other values that are never hidden.
func (v Value) show() string {
	switch {
	case v.IsSection():
		return "a section"
	case v.IsList():
		return "a list"
	case v.IsNull():
		return "nothing"
	case v.isQuoted():
		return mistake.Quote(v.node.Value)
	default:
		return mistake.Show(v.node.Value)
	}
}

func (v Value) isQuoted() bool {
	return v.node.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0
}

// Refuse adds the mistake that v is not what is wanted: "want a number".
func (v Value) Refuse(want string) { v.RefuseAs(v.String(), want) }

// RefuseAs adds a mistake at v. Wrong is how v is shown or what is wrong with it, want is what is allowed or
// what to do.
func (v Value) RefuseAs(wrong, want string) { v.document.refuse(v.Line, v.Path, wrong, want) }

// RefuseMissing adds the mistake that the section v does not have a key.
func (v Value) RefuseMissing(key, want string) {
	v.document.refuse(v.Line, Join(v.Path, key), "missing", want)
}

// Pair is a key of a section with its value.
type Pair struct {
	Key, Value Value
	// Again says that the key was given before, which has been refused.
	Again bool
}

type nodePair struct {
	key, value *yaml.Node
	again      bool
}

// Pairs returns the keys of the section v with their values, in the order of the file; those of merge keys
// come last. Null is an empty section. Any other value is refused: want says what is wanted. So is a key that
// is given twice.
func (v Value) Pairs(want string) []Pair {
	if v.IsNull() {
		return nil
	}
	if !v.IsSection() {
		v.Refuse(want)
		return nil
	}
	nodes := v.nodePairs()
	pairs := make([]Pair, len(nodes))
	for i, n := range nodes {
		pairs[i].Key = v.document.value("", n.key)
		pairs[i].Key.Path = Join(v.Path, pairs[i].Key.show())
		pairs[i].Value = v.document.value(pairs[i].Key.Path, n.value)
		pairs[i].Again = n.again
	}
	return pairs
}

// nodePairs reads the section v once; a section with several aliases has its mistakes told once.
func (v Value) nodePairs() []nodePair {
	d := v.document
	if pairs, done := d.pairs[v.node]; done {
		return pairs
	}
	d.pairs[v.node] = nil
	var pairs, merged []nodePair
	lines := map[string]int{}
	for p := range slices.Chunk(v.node.Content, 2) {
		key := d.value("", p[0])
		first, again := lines[key.Source()]
		again = again && key.IsScalar()
		if d.options.Merge && key.Tag() == "!!merge" {
			merged = append(merged, v.merge(p[1])...)
			continue
		}
		if again {
			d.refuse(key.Line, Join(v.Path, key.show()), "given twice, first in line "+strconv.Itoa(first),
				"want it once")
		} else {
			lines[key.Source()] = key.Line
		}
		pairs = append(pairs, nodePair{p[0], p[1], again})
	}
	for _, p := range merged {
		if _, overridden := lines[p.key.Value]; !overridden {
			lines[p.key.Value] = p.key.Line
			pairs = append(pairs, p)
		}
	}
	d.pairs[v.node] = pairs
	return pairs
}

// merge returns the pairs of the value of a merge key: a section, or a list of sections.
func (v Value) merge(n *yaml.Node) []nodePair {
	const want = "want a section, or a list of sections"
	given := v.document.value(Join(v.Path, "<<"), n)
	sections := []Value{given}
	if given.IsList() {
		sections = slices.Collect(given.elements())
	}
	var all []nodePair
	for _, s := range sections {
		switch {
		case s.IsSection():
			all = append(all, s.nodePairs()...)
		case !s.IsNull():
			s.Refuse(want)
		}
	}
	return all
}

// Section iterates over the keys of the section v with their values. Null is an empty section. Everything
// that is no section is refused, and so are keys that are not known or given twice.
func (v Value) Section(known ...string) iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		for _, p := range v.Pairs("want a section with the keys " + strings.Join(known, ", ")) {
			name := p.Key.Source()
			switch {
			case !p.Key.IsScalar() || !slices.Contains(known, name):
				p.Key.RefuseAs("unknown key", Suggest(name, known))
			case !p.Again && !yield(name, p.Value):
				return
			}
		}
	}
}

// List iterates over the elements of the list v. Null is an empty list. Everything else is refused: what says
// what the elements are, like "numbers".
func (v Value) List(what string) iter.Seq[Value] {
	if !v.IsList() {
		return func(func(Value) bool) {
			if !v.IsNull() {
				v.Refuse("want a list of " + what)
			}
		}
	}
	return v.elements()
}

func (v Value) elements() iter.Seq[Value] {
	return func(yield func(Value) bool) {
		for i, n := range v.node.Content {
			if !yield(v.document.value(v.Path+"["+strconv.Itoa(i)+"]", n)) {
				return
			}
		}
	}
}

// Scalar returns any scalar as it is written, as YAML does for a text; null is "". Sections and lists are
// refused: want says what is wanted.
func (v Value) Scalar(want string) (text string, ok bool) {
	switch {
	case !v.IsScalar():
		v.Refuse(want)
		return "", false
	case v.IsNull():
		return "", true
	default:
		return v.Source(), true
	}
}

// Text is Scalar for values that cannot be empty.
func (v Value) Text(want string) (text string, ok bool) {
	if v.IsScalar() && (v.IsNull() || v.Source() == "") {
		v.Refuse(want)
		return "", false
	}
	return v.Scalar(want)
}

// Choice returns a scalar that is one of the words.
func (v Value) Choice(words ...string) (word string, ok bool) {
	want := "want " + mistake.Or(words)
	word, ok = v.Scalar(want)
	if ok && !slices.Contains(words, word) {
		v.RefuseAs(v.show(), want)
		return "", false
	}
	return word, ok
}

// Bool returns true or false, also by their other names in YAML 1.1 (yes, no, on, off). Text in quotes is
// refused.
func (v Value) Bool() (b, ok bool) {
	if v.IsScalar() && !v.IsNull() && !v.isQuoted() && v.Decode(&b) == nil {
		return b, true
	}
	v.Refuse("want true or false")
	return false, false
}

// Join appends a key to the path of its section, which is empty for the root.
func Join(section, key string) string {
	if section == "" {
		return key
	}
	return section + "." + key
}
