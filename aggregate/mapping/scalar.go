package mapping

import (
	"fmt"
	"iter"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"weir/internal/mistake"
	"weir/internal/yamlfile"
)

// section iterates over the keys of v that have a value, as statsd_exporter does; names lists the known
// keys.
func section(v yamlfile.Value, names string) iter.Seq2[string, yamlfile.Value] {
	return func(yield func(string, yamlfile.Value) bool) {
		for name, given := range v.Section(strings.Fields(names)...) {
			if !given.IsNull() && !yield(name, given) {
				return
			}
		}
	}
}

// optional reads one of the words; an empty text means the absent one.
func optional(v yamlfile.Value, absent string, words ...string) string {
	if v.IsScalar() && v.Source() == "" {
		return absent
	}
	word, _ := v.Choice(words...)
	return word
}

// number reads a number that is allowed; want says which are, and instead what becomes of others that
// statsd_exporter loads.
func (d *document) number(
	v yamlfile.Value, want, instead string, allowed func(float64) bool,
) (f float64, ok bool) {
	switch {
	case v.IsNull() && d.compat && allowed(0):
		return 0, d.tolerate(v, "nothing", want, "0 is taken")
	case !isNumber(v) || v.Decode(&f) != nil:
		v.Refuse(want)
	case allowed(f):
		return f, true
	default:
		d.tolerate(v, v.String(), want, instead)
	}
	return 0, false
}

func isNumber(v yamlfile.Value) bool { return v.Tag() == "!!int" || v.Tag() == "!!float" }

func isFinite(f float64) bool { return !math.IsNaN(f) && !math.IsInf(f, 0) }

// whole reads a number without a fraction from 0 to 4294967295.
func (d *document) whole(v yamlfile.Value) (n int, ok bool) {
	const want = "want a whole number, 0 or more"
	var u uint32
	var f float64
	switch {
	case v.Tag() == "!!int" && v.Decode(&u) == nil && int(u) >= 0:
		return int(u), true
	case v.Tag() == "!!float" && v.Decode(&f) == nil && f >= 0 && f <= math.MaxInt32:
		return int(f), d.tolerate(v, v.String(), want, fmt.Sprintf("it is taken as %d", int(f)))
	default:
		v.Refuse(want)
		return 0, false
	}
}

// count reads a whole number; nil when it is 0, which means that it is not set.
func (d *document) count(v yamlfile.Value) *int {
	if n, ok := d.whole(v); ok && n > 0 {
		return &n
	}
	return nil
}

// duration reads a duration that is not negative. A number needs its unit, except 0. Negative says what
// becomes of a negative duration that statsd_exporter loads, which is returned.
func (d *document) duration(v yamlfile.Value, negative string) (length time.Duration, ok bool) {
	const want = `want a number with a unit, such as 60s, 5m or 1h30m`
	length, err := time.ParseDuration(v.Source())
	var nanoseconds float64
	switch {
	case err == nil:
	case !isNumber(v) || v.Decode(&nanoseconds) != nil || !(nanoseconds < math.MaxInt64):
		v.Refuse(want)
		return 0, false
	case !d.tolerate(v, v.Source()+" has no unit", want+"; for seconds write "+v.Source()+"s",
		"nanoseconds are taken"):
		return 0, false
	default:
		length = time.Duration(max(nanoseconds, math.MinInt64))
	}
	return length, length >= 0 || d.tolerate(v, v.String(), "want 0 or more", negative)
}

// textsByKey reads a section of scalars. Check is called for each key.
func textsByKey(v yamlfile.Value, want string, check func(key yamlfile.Value)) map[string]string {
	texts := map[string]string{}
	for _, p := range v.Pairs("want a section, key: value") {
		if !p.Key.IsScalar() {
			p.Key.RefuseAs("", "want text before the colon")
			continue
		}
		check(p.Key)
		if !p.Again {
			texts[p.Key.Source()], _ = p.Value.Scalar(want)
		}
	}
	return texts
}

// maxLabelValues reads max_label_values of the defaults, or of a rule for the types.
func (d *document) maxLabelValues(v yamlfile.Value, types typeSet) map[string]int {
	most := map[string]int{}
	for _, p := range v.Pairs("want a section, label: number") {
		if !p.Key.IsScalar() {
			p.Key.RefuseAs("", "want a label before the colon")
			continue
		}
		d.checkLabel(p.Key, types)
		n, ok := d.whole(p.Value)
		if ok && n == 0 {
			p.Value.Refuse("want 1 or more; to leave the label out, drop_labels")
		}
		most[p.Key.Source()] = n
	}
	return most
}

// checkLabel refuses a value that is no label, or one that Prometheus makes itself for what the types become.
func (d *document) checkLabel(v yamlfile.Value, types typeSet) {
	switch name := v.Source(); {
	case !isLabelName(name):
		v.RefuseAs(mistake.Show(name)+" is no label", "want letters, digits and _, not starting with a digit")
	case strings.HasPrefix(name, "__"):
		d.tolerate(v, name+" is reserved", "want none that starts with __, as Prometheus's own do",
			"the label becomes exported_"+name)
	case (name == "le" || name == "quantile") && types.has(TypeObserver):
		d.tolerate(v, name+" is reserved for observers",
			"want another, or match_metric_type: counter or gauge",
			"for observers the label becomes exported_"+name)
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

// sortedLabels returns the labels with the texts as values, sorted by name.
func sortedLabels(texts map[string]string) []Label {
	labels := make([]Label, 0, len(texts))
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		labels = append(labels, Label{name, []byte(texts[name])})
	}
	return labels
}
