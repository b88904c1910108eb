package mapping_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"weir/aggregate/mapping"
)

// The template of a regular expression gives what regexp.Expand gives, whatever is in it.
func TestRegexTemplateEqualsExpand(t *testing.T) {
	const match = `(?P<first>[ab]+)\.(c)?(?P<last>\d*)`
	expression := regexp.MustCompile(match)
	rapid.Check(t, func(t *rapid.T) {
		template := strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{
			"$1", "${1}", "$first", "${first}", "${last}", "$2", "$3", "$9", "$0", "$none", "$$", "$", "{", "}", "${", "x", "_",
			"1", "-", " ", "é", "${first", "$é", "$first_x",
		}), 0, 6).Draw(t, "template"), "")
		name := rapid.StringMatching(`[abx]{1,3}\.c?[0-9]{0,2}`).Draw(t, "name")
		rules := mustParse(t, fmt.Sprintf("mappings: [{match_type: regex, match: '%s', name: n, labels: {l: '%s'}}]",
			match, template))
		want := "unmapped"
		if found := expression.FindStringSubmatchIndex(name); found != nil {
			want = fmt.Sprintf("n{l=%q}", expression.ExpandString(nil, template, name, found))
		}
		if got := outcome(rules.NewMatcher(), name, mapping.TypeCounter, nil); got != want {
			t.Fatalf("template %q, name %q: got %s, want %s", template, name, got, want)
		}
	})
}

// drawSettings returns some settings as keys and values.
func drawSettings(t *rapid.T, label string) map[string]string {
	all := map[string]string{
		"ttl":         rapid.SampledFrom([]string{"1s", "5m", "0"}).Draw(t, label+" ttl"),
		"max_age":     rapid.SampledFrom([]string{"1m", "2m"}).Draw(t, label+" max_age"),
		"age_buckets": rapid.SampledFrom([]string{"2", "7"}).Draw(t, label+" age_buckets"),
		"buf_cap":     rapid.SampledFrom([]string{"3", "4"}).Draw(t, label+" buf_cap"),
		"buckets":     rapid.SampledFrom([]string{"[1]", "[2, 4]", "[.inf]"}).Draw(t, label+" buckets"),
		"factor":      rapid.SampledFrom([]string{"1.5", "1"}).Draw(t, label+" factor"),
		"most":        rapid.SampledFrom([]string{"8", "9"}).Draw(t, label+" most"),
		"quantiles":   rapid.SampledFrom([]string{"[{quantile: 0.5}]", "[{quantile: 0.9, error: 0.1}]"}).Draw(t, label+" quantiles"),
	}
	for _, key := range slices.Sorted(maps.Keys(all)) {
		if rapid.Bool().Draw(t, label+" without "+key) {
			delete(all, key)
		}
	}
	return all
}

// writeSettings writes settings as keys of a rule or of the defaults.
func writeSettings(settings map[string]string) string {
	var keys, summary, histogram []string
	add := func(to *[]string, key, as string) {
		if value, ok := settings[key]; ok {
			*to = append(*to, as+": "+value)
		}
	}
	add(&keys, "ttl", "ttl")
	add(&summary, "max_age", "max_age")
	add(&summary, "age_buckets", "age_buckets")
	add(&summary, "buf_cap", "buf_cap")
	add(&summary, "quantiles", "quantiles")
	add(&histogram, "buckets", "buckets")
	add(&histogram, "factor", "native_histogram_bucket_factor")
	add(&histogram, "most", "native_histogram_max_buckets")
	keys = append(keys, "summary_options: {"+strings.Join(summary, ", ")+"}",
		"histogram_options: {"+strings.Join(histogram, ", ")+"}")
	return strings.Join(keys, ", ")
}

