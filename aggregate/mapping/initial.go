package mapping

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"weir/internal/mistake"
	"weir/internal/yamlfile"
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

// initialReader reads init of a rule.
type initialReader struct{ *draft }

// labelValues are the values that a label takes in turn.
type labelValues struct {
	name   string
	values []string
}

// readInitial reads init: a list of sections, each of which stands for the series with all combinations of
// the values that it gives.
func readInitial(w *draft, v yamlfile.Value) {
	r := initialReader{w}
	if !r.isPossible(v) {
		return
	}
	if v.IsSection() {
		r.readSection(v)
		return
	}
	for v := range v.List("sections, label: [values]") {
		r.readSection(v)
	}
}

// mistakes counts the mistakes in the file until now.
func (r initialReader) mistakes() int { return len(r.doc.source.Mistakes()) }

// isPossible reports whether the rule can have initial series, and refuses init otherwise.
func (r initialReader) isPossible(v yamlfile.Value) bool {
	before := r.mistakes()
	if r.Action == ActionDrop {
		v.RefuseAs("the rule drops samples", "want action: map")
	}
	if _, given := r.values["match_metric_type"]; given && r.MetricType == "" {
		return false // it was refused
	}
	if r.MetricType != "counter" && r.MetricType != "gauge" && r.MetricType != "observer" {
		v.RefuseAs("the type is not known", "want match_metric_type: counter, gauge or observer")
	}
	if !r.name.constant() {
		v.RefuseAs("the name "+mistake.Show(r.Name)+" has captures", "want one without")
	}
	return r.mistakes() == before
}

// readSection adds the series that one section stands for.
func (r initialReader) readSection(v yamlfile.Value) {
	before := r.mistakes()
	sets := r.readLabels(v)
	isGiven := func(name string) bool {
		return slices.ContainsFunc(sets, func(l labelValues) bool { return l.name == name })
	}
	for i := range r.labels {
		if !r.labels[i].value.constant() && !isGiven(r.labels[i].name) {
			v.RefuseMissing(r.labels[i].name,
				"the label of the rule has captures: want the values to begin with")
		}
	}
	if r.mistakes() == before {
		r.add(v, sets)
	}
}

func (r initialReader) readLabels(v yamlfile.Value) []labelValues {
	var sets []labelValues
	for _, p := range v.Pairs("want a section, label: [values]") {
		if !p.Key.IsScalar() {
			p.Key.RefuseAs("", "want a label before the colon")
			continue
		}
		r.doc.checkLabel(p.Key, r.types)
		one := labelValues{name: p.Key.Source(), values: readLabelValues(p.Value)}
		if len(one.values) == 0 {
			p.Value.RefuseAs("an empty list", "want at least one value")
		}
		sets = append(sets, one)
	}
	slices.SortFunc(sets, func(a, b labelValues) int { return cmp.Compare(a.name, b.name) })
	return sets
}

// readLabelValues reads a value or a list of values.
func readLabelValues(v yamlfile.Value) []string {
	const want = "want a value or a list of values"
	if !v.IsList() {
		text, _ := v.Scalar(want)
		return []string{text}
	}
	var values []string
	for v := range v.List("values") {
		text, _ := v.Scalar(want)
		values = append(values, text)
	}
	return values
}

// add adds the series of all combinations.
func (r initialReader) add(v yamlfile.Value, sets []labelValues) {
	total := 1
	for _, set := range sets {
		if total *= len(set.values); total > MaxInitial {
			break
		}
	}
	if len(r.doc.initial)+total > MaxInitial {
		if !r.doc.overflow {
			v.RefuseAs("more than "+strconv.Itoa(MaxInitial)+" initial series in the file", "want fewer")
		}
		r.doc.overflow = true
		return
	}
	for n := range total {
		texts := r.constantLabels()
		for _, set := range slices.Backward(sets) {
			texts[set.name] = set.values[n%len(set.values)]
			n /= len(set.values)
		}
		r.doc.initial = append(r.doc.initial,
			InitialSeries{r.Rule, constantText(r.name), sortedLabels(texts)})
	}
}

// constantLabels returns the labels that all series of the rule have.
func (r initialReader) constantLabels() map[string]string {
	texts := map[string]string{}
	for _, static := range r.statics {
		texts[static.Name] = string(static.Value)
	}
	for i := range r.labels {
		texts[r.labels[i].name] = constantText(r.labels[i].value)
	}
	return texts
}

// constantText is a template without its references.
func constantText(t template) string {
	var b strings.Builder
	for _, p := range t {
		b.WriteString(p.literal)
	}
	return b.String()
}
