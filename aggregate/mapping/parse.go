package mapping

import (
	"weir/internal/mistake"
	"weir/internal/yamlfile"
)

// Parse compiles a YAML document; file is its name in messages. The error joins all mistakes, by line, each
// of them "file:line: path.to.key: bad value: what is allowed". An empty document has no rules.
func Parse(file string, data []byte) (*Rules, error) {
	return parse(document{file: file, matchType: MatchGlob}, data)
}

// ParseCompat is Parse for files that statsd_exporter loads: weir loads them, too. What it would refuse by
// itself, because it can only be a mistake, is a warning that says what becomes of it. What statsd_exporter
// refuses, weir refuses too, except for what weir adds.
//
// Two things that statsd_exporter loads are refused all the same: further YAML documents in a file, which it
// ignores, and the keys fsm, logger, mappingscount and registerer, which are fields of its program.
func ParseCompat(file string, data []byte) (*Rules, error) {
	return parse(document{file: file, matchType: MatchGlob, compat: true}, data)
}

func parse(d document, data []byte) (*Rules, error) {
	d.source = yamlfile.Parse(d.file, data, yamlfile.Options{Merge: true})
	if root, ok := d.source.Root(); ok {
		d.read(root)
	}
	if err := d.source.Err(); err != nil {
		return nil, err
	}
	rules := &Rules{
		rules: d.rules, defaults: d.defaults, statics: d.statics, most: d.most, initial: d.initial,
	}
	rules.index(d.order)
	lint(&d, rules)
	for _, w := range mistake.All(mistake.Join(d.warnings)) {
		rules.warnings = append(rules.warnings, w.Error())
	}
	return rules, nil
}

// document is a mapping file while it is read.
type document struct {
	file      string
	compat    bool // what statsd_exporter loads is loaded
	source    *yamlfile.Document
	warnings  []*mistake.Mistake
	defaults  Settings
	matchType MatchType
	order     order
	statics   []Label
	most      map[string]int
	rules     []*Rule
	initial   []InitialSeries
	overflow  bool // there are too many initial series, which was refused
}

func (d *document) warn(line int, path, text string) {
	d.warnings = append(d.warnings, &mistake.Mistake{
		Place: mistake.Place{Name: d.file, Line: line}, Path: path, Value: text,
	})
}

// tolerate reports whether a bad value that statsd_exporter loads is loaded; instead says what becomes of it,
// for a warning. Otherwise the value is refused.
func (d *document) tolerate(v yamlfile.Value, bad, want, instead string) bool {
	if !d.compat {
		v.RefuseAs(bad, want)
		return false
	}
	d.warn(v.Line, v.Path, bad+": "+instead)
	return true
}

// read reads the defaults first, wherever they are, since rules need them.
func (d *document) read(root yamlfile.Value) {
	var mappings *yamlfile.Value
	for name, v := range section(root, "defaults mappings") {
		if name == "defaults" {
			d.readDefaults(v)
			continue
		}
		mappings = &v
	}
	if mappings == nil {
		return
	}
	for v := range mappings.List("rules, each a section with match and name") {
		d.rules = append(d.rules, readRule(d, len(d.rules), v))
	}
}

func (d *document) readDefaults(v yamlfile.Value) {
	settings := newSettingsReader(d)
	const own = "match_type match_order glob_disable_ordering static_labels max_label_values"
	for name, v := range section(v, settingsKeys+own) {
		switch name {
		case "match_type":
			d.matchType = MatchType(optional(v, string(MatchGlob), string(MatchGlob), string(MatchRegex)))
		case "match_order":
			if word, _ := v.Choice("globs_first", "file"); word == "file" {
				d.setOrder(v, fileOrder)
			}
		case "glob_disable_ordering":
			if specific, _ := v.Bool(); specific {
				d.setOrder(v, mostSpecific)
			}
		case "static_labels":
			d.statics = sortedLabels(textsByKey(v, "want a value",
				func(key yamlfile.Value) { d.checkLabel(key, allTypes) }))
		case "max_label_values":
			d.most = d.maxLabelValues(v, allTypes)
		default:
			settings.read(name, v)
		}
	}
	d.defaults = settings.Settings
}

func (d *document) setOrder(v yamlfile.Value, o order) {
	if d.order != globsFirst {
		v.RefuseAs("match_order: file and glob_disable_ordering: true exclude each other", "want only one")
	}
	d.order = o
}
