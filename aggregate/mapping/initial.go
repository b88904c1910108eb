package mapping

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// MaxInitial is the most initial series that a file may ask for.
const MaxInitial = 10_000

// InitialSeries is a series that exists before any sample comes. Its type is the rule's MetricType.
type InitialSeries struct {
	Rule *Rule
	Name string // not yet sanitised
	// Labels are those of the rule, of its init, which override them, and of static_labels; sorted by name.
	Labels []Label
}

// labelValues are the values that a label takes in turn.
type labelValues struct {
	name   string
	values []string
}

// readInitial reads init: a list of sections, each of which stands for the series with all combinations of
// the values that it gives.
func (w *draft) readInitial() {
	v, given := w.values["init"]
	if !given || !w.mayHaveInitial(v) {
		return
	}
	if isSection(v) {
		w.readLabelSets(v)
		return
	}
	w.doc.list(v, "sections, label: [values]", w.readLabelSets)
}

func (w *draft) mayHaveInitial(v value) bool {
	before := len(w.doc.mistakes)
	if w.Action == ActionDrop {
		w.doc.refuse(v.line, v.path, "the rule drops samples: want action: map")
	}
	if w.MetricType != "counter" && w.MetricType != "gauge" && w.MetricType != "observer" {
		w.doc.refuse(v.line, v.path,
			"the type is not known: want match_metric_type: counter, gauge or observer")
	}
	if !w.name.constant() {
		w.doc.refuse(v.line, v.path, "the name %s has captures: want one without", show(w.Name))
	}
	return len(w.doc.mistakes) == before
}

// readLabelSets adds the series that one section stands for.
func (w *draft) readLabelSets(v value) {
	before := len(w.doc.mistakes)
	sets := w.readLabelValues(v)
	given := func(name string) bool {
		return slices.ContainsFunc(sets, func(l labelValues) bool { return l.name == name })
	}
	for i := range w.labels {
		if !w.labels[i].value.constant() && !given(w.labels[i].name) {
			w.doc.refuse(v.line, join(v.path, w.labels[i].name),
				"missing: the label of the rule has captures: want the values to begin with")
		}
	}
	if len(w.doc.mistakes) == before {
		w.addInitial(v, sets)
	}
}

func (w *draft) readLabelValues(v value) []labelValues {
	var sets []labelValues
	for _, p := range w.doc.pairs(v) {
		path := join(v.path, showNode(p.key))
		if p.key.Kind != yaml.ScalarNode {
			w.doc.refuse(p.key.Line, path, "want a label before the colon")
			continue
		}
		w.doc.checkLabel(value{path, p.key.Line, p.key}, w.types)
		one := labelValues{name: p.key.Value}
		add := func(v value) {
			text, _ := w.doc.text(v, "a value or a list of values")
			one.values = append(one.values, text)
		}
		if at := (value{path, p.value.Line, resolve(p.value)}); at.node.Kind == yaml.SequenceNode {
			w.doc.list(at, "values", add)
		} else {
			add(at)
		}
		if len(one.values) == 0 {
			w.doc.refuse(p.value.Line, path, "an empty list: want at least one value")
		}
		sets = append(sets, one)
	}
	slices.SortFunc(sets, func(a, b labelValues) int { return cmp.Compare(a.name, b.name) })
	return sets
}

// addInitial adds the series of all combinations.
func (w *draft) addInitial(v value, sets []labelValues) {
	total := 1
	for _, set := range sets {
		if total *= len(set.values); total > MaxInitial {
			break
		}
	}
	if len(w.doc.initial)+total > MaxInitial {
		if !w.doc.overflow {
			w.doc.refuse(v.line, v.path, "more than %d initial series in the file: want fewer", MaxInitial)
		}
		w.doc.overflow = true
		return
	}
	for n := range total {
		texts := w.constantLabels()
		for _, set := range slices.Backward(sets) {
			texts[set.name] = set.values[n%len(set.values)]
			n /= len(set.values)
		}
		w.doc.initial = append(w.doc.initial,
			InitialSeries{w.Rule, constantText(w.name), sortedLabels(texts)})
	}
}

// constantLabels returns the labels that all series of the rule have.
func (w *draft) constantLabels() map[string]string {
	texts := map[string]string{}
	for _, static := range w.statics {
		texts[static.Name] = string(static.Value)
	}
	for i := range w.labels {
		texts[w.labels[i].name] = constantText(w.labels[i].value)
	}
	return texts
}

func sortedLabels(texts map[string]string) []Label {
	labels := make([]Label, 0, len(texts))
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		labels = append(labels, Label{name, []byte(texts[name])})
	}
	return labels
}

// constantText is a template without its references.
func constantText(t template) string {
	var b strings.Builder
	for _, p := range t {
		b.WriteString(p.literal)
	}
	return b.String()
}