// A rule has each setting that it gives, and those of the defaults for the others, one by one.
func TestInheritanceIsByKey(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		defaults, own := drawSettings(t, "defaults"), drawSettings(t, "rule")
		both := maps.Clone(defaults)
		maps.Copy(both, own)
		rules := mustParse(t, fmt.Sprintf("defaults: {%s}\nmappings: [{match: a, name: n, %s}]",
			writeSettings(defaults), writeSettings(own)))
		whole := mustParse(t, fmt.Sprintf("mappings: [{match: a, name: n, %s}]", writeSettings(both)))
		if d := cmp.Diff(rules.Rule(0).Settings, whole.Rule(0).Settings); d != "" {
			t.Fatalf("defaults %v, rule %v (-got +want):\n%s", defaults, own, d)
		}
		only := mustParse(t, fmt.Sprintf("mappings: [{match: a, name: n, %s}]", writeSettings(defaults)))
		if d := cmp.Diff(*rules.Defaults(), only.Rule(0).Settings); d != "" {
			t.Fatalf("the defaults changed (-got +want):\n%s", d)
		}
	})
}

// An older spelling means what the newer one means.
func TestOlderSpellings(t *testing.T) {
	f := func(older, newer string) {
		t.Helper()
		for _, where := range []string{"mappings: [{match: a, name: n, %s}]", "defaults: {%s}\nmappings: [{match: a, name: n}]"} {
			got, want := mustParse(t, fmt.Sprintf(where, older)), mustParse(t, fmt.Sprintf(where, newer))
			if d := cmp.Diff(got.Rule(0).Settings, want.Rule(0).Settings); d != "" {
				t.Errorf("%s and %s differ:\n%s", older, newer, d)
			}
			if len(got.Warnings()) != 1 || len(want.Warnings()) != 0 {
				t.Errorf("%s warns of %q, %s of %q; want one and none", older, got.Warnings(), newer, want.Warnings())
			}
		}
	}
	f("timer_type: summary", "observer_type: summary")
	f("buckets: [1, 2]", "histogram_options: {buckets: [1, 2]}")
	f("quantiles: [{quantile: 0.5, error: 0.1}]", "summary_options: {quantiles: [{quantile: 0.5, error: 0.1}]}")
}

// A rule that merges others is the rule written out: its own keys win, then those of the first section
// merged.
func TestMergedRuleIsTheRuleWrittenOut(t *testing.T) {
	values := map[string]string{
		"name": "n%d", "help": "text %d", "ttl": "%ds", "scale": "%d", "labels": "{l: v%d}", "drop_labels": "[d%d]",
	}
	keys := slices.Sorted(maps.Keys(values))
	draw := func(t *rapid.T, label string) []string {
		return rapid.SliceOfNDistinct(rapid.SampledFrom(keys), 0, -1, rapid.ID[string]).Draw(t, label)
	}
	write := func(from int, keys []string) string {
		var text []string
		for _, key := range keys {
			text = append(text, key+": "+fmt.Sprintf(values[key], from))
		}
		return strings.Join(text, ", ")
	}
	rapid.Check(t, func(t *rapid.T) {
		own, first, second := draw(t, "own"), draw(t, "first"), draw(t, "second")
		winner := map[string]int{"name": 9}
		for from, given := range [][]string{second, first, own} {
			for _, key := range given {
				winner[key] = 3 - from
			}
		}
		var want []string
		for key, from := range winner {
			want = append(want, write(from, []string{key}))
		}
		got := mustParse(t, fmt.Sprintf("mappings:\n- {<<: [{%s}, {%s}, {name: n9}], match: a, %s}\n",
			write(2, first), write(3, second), write(1, own)))
		whole := mustParse(t, "mappings:\n- {match: a, "+strings.Join(want, ", ")+"}\n")
		ignore := cmp.FilterPath(func(p cmp.Path) bool {
			name := p.Last().String()
			return strings.HasPrefix(name, ".") && name[1:2] == strings.ToLower(name[1:2])
		}, cmp.Ignore())
		if d := cmp.Diff(*got.Rule(0), *whole.Rule(0), ignore); d != "" {
			t.Fatalf("own %q, first %q, second %q (-got +want):\n%s", own, first, second, d)
		}
	})
}

