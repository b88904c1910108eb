package mapping

import (
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Parse compiles a YAML document; file is its name in messages. The error joins all mistakes, by line, each
// of them "file:line: path.to.key: bad value: what is allowed". An empty document has no rules.
func Parse(file string, data []byte) (*Rules, error) {
	d := document{reader: &reader{file: file, merged: map[*yaml.Node][]pair{}}, matchType: MatchGlob}
	if root := d.parse(data); root != nil {
		d.read(value{line: root.Line, node: resolve(root)})
	}
	if err := joinMistakes(d.mistakes); err != nil {
		return nil, err
	}
	rules := &Rules{
		rules: d.rules, defaults: d.defaults, statics: d.statics, most: d.most, initial: d.initial,
	}
	rules.index(d.order)
	d.lint(rules)
	sortMistakes(d.warnings)
	for _, w := range d.warnings {
		rules.warnings = append(rules.warnings, w.Error())
	}
	return rules, nil
}

// document is a mapping file while it is read.
type document struct {
	*reader
	defaults  Settings
	matchType MatchType
	order     order
	statics   []Label
	most      map[string]int
	rules     []*Rule
	initial   []InitialSeries
	overflow  bool // there are too many initial series, which has been said
}

// read reads the defaults first, wherever they are, since rules need them.
func (d *document) read(root value) {
	var defaults, mappings *value
	d.section(root, "defaults mappings", func(name string, v value) {
		if name == "defaults" {
			defaults = &v
			return
		}
		mappings = &v
	})
	if defaults != nil {
		d.readDefaults(*defaults)
	}
	if mappings != nil {
		d.list(*mappings, "rules, each a section with match and name", func(v value) {
			d.rules = append(d.rules, d.readRule(len(d.rules), v))
		})
	}
}

func (d *document) readDefaults(v value) {
	settings := newSettingsReader(d.reader)
	const own = "match_type match_order glob_disable_ordering static_labels max_label_values"
	d.section(v, settingsKeys+own, func(name string, v value) {
		switch name {
		case "match_type":
			d.matchType = MatchType(d.optional(v, string(MatchGlob), string(MatchGlob), string(MatchRegex)))
		case "match_order":
			text, _ := d.choice(v, "globs_first", "file")
			if text == "file" {
				d.setOrder(v, fileOrder)
			}
		case "glob_disable_ordering":
			if d.boolean(v) {
				d.setOrder(v, mostSpecific)
			}
		case "static_labels":
			d.readStatics(v)
		case "max_label_values":
			d.most = d.readMaxLabelValues(v, allTypes)
		default:
			settings.take(name, v)
		}
	})
	d.defaults = settings.Settings
}

func (d *document) setOrder(v value, o order) {
	if d.order != globsFirst {
		d.refuse(v.line, v.path,
			"match_order: file and glob_disable_ordering: true exclude each other: want only one")
	}
	d.order = o
}

func (d *document) readStatics(v value) {
	texts := d.texts(v, "a value", func(key value) { d.checkLabel(key, allTypes) })
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		d.statics = append(d.statics, Label{name, []byte(texts[name])})
	}
}

// readMaxLabelValues reads max_label_values of the defaults, or of a rule for the types.
func (r *reader) readMaxLabelValues(v value, types typeSet) map[string]int {
	most := map[string]int{}
	for _, p := range r.pairs(v) {
		at := value{join(v.path, showNode(p.key)), p.value.Line, resolve(p.value)}
		if p.key.Kind != yaml.ScalarNode {
			r.refuse(p.key.Line, at.path, "want a label before the colon")
			continue
		}
		r.checkLabel(value{at.path, p.key.Line, p.key}, types)
		n, ok := r.whole(at)
		if ok && n == 0 {
			r.refuse(at.line, at.path, "0: want 1 or more; to leave the label out, drop_labels")
		}
		most[p.key.Value] = n
	}
	return most
}

// texts reads a section of scalars. Check is called for each key.
func (r *reader) texts(v value, want string, check func(key value)) map[string]string {
	texts := map[string]string{}
	for _, p := range r.pairs(v) {
		path := join(v.path, showNode(p.key))
		if p.key.Kind != yaml.ScalarNode {
			r.refuse(p.key.Line, path, "want text before the colon")
			continue
		}
		check(value{path, p.key.Line, p.key})
		texts[p.key.Value], _ = r.text(value{path, p.value.Line, resolve(p.value)}, want)
	}
	return texts
}

// checkLabel refuses a key that is no label, or one that Prometheus makes itself for what the types become.
func (r *reader) checkLabel(key value, types typeSet) {
	switch name := key.node.Value; {
	case !isLabelName(name):
		r.refuse(key.line, key.path, "%s is no label: want letters, digits and _, not starting with a digit",
			show(name))
	case strings.HasPrefix(name, "__"):
		r.refuse(key.line, key.path,
			"%s is no label to choose: want none that starts with __, which are Prometheus's own", show(name))
	case (name == "le" || name == "quantile") && types.has(TypeObserver):
		r.refuse(key.line, key.path,
			"%s is what observers use: want another, or match_metric_type: counter or gauge", name)
	}
}

func isLabelName(name string) bool {
	if name == "" || '0' <= name[0] && name[0] <= '9' {
		return false
	}
	for i := range len(name) {
		if !isWordByte(name[i]) {
			return false
		}
	}
	return true
}

func isSection(v value) bool { return v.node.Kind == yaml.MappingNode }
