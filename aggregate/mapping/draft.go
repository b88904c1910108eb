package mapping

import (
	"errors"
	"maps"
	"regexp/syntax"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// ruleKeys are those that only rules have.
const ruleKeys = "match match_type match_metric_type action name labels honor_labels help scale " +
	"except match_tags label_map drop_labels max_label_values init"

// draft is a rule while it is read.
type draft struct {
	*Rule
	settings *settingsReader
	doc      *document
	at       value            // of the rule
	values   map[string]value // by key, of those of ruleKeys that are given
}

// readRule reads a rule; with mistakes it is good for nothing.
func (d *document) readRule(index int, v value) *Rule {
	w := draft{
		Rule:     &Rule{File: d.file, Index: index, Line: v.line, Action: ActionMap, types: allTypes},
		settings: newSettingsReader(d.reader), doc: d, at: v, values: map[string]value{},
	}
	if !isSection(v) {
		d.refuse(v.line, v.path, "%s: want a rule, a section with match and name", showNode(v.node))
		return w.Rule
	}
	d.section(v, ruleKeys+" "+settingsKeys, func(name string, v value) {
		if strings.Contains(settingsKeys, name+" ") {
			w.settings.take(name, v)
			return
		}
		w.values[name] = v
	})
	w.readSelectors()
	w.readMatch()
	w.readOutput()
	w.readRelabeling()
	w.settings.inherit(&d.defaults)
	w.settings.checkObserver()
	w.Settings = w.settings.Settings
	w.readInitial()
	return w.Rule
}

// readSelectors reads what needs no other key.
func (w *draft) readSelectors() {
	w.MatchType = w.doc.matchType
	if v, given := w.values["match_type"]; given {
		w.MatchType = MatchType(w.doc.optional(v, string(w.MatchType), string(MatchGlob), string(MatchRegex)))
	}
	if v, given := w.values["action"]; given {
		w.Action = Action(w.doc.optional(v, string(ActionMap), string(ActionMap), string(ActionDrop)))
	}
	if v, given := w.values["match_metric_type"]; given {
		w.readMetricType(v)
	}
	if v, given := w.values["except"]; given {
		w.doc.list(v, "globs", w.readException)
	}
	if v, given := w.values["match_tags"]; given {
		w.readMatchTags(v)
	}
}

func (w *draft) readMetricType(v value) {
	if v.node.Value == "timer" {
		w.doc.warn(v.line, v.path, "timer is an older spelling: write observer")
		w.MetricType, w.types = "observer", 1<<TypeObserver
		return
	}
	var ok bool
	names := strings.Fields(typeNames)
	if w.MetricType, ok = w.doc.choice(v, names...); ok {
		w.types = 1 << slices.Index(names, w.MetricType)
	}
}

func (w *draft) readException(v value) {
	text, ok := w.doc.text(v, "a glob")
	if !ok {
		return
	}
	p, wrong := parsePattern(text)
	if wrong != "" {
		w.doc.refuse(v.line, v.path, "%s: %s", show(text), wrong)
	}
	w.Except, w.except = append(w.Except, text), append(w.except, p)
}

func (w *draft) readMatchTags(v value) {
	w.MatchTags = w.doc.texts(v, "a value, or a glob for it", func(key value) {
		if key.node.Value == "" {
			w.doc.refuse(key.line, key.path, "an empty key: want the key of a tag")
		}
	})
	for _, key := range slices.Sorted(maps.Keys(w.MatchTags)) {
		w.tags = append(w.tags, tagPattern{key, newSegment(w.MatchTags[key])})
	}
}

// readMatch compiles the match.
func (w *draft) readMatch() {
	v, given := w.values["match"]
	if !given {
		w.doc.refuse(w.at.line, join(w.at.path, "match"), "missing: want a glob or a regular expression")
		return
	}
	text, ok := w.doc.text(v, "a glob or a regular expression")
	w.Match = text
	switch {
	case !ok:
	case w.MatchType == MatchRegex:
		compiled, err := newExpression(text)
		if err != nil {
			w.doc.refuse(v.line, v.path, "%s: %s: want a regular expression in RE2 syntax",
				show(text), reason(err))
			return
		}
		w.regex = compiled
	default:
		p, wrong := parsePattern(text)
		if wrong != "" {
			w.doc.refuse(v.line, v.path, "%s: %s", show(text), wrong)
		}
		w.glob = p
	}
}

// reason is an error of regexp without what its callers say themselves.
func reason(err error) string {
	if syntaxErr, ok := errors.AsType[*syntax.Error](err); ok {
		return syntaxErr.Code.String() + ": " + show(syntaxErr.Expr)
	}
	return err.Error()
}

// readOutput reads what a sample becomes. It needs the match.
func (w *draft) readOutput() {
	if v, given := w.values["name"]; given {
		w.readName(v)
	} else if w.Action == ActionMap {
		w.doc.refuse(w.at.line, join(w.at.path, "name"), "missing: want the name of the metric")
	}
	if v, given := w.values["labels"]; given {
		w.readLabels(v)
	}
	if v, given := w.values["honor_labels"]; given {
		w.HonorLabels = w.doc.boolean(v)
	}
	if v, given := w.values["help"]; given {
		w.Help, _ = w.doc.text(v, "text")
	}
	if v, given := w.values["scale"]; given {
		if scale, ok := w.doc.number(v, "a finite number", isFinite); ok {
			w.settings.Scale = &scale
		}
	}
	for _, static := range w.doc.statics {
		if _, overridden := w.Labels[static.Name]; !overridden {
			w.statics = append(w.statics, static)
		}
	}
}

func (w *draft) readLabels(v value) {
	lines := map[string]int{}
	w.Labels = w.doc.texts(v, "a template", func(key value) {
		w.doc.checkLabel(key, w.types)
		lines[key.node.Value] = key.line
	})
	for _, name := range slices.Sorted(maps.Keys(w.Labels)) {
		t := w.template(w.Labels[name])
		w.checkReferences(lines[name], join(v.path, name), t)
		w.labels = append(w.labels, labelTemplate{name, t})
	}
}

// readRelabeling reads what becomes of the labels made of tags.
func (w *draft) readRelabeling() {
	if v, given := w.values["drop_labels"]; given {
		w.doc.list(v, "labels", func(v value) {
			if name, ok := w.doc.text(v, "a label"); ok && name == "" {
				w.doc.refuse(v.line, v.path, "an empty name: want a label")
			} else if ok {
				w.DropLabels = append(w.DropLabels, name)
			}
		})
	}
	if v, given := w.values["label_map"]; given {
		w.readLabelMap(v)
	}
	if v, given := w.values["max_label_values"]; given {
		w.MaxLabelValues = w.doc.readMaxLabelValues(v, w.types)
	}
}

func (w *draft) readLabelMap(v value) {
	w.LabelMap = map[string]string{}
	for _, p := range w.doc.pairs(v) {
		path := join(v.path, showNode(p.key))
		to := value{path, p.value.Line, resolve(p.value)}
		name, ok := w.doc.text(to, "the new name of the label")
		if p.key.Kind != yaml.ScalarNode || p.key.Value == "" {
			w.doc.refuse(p.key.Line, path, "%s: want the label to rename", showNode(p.key))
		}
		if ok {
			w.doc.checkLabel(to, w.types)
			w.LabelMap[p.key.Value] = name
		}
	}
}