// init makes the series of all combinations, each once, over the labels of the rule and of all rules.
func TestInitialIsTheProduct(t *testing.T) {
	values := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c", "d"}), 1, 4, rapid.ID[string])
	rapid.Check(t, func(t *rapid.T) {
		x, y := values.Draw(t, "x"), values.Draw(t, "y")
		rules := mustParse(t, fmt.Sprintf(`
defaults: {static_labels: {s: t, x: overridden}}
mappings: [{match: q, name: n, match_metric_type: gauge, labels: {k: v}, init: {x: [%s], y: [%s]}}]`,
			strings.Join(x, ", "), strings.Join(y, ", ")))
		var got, want []string
		for _, i := range rules.Initial() {
			if i.Rule != rules.Rule(0) || i.Name != "n" {
				t.Fatalf("a series of %q by rule %v", i.Name, i.Rule)
			}
			got = append(got, fmt.Sprintf("%s", i.Labels))
		}
		for _, x := range x {
			for _, y := range y {
				want = append(want, fmt.Sprintf("[{k v} {s t} {x %s} {y %s}]", x, y))
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("x %q, y %q: got %q, want %q", x, y, got, want)
		}
	})
}

// The limit of initial series is that of the file: rules share it, and the mistake is told once.
func TestInitialLimitIsTheFiles(t *testing.T) {
	numbers := func(n int) string {
		var all []string
		for i := range n {
			all = append(all, fmt.Sprint(i))
		}
		return strings.Join(all, ", ")
	}
	file := func(counts ...int) string {
		var yaml strings.Builder
		yaml.WriteString("mappings:\n")
		for i, n := range counts {
			fmt.Fprintf(&yaml, "- {match: m%d, name: n, match_metric_type: gauge, init: {l: [%s]}}\n", i, numbers(n))
		}
		return yaml.String()
	}
	if got := len(mustParse(t, file(mapping.MaxInitial/2, mapping.MaxInitial/2)).Initial()); got != mapping.MaxInitial {
		t.Errorf("%d initial series, want %d", got, mapping.MaxInitial)
	}
	_, err := mapping.Parse("m.yaml", []byte(file(mapping.MaxInitial/2, mapping.MaxInitial/2, 1, 1)))
	want := fmt.Sprintf("m.yaml:4: mappings[2].init: more than %d initial series in the file: want fewer", mapping.MaxInitial)
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// A rule that names a label has a limit of its own; the others share that of the defaults.
func TestMaxLabelValues(t *testing.T) {
	rules := mustParse(t, `
defaults: {max_label_values: {model: 200, tool: 5}}
mappings:
- {match: a, name: n, max_label_values: {model: 3}}
- {match: b, name: n}
`)
	if d := cmp.Diff(rules.MaxLabelValues(), map[string]int{"model": 200, "tool": 5}); d != "" {
		t.Errorf("of the file (-got +want):\n%s", d)
	}
	if d := cmp.Diff(rules.Rule(0).MaxLabelValues, map[string]int{"model": 3}); d != "" {
		t.Errorf("of the first rule (-got +want):\n%s", d)
	}
	if own := rules.Rule(1).MaxLabelValues; len(own) > 0 {
		t.Errorf("of the second rule: %v, want none", own)
	}
}

// Many goroutines match against the same rules, each with a matcher of its own.
func TestRulesAreShared(t *testing.T) {
	rules := mustParse(t, "mappings: [{match: 'a.*', name: 'n_$1'}, {match: '^b(.)', match_type: regex, name: 'r_$1'}]")
	var group sync.WaitGroup
	for g := range 8 {
		group.Go(func() {
			m := rules.NewMatcher()
			for i := range 200 {
				name, want := fmt.Sprintf("a.x%d", i), fmt.Sprintf("n_x%d{}", i)
				if (i+g)%2 == 0 {
					name, want = fmt.Sprintf("b%d", i%10), fmt.Sprintf("r_%d{}", i%10)
				}
				if got := outcome(m, name, mapping.TypeCounter, nil); got != want {
					t.Errorf("%s: got %s, want %s", name, got, want)
				}
			}
		})
	}
	group.Wait()
}
