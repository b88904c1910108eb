package maptest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"weir/aggregate"
)

var (
	errNoSeries = errors.New(`want a series with its value, as in requests_total{code="200"} 3, or ` +
		"dropped, unmapped, rejected REASON")
	errBadLabels = errors.New(`want labels as in {code="200",method="get"}`)
)

// parseSeriesLine reads a line of an exposition, `name{label="value"} 1`. The key is the series with its
// labels sorted.
func parseSeriesLine(text string) (key string, value float64, err error) {
	//	requests_total{code="200"} 3
	//	^^^^^^^^^^^^^^ name        ^ rest
	end := strings.IndexAny(text, "{ ")
	if end <= 0 {
		return "", 0, errNoSeries
	}
	name, rest := text[:end], text[end:]
	var labels []string
	if strings.HasPrefix(rest, "{") {
		if labels, rest, err = parseLabels(rest[1:]); err != nil {
			return "", 0, err
		}
	}
	value, err = strconv.ParseFloat(strings.TrimSpace(rest), 64)
	if err != nil {
		return "", 0, errNoSeries
	}
	return seriesKey(name, labels), value, nil
}

// parseLabels reads labels up to the closing brace; rest is what is behind it.
func parseLabels(text string) (labels []string, rest string, err error) {
	seen := map[string]bool{}
	for {
		text = strings.TrimLeft(text, " ,")
		if rest, done := strings.CutPrefix(text, "}"); done {
			return labels, rest, nil
		}
		name, value, found := strings.Cut(text, `="`)
		end := closingQuote(value)
		if !found || name == "" || strings.ContainsAny(name, `{}", `) || end < 0 {
			return nil, "", errBadLabels
		}
		if seen[name] {
			return nil, "", fmt.Errorf("the label %s is given twice", name)
		}
		seen[name] = true
		labels = append(labels, name+`="`+value[:end+1])
		text = value[end+1:]
	}
}

// closingQuote returns the index of the first quote that no backslash escapes, -1 when there is none.
func closingQuote(text string) int {
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return -1
}

func seriesKey(name string, labels []string) string {
	if len(labels) == 0 {
		return name
	}
	slices.Sort(labels)
	return name + "{" + strings.Join(labels, ",") + "}"
}

// seriesSample is one line of the exposition of a series.
type seriesSample struct {
	outcome

	isDetail bool // a bucket or a quantile
}

// seriesSamples returns the lines of a series.
func seriesSamples(f *aggregate.Family, s *aggregate.Series) []seriesSample {
	key := func(suffix, last string) string {
		labels, _, err := parseLabels(s.Labels().Text() + "," + last + "}")
		if err != nil {
			panic("BUG: labels are not as an exposition writes them: " + s.Labels().Text())
		}
		return seriesKey(f.Name()+suffix, labels)
	}
	var all []seriesSample
	add := func(suffix, last string, value float64) {
		all = append(all, seriesSample{outcome{key: key(suffix, last), value: value}, last != ""})
	}
	if f.Type() == aggregate.TypeCounter || f.Type() == aggregate.TypeGauge {
		add("", "", s.Value())
		return all
	}
	var o aggregate.Observations
	s.Observe(&o)
	for i, q := range f.Quantiles() {
		add("", `quantile="`+formatValue(q)+`"`, o.Quantiles[i])
	}
	if f.Type() == aggregate.TypeHistogram {
		for i, bound := range f.Bounds() {
			add("_bucket", `le="`+formatValue(bound)+`"`, float64(o.Buckets[i]))
		}
		add("_bucket", `le="+Inf"`, float64(o.Count))
	}
	add("_sum", "", o.Sum)
	add("_count", "", float64(o.Count))
	return all
}

func formatValue(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
