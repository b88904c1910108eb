package mapping

import (
	"errors"
	"maps"
	"regexp/syntax"
	"slices"
	"strings"

	"weir/internal/mistake"
	"weir/internal/yamlfile"
)

// ruleKeys are the keys that only rules have.
const ruleKeys = "match match_type match_metric_type action name labels honor_labels help scale " +
	"except match_tags label_map drop_labels max_label_values init"

// draft is a rule while it is read.
type draft struct {
	*Rule

	settings *settingsReader
	doc      *document
	at       yamlfile.Value            // of the rule
	values   map[string]yamlfile.Value // by key, of those of ruleKeys that are given
}

// readRule reads a rule; after a mistake it must not be used.
func readRule(d *document, index int, v yamlfile.Value) *Rule {
	w := draft{
		Rule:     &Rule{File: d.file, Index: index, Line: v.Line, Action: ActionMap, types: allTypes},
		settings: newSettingsReader(d), doc: d, at: v, values: map[string]yamlfile.Value{},
	}
	if !v.IsSection() {
		v.Refuse("want a rule, a section with match and name")
		return w.Rule
	}
	shared := strings.Fields(settingsKeys)
	for name, v := range section(v, ruleKeys+" "+settingsKeys) {
		if slices.Contains(shared, name) {
			w.settings.read(name, v)
			continue
		}
		w.values[name] = v
	}
	w.readSelectors()
	w.readMatch()
	w.readOutput()
	w.readRelabeling()
	w.settings.inherit(&d.defaults)
	w.settings.checkObserver()
	w.Settings = w.settings.Settings
	if v, given := w.values["init"]; given {
		readInitial(&w, v)
	}
	return w.Rule
}

// readSelectors reads the keys that need no other.
func (w *draft) readSelectors() {
	w.MatchType = w.doc.matchType
	if v, given := w.values["match_type"]; given {
		w.MatchType = MatchType(optional(v, string(w.MatchType), string(MatchGlob), string(MatchRegex)))
	}
	if v, given := w.values["action"]; given {
		w.Action = Action(optional(v, string(ActionMap), string(ActionMap), string(ActionDrop)))
	}
	if v, given := w.values["match_metric_type"]; given {
		w.readMetricType(v)
	}
	if v, given := w.values["except"]; given {
		for v := range v.List("globs") {
			w.readException(v)
		}
	}
	if v, given := w.values["match_tags"]; given {
		w.readMatchTags(v)
	}
}

func (w *draft) readMetricType(v yamlfile.Value) {
	if v.Source() == "timer" {
		w.doc.warn(v.Line, v.Path, "timer is an older spelling: write observer")
		w.MetricType, w.types = "observer", 1<<TypeObserver
		return
	}
	var ok bool
	names := strings.Fields(typeNames)
	if w.MetricType, ok = v.Choice(names...); ok {
		w.types = 1 << slices.Index(names, w.MetricType)
	}
}

func (w *draft) readException(v yamlfile.Value) {
	text, ok := v.Scalar("want a glob")
	if !ok {
		return
	}
	p, wrong := parsePattern(text)
	if wrong != "" {
		v.Refuse(wrong)
	}
	w.Except, w.except = append(w.Except, text), append(w.except, p)
}

func (w *draft) readMatchTags(v yamlfile.Value) {
	w.MatchTags = textsByKey(v, "want a value, or a glob for it", func(key yamlfile.Value) {
		if key.Source() == "" {
			key.RefuseAs("an empty key", "want the key of a tag")
		}
	})
	for _, key := range slices.Sorted(maps.Keys(w.MatchTags)) {
		w.tags = append(w.tags, tagPattern{key, newSegment(w.MatchTags[key])})
	}
}

// readMatch compiles the match.
func (w *draft) readMatch() {
	v, given := w.values["match"]
	text, ok := "", false
	switch {
	case given:
		text, ok = v.Scalar("want a glob or a regular expression")
	case w.doc.compat && w.MatchType == MatchRegex:
		w.doc.warn(w.at.Line, yamlfile.Join(w.at.Path, "match"), "missing: every name matches")
		ok = true
	default:
		w.at.RefuseMissing("match", "want a glob or a regular expression")
	}
	w.Match = text
	switch {
	case !ok:
	case w.MatchType == MatchRegex:
		compiled, err := newExpression(text)
		if err != nil {
			v.RefuseAs(v.String()+": "+reason(err), "want a regular expression in RE2 syntax")
			return
		}
		w.regex = compiled
	default:
		p, wrong := parsePattern(text)
		if wrong != "" {
			v.Refuse(wrong)
		}
		w.glob = p
	}
}

// reason is an error of regexp without the text of the whole expression.
func reason(err error) string {
	if syntaxErr, ok := errors.AsType[*syntax.Error](err); ok {
		return syntaxErr.Code.String() + ": " + mistake.Show(syntaxErr.Expr)
	}
	return err.Error()
}

// readOutput reads what a sample becomes. It needs the match.
func (w *draft) readOutput() {
	if v, given := w.values["name"]; given {
		w.readName(v)
	} else if w.Action == ActionMap {
		w.at.RefuseMissing("name", "want the name of the metric")
	}
	if v, given := w.values["labels"]; given {
		w.readLabels(v)
	}
	if v, given := w.values["honor_labels"]; given {
		w.HonorLabels, _ = v.Bool()
	}
	if v, given := w.values["help"]; given {
		w.Help, _ = v.Scalar("want text")
	}
	if v, given := w.values["scale"]; given {
		if scale, ok := w.doc.number(v, "want a finite number", "values are not scaled", isFinite); ok {
			w.settings.Scale = &scale
		}
	}
	for _, static := range w.doc.statics {
		if _, overridden := w.Labels[static.Name]; !overridden {
			w.statics = append(w.statics, static)
		}
	}
}

func (w *draft) readLabels(v yamlfile.Value) {
	keys := map[string]yamlfile.Value{}
	w.Labels = textsByKey(v, "want a template", func(key yamlfile.Value) {
		w.doc.checkLabel(key, w.types)
		keys[key.Source()] = key
	})
	for _, name := range slices.Sorted(maps.Keys(w.Labels)) {
		t := w.template(w.Labels[name])
		w.checkReferences(keys[name], t)
		w.labels = append(w.labels, labelTemplate{name, t})
	}
}

// readRelabeling reads what becomes of the labels made of tags.
func (w *draft) readRelabeling() {
	if v, given := w.values["drop_labels"]; given {
		for v := range v.List("labels") {
			if name, ok := v.Scalar("want a label"); ok && name == "" {
				v.RefuseAs("an empty name", "want a label")
			} else if ok {
				w.DropLabels = append(w.DropLabels, name)
			}
		}
	}
	if v, given := w.values["label_map"]; given {
		w.readLabelMap(v)
	}
	if v, given := w.values["max_label_values"]; given {
		w.MaxLabelValues = w.doc.maxLabelValues(v, w.types)
	}
}

func (w *draft) readLabelMap(v yamlfile.Value) {
	w.LabelMap = map[string]string{}
	for _, p := range v.Pairs("want a section, label: new label") {
		name, ok := p.Value.Scalar("want the new name of the label")
		if !p.Key.IsScalar() || p.Key.Source() == "" {
			p.Key.Refuse("want the label to rename")
		}
		if ok {
			w.doc.checkLabel(p.Value, w.types)
			w.LabelMap[p.Key.Source()] = name
		}
	}
}
