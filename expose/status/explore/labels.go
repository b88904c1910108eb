package explore

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"weir/aggregate"
	"weir/aggregate/label"
	"weir/expose/status/wire"
)

const (
	defaultLabels = 20

	// suggestedValues is how many values the line to paste allows.
	suggestedValues = 100
)

// listLabels is Explorer.Labels. Labels with most values come first, or labels with most new values in a
// minute.
func listLabels(r *aggregate.Registry, latest *survey, q wire.LabelsQuery) (wire.Labels, error) {
	q.Sort, q.Limit = cmp.Or(q.Sort, wire.LabelSorts[0]), cmp.Or(max(0, q.Limit), defaultLabels)
	if !slices.Contains(wire.LabelSorts, q.Sort) {
		return wire.Labels{}, badData("sort is one of %s", strings.Join(wire.LabelSorts, ", "))
	}
	answer := wire.Labels{Labels: []wire.Label{}, Total: len(latest.labels), At: at(latest.at)}
	first := top[*labelSurvey]{most: pageSize(q.Limit)}
	for i := range latest.labels {
		l := &latest.labels[i]
		key := float64(l.values)
		if q.Sort == wire.SortGrowth {
			grown, _ := r.LabelGrowth(l.name)
			key = float64(grown.PerMinute)
		}
		first.add(rank(key, l.name, label.Labels{}, l))
	}
	for _, x := range first.sorted() {
		answer.Labels = append(answer.Labels, labelRow(r, x.item))
	}
	return answer, nil
}

// labelRow returns a label as answers have it.
func labelRow(r *aggregate.Registry, l *labelSurvey) wire.Label {
	row := wire.Label{
		Name: l.name, Values: l.values, Families: []wire.LabelFamily{}, FamiliesTotal: l.total,
		Newest: []string{}, Limit: limitOf(r, l), Fix: Fix(l.name),
	}
	for _, f := range l.families {
		row.Families = append(row.Families,
			wire.LabelFamily{Name: f.family.Name(), Values: f.values, Series: f.series})
	}
	if grown, found := r.LabelGrowth(l.name); found {
		row.GrowthPerMinute = new(float64(grown.PerMinute))
		row.GrowthSince = at(time.Unix(int64(grown.Since), 0))
		row.Newest = append(row.Newest, grown.Newest...)
	}
	return row
}

// limitOf returns the limit that the label comes closest to.
func limitOf(r *aggregate.Registry, l *labelSurvey) *wire.LabelLimit {
	limits := r.Limits()
	closest := &wire.LabelLimit{
		Kind: "max_total_series", Most: limits.MaxTotalSeries, Used: r.Stats().Series,
	}
	for _, f := range l.families {
		closest = closer(closest, &wire.LabelLimit{
			Kind: "max_series_per_metric", Most: limits.MaxSeriesPerMetric, Used: f.series,
		})
		if used, most, found := f.family.LabelCap(l.name); found {
			closest = closer(closest, &wire.LabelLimit{Kind: "max_label_values", Most: most, Used: used})
		}
	}
	return closest
}

// closer returns the limit of which a larger part is used.
func closer(a, b *wire.LabelLimit) *wire.LabelLimit {
	if float64(b.Used)*float64(a.Most) > float64(a.Used)*float64(b.Most) {
		return b
	}
	return a
}

// Fix returns the line of a mapping file, under defaults or in a rule, that bounds the values of a label.
func Fix(name string) string {
	return "max_label_values: {" + yamlKey(name) + ": " + strconv.Itoa(suggestedValues) + "}"
}

// yamlKey returns a name as a key of a flow mapping in YAML, in quotes unless it is a plain word.
func yamlKey(name string) string {
	isWord := name != ""
	for i := range len(name) {
		c := lower(name)[i]
		isWord = isWord && (c == '_' || 'a' <= c && c <= 'z' || i > 0 && '0' <= c && c <= '9')
	}
	switch lower(name) {
	case "y", "n", "yes", "no", "on", "off", "true", "false", "null":
		isWord = false
	}
	if !isWord {
		return strconv.Quote(name)
	}
	return name
}
