package config_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"weir/config"
)

// bounds returns a list of so many bounds in YAML.
func bounds(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprint(i + 1)
	}
	return "[" + strings.Join(list, ", ") + "]"
}

// So many buckets that a metric could take more than a million lines of a scrape are noted; a limit on its
// series allows more buckets.
func TestNotesOnBuckets(t *testing.T) {
	f := func(configuration, mapping string, want ...string) {
		t.Helper()
		rules := writeFile(t, mapping)
		file := writeFile(t, configuration+"\nmapping: {file: "+rules+"}\n")
		var got []string
		for _, note := range mustLoad(t, config.Sources{File: file}).Notes() {
			key, _, _ := strings.Cut(note, " bounds: ")
			got = append(got, strings.TrimPrefix(key, rules))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%.60q, %.60q: notes on %q, want %q", configuration, mapping, got, want)
		}
	}
	const noRules = "mappings: []"
	many, few := bounds(98), bounds(97)
	f("timers: {buckets: "+few+"}", noRules)
	f("timers: {buckets: "+many+"}", noRules, "timers.buckets: 98")
	f("timers: {buckets: "+many+", observer: both}", noRules, "timers.buckets: 98")
	f("timers: {buckets: "+many+", observer: native}", noRules)
	f("timers: {buckets: "+many+"}\ncardinality: {max_series_per_metric: 9000}", noRules)
	f("timers: {buckets: "+few+"}\ncardinality: {max_series_per_metric: 1000000}", noRules)
	f("", "defaults: {histogram_options: {buckets: "+many+"}}\nmappings: [{match: a, name: a}]",
		": defaults.buckets: 98")
	f("", "mappings:\n- {match: a, name: a}\n- {match: b, name: b, histogram_options: {buckets: "+many+"}}",
		":3: mappings[1].buckets: 98")
}
