package mapping_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"weir/aggregate/mapping"
)

// rule is a file with one valid rule with more keys, each in a line of its own from line 4.
func ruleWith(keys ...string) string {
	return "mappings:\n- match: a.*\n  name: n\n  " + strings.Join(keys, "\n  ") + "\n"
}

func defaultsWith(keys ...string) string { return "defaults:\n  " + strings.Join(keys, "\n  ") + "\n" }

// TestParseMistakes holds the line and the key of each mistake. No other may be found.
func TestParseMistakes(t *testing.T) {
	f := func(yaml string, want ...string) {
		t.Helper()
		_, err := mapping.Parse("m.yaml", []byte(yaml))
		if err == nil {
			t.Errorf("Parse(%s): no error, want %q", yaml, want)
			return
		}
		got := strings.Split(err.Error(), "\n")
		fits := func(got, want string) bool { return strings.HasPrefix(got, "m.yaml:"+want) }
		if !slices.EqualFunc(got, want, fits) {
			t.Errorf("Parse(%s):\n%v\nwant\n%s", yaml, err, strings.Join(want, "\n"))
		}
	}
	// The document.
	f("mapings: []", "1: mapings: unknown key")
	f("\na: b: c", "2: invalid YAML: mapping values")
	f("{}\n---\n{}", "2: a second YAML document")
	f("- match: a", "1: a list")
	f("mappings: {match: a, name: b}", "1: mappings: a section: want a list")
	f("mappings: [a, ~]", "1: mappings[0]: a: want a rule", "1: mappings[1]: nothing: want a rule")
	f("mappings: []\nmappings: []", "2: mappings: given twice, first in line 1")
	f("registerer: 1", "1: registerer: unknown key")
	f("defaults: &a {<<: *a, ttl: -1s}", "1: defaults.ttl: -1s")

	// Keys of a rule.
	f(ruleWith("hepl: x"), "4: mappings[0].hepl: unknown key: did you mean help?")
	f(ruleWith("help: x", "help: y"), "5: mappings[0].help: given twice, first in line 4")
	f(ruleWith("labels: {a: x, a: y}"), "4: mappings[0].labels.a: given twice")
	f("mappings:\n- name: n", "2: mappings[0].match: missing")
	f("mappings:\n- match: a", "2: mappings[0].name: missing")
	f(ruleWith("max_label_values: {a-b: 1}"), "4: mappings[0].max_label_values.a-b: a-b is no label")
	f(ruleWith("max_label_values: {a: 0, b: -1, c: 1.5, d: }"), "4: mappings[0].max_label_values.a: 0: want 1",
		"4: mappings[0].max_label_values.b: -1", "4: mappings[0].max_label_values.c: 1.5",
		"4: mappings[0].max_label_values.d: nothing")
	f(defaultsWith("max_label_values: {[a]: 1}"), "2: defaults.max_label_values.a list: want a label")
	f(ruleWith("match_type: fnmatch"), "4: mappings[0].match_type: fnmatch: want glob or regex")
	f(ruleWith("match_type: [glob]"), "4: mappings[0].match_type: a list")
	f(ruleWith("match_metric_type: ''"), `4: mappings[0].match_metric_type: "": want counter, gauge, observer or set`)
	f(ruleWith("match_metric_type: ms"), "4: mappings[0].match_metric_type: ms")
	f(ruleWith("action: delete"), "4: mappings[0].action: delete: want map or drop")
	f(ruleWith("honor_labels: maybe"), "4: mappings[0].honor_labels: maybe: want true or false")
	f(ruleWith("help: [x]"), "4: mappings[0].help: a list")
	f(ruleWith("scale: .inf"), "4: mappings[0].scale: .inf: want a finite")
	f(ruleWith("scale: '2'"), `4: mappings[0].scale: "2": want a finite`)

	// Matches.
	match := func(match string) string { return "mappings:\n- name: n\n  match: " + match }
	for _, glob := range []string{"a..b", ".a", "a.", "''", "a.**", "'a b'", "'a:b'", "'^a'", "a$", "'a.(b|c)'", "'a\\.b'"} {
		f(match(glob), "3: mappings[0].match: ")
	}
	f(match("a(")+"\n  match_type: regex", "3: mappings[0].match: \"a(\": missing closing )")
	f(ruleWith("except: [a..b, '*']"), "4: mappings[0].except[0]: a..b")
	f(ruleWith("except: a.b"), "4: mappings[0].except: a.b: want a list of globs")
	f(ruleWith("match_tags: {'': x}"), `4: mappings[0].match_tags."": an empty key`)
	f(ruleWith("match_tags: {a: [x]}"), "4: mappings[0].match_tags.a: a list")

	// Names and labels.
	name := func(name string) string { return "mappings:\n- match: a.*\n  name: " + name }
	for _, bad := range []string{"''", "a-b", "1a", "a.b", "é", "$x", "${1}}", "a$", "$$1", "${x}_a"} {
		f(name(bad), "3: mappings[0].name: ")
	}
	f(name("$1_total"), "3: mappings[0].name: $1_total is always empty: want ${1}_total")
	f(name("$1$2_x"), `3: mappings[0].name: $1$2_x is always empty: want ${1}${2}_x`)
	for _, label := range []string{"a-b", "1a", "''", "a.b", "é", "__a", "le", "quantile"} {
		f(ruleWith("labels:", "  "+label+": x"), "5: mappings[0].labels.")
		f(ruleWith("init: []", "match_metric_type: observer", "label_map:", "  x: "+label), "7: mappings[0].label_map.x: ")
		f(defaultsWith("static_labels:", "  "+label+": x"), "3: defaults.static_labels.")
	}
	f(ruleWith("labels: {a: {b: c}}"), "4: mappings[0].labels.a: a section")
	f(ruleWith("labels: [a]"), "4: mappings[0].labels: a list")
	f(ruleWith("drop_labels: a"), "4: mappings[0].drop_labels: a: want a list")
	f(ruleWith("drop_labels: ['']"), "4: mappings[0].drop_labels[0]: an empty")
	f(ruleWith("label_map: {'': a}"), `4: mappings[0].label_map."": ""`)
	f(ruleWith("label_map: {[a]: a}"), "4: mappings[0].label_map.a list: a list: want the label")
	f(ruleWith("labels: {[a]: a}"), "4: mappings[0].labels.a list: want text")
	f(ruleWith("init: {[a]: a}", "match_metric_type: gauge"), "4: mappings[0].init.a list: want a label")
	f(ruleWith("help: "+strings.Repeat("x", 100), "ttl: "+strings.Repeat("x", 100)), "5: mappings[0].ttl: \"xxxx")

	// Settings, of rules and defaults alike.
	settings := func(key, wantLine string) {
		t.Helper()
		f(ruleWith(key), "4: mappings[0]."+wantLine)
		f(defaultsWith(key), "2: defaults."+wantLine)
	}
	settings("ttl: 60", "ttl: 60 has no unit: want a number with a unit, such as 60s, 5m or 1h30m; for seconds write 60s")
	settings("ttl: 1.5", "ttl: 1.5 has no unit")
	settings("ttl: '60'", "ttl: \"60\": want")
	settings("ttl: soon", "ttl: soon: want")
	settings("ttl: -1s", "ttl: -1s: want 0 or more")
	settings("ttl: [1s]", "ttl: a list")
	settings("observer_type: gauge", "observer_type: gauge: want histogram or summary")
	settings("summary_options: []", "summary_options: a list")
	settings("summary_options: {max_age: -1s}", "summary_options.max_age: -1s")
	settings("summary_options: {max_age: 600}", "summary_options.max_age: 600 has no unit")
	settings("summary_options: {age_buckets: -1}", "summary_options.age_buckets: -1")
	settings("summary_options: {buf_cap: 1.5}", "summary_options.buf_cap: 1.5")
	settings("summary_options: {quantiles: [{quantile: 95, error: 0.1}]}", "summary_options.quantiles[0].quantile: 95")
	settings("summary_options: {quantiles: [{quantile: 0.5, error: -1}]}", "summary_options.quantiles[0].error: -1")
	settings("summary_options: {quantiles: [{error: 0}]}", "summary_options.quantiles[0].quantile: missing")
	settings("summary_options: {quantiles: [0.5]}", "summary_options.quantiles[0]: 0.5: want a section")
	settings("summary_options: {quantiles: [{quantile: .nan}]}", "summary_options.quantiles[0].quantile: .nan")
	settings("histogram_options: {buckets: [1, 3, 2]}", "histogram_options.buckets[2]: 2 is not above 3")
	settings("histogram_options: {buckets: [1, 1]}", "histogram_options.buckets[1]: 1 is not above 1")
	settings("histogram_options: {buckets: [.inf, 1]}", "histogram_options.buckets[1]: 1 is not above +Inf")
	settings("histogram_options: {buckets: [-.inf]}", "histogram_options.buckets[0]: -.inf")
	settings("histogram_options: {buckets: [1, .nan]}", "histogram_options.buckets[1]: .nan")
	settings("histogram_options: {native_histogram_bucket_factor: x}", "histogram_options.native_histogram_bucket_factor: x")
	settings("histogram_options: {native_histogram_max_buckets: -1}", "histogram_options.native_histogram_max_buckets: -1")
	settings("histogram_options: {bukets: [1]}", "histogram_options.bukets: unknown key: did you mean buckets?")

	// Settings that contradict each other.
	f(ruleWith("observer_type: histogram", "summary_options: {}"), "5: mappings[0].summary_options: ")
	f(ruleWith("observer_type: summary", "buckets: [1]"), "5: mappings[0].buckets: ")
	f("defaults: {observer_type: histogram}\n"+ruleWith("quantiles: [{quantile: 0.5}]"), "5: mappings[0].quantiles: ")
	f(ruleWith("observer_type: summary", "timer_type: summary"), "5: mappings[0].timer_type: given together with mappings[0].observer_type")
	f(ruleWith("buckets: [1]", "histogram_options: {buckets: [1]}"), "5: mappings[0].histogram_options.buckets: given together")
	f(defaultsWith("match_order: file", "glob_disable_ordering: true"), "3: defaults.glob_disable_ordering: ")
	f(defaultsWith("match_order: random"), "2: defaults.match_order: random: want globs_first or file")
	f(defaultsWith("match_type: x"), "2: defaults.match_type: x")
	f(defaultsWith("scale: 2"), "2: defaults.scale: unknown key")

	// Initial series.
	f(ruleWith("init: [{}]"), "4: mappings[0].init: the type is not known")
	f(ruleWith("match_metric_type: set", "init: [{}]"), "5: mappings[0].init: the type")
	f(ruleWith("match_metric_type: gauge", "action: drop", "init: [{}]"), "6: mappings[0].init: the rule drops")
	f("mappings:\n- match: a.*\n  name: n_$1\n  match_metric_type: gauge\n  init: [{}]", "5: mappings[0].init: the name")
	f(ruleWith("match_metric_type: gauge", "labels: {l: $1}", "init: [{}]"), "6: mappings[0].init[0].l: missing")
	f(ruleWith("match_metric_type: gauge", "init: [{a: []}]"), "5: mappings[0].init[0].a: an empty list")
	f(ruleWith("match_metric_type: gauge", "init: [{__a: x}]"), "5: mappings[0].init[0].__a: ")
	f(ruleWith("match_metric_type: gauge", "init: [x]"), "5: mappings[0].init[0]: x: want a section")
	ten := "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]"
	f(ruleWith("match_metric_type: gauge", fmt.Sprintf("init: {a: %[1]s, b: %[1]s, c: %[1]s, d: %[1]s, e: [1, 2]}", ten)),
		"5: mappings[0].init: more than 10000")
}

func TestParseTellsAllMistakesByLine(t *testing.T) {
	_, err := mapping.Parse("m.yaml", []byte("mappings:\n- match: a..b\n  name: 1\n- match: b\n  nam: x\ndefaults: {ttl: 60}\n"))
	if err == nil {
		t.Fatal("no error")
	}
	var lines []string
	for line := range strings.Lines(err.Error()) {
		lines = append(lines, strings.Split(line, ":")[1])
	}
	if got, want := strings.Join(lines, " "), "2 3 4 5 6"; got != want {
		t.Errorf("lines %s, want %s:\n%v", got, want, err)
	}
	if joined, ok := errors.AsType[interface {
		error
		Unwrap() []error
	}](err); !ok || len(joined.Unwrap()) != 5 {
		t.Errorf("got %T, want 5 joined errors", err)
	}
}

func TestParseSuccess(t *testing.T) {
	f := func(yaml string) {
		t.Helper()
		mustParse(t, yaml)
	}
	f("")
	f("---\n")
	f("# nothing\n")
	f("{}")
	f("defaults:\nmappings:\n")
	f(ruleWith("labels:", "ttl:", "summary_options:"))
	f(ruleWith("labels: {a: 1, b: true, c: 1.50, d: ~}"))
	f(ruleWith("action: ''", "match_type: ''", "observer_type: ''", "help: ''"))
	f(ruleWith("honor_labels: yes"))
	f(ruleWith("labels: {le: x, quantile: y}", "match_metric_type: counter"))
	f("mappings: [{match: 1x.-y, name: 'a:b'}, {match: ä, name: a}]")
	f(`mappings: [{match: '(?P<x>.)', match_type: regex, name: '${x}_$x'}]`)
	f(ruleWith("summary_options: {}", "histogram_options: {}"))
	f(ruleWith("summary_options: {quantiles: [], max_age: 0, age_buckets: 0}"))
}

func TestMergeKeys(t *testing.T) {
	rules := mustParse(t, `
defaults: &d {ttl: 1m, observer_type: histogram}
mappings:
- &first {<<: *d, match: a, name: n, labels: &l {x: '1', y: '2'}}
- {<<: [{ttl: 3s}, *first], match: b, labels: {<<: *l, y: '3'}}
`)
	r := rules.Rule(1)
	got := fmt.Sprintln(r.Match, r.Name, r.Labels, *r.Settings.TTL, r.Settings.Observer)
	if want := "b n map[x:1 y:3] 3s histogram\n"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestSettingsAreInherited(t *testing.T) {
	rules := mustParse(t, `
mappings:
- {match: a, name: n}
- {match: b, name: n, ttl: 0, observer_type: summary, scale: 0, summary_options: {age_buckets: 3}}
- match: c
  name: n
  observer_type: histogram
  histogram_options: {buckets: [1, 2.5, .inf], native_histogram_bucket_factor: 1, native_histogram_max_buckets: 7}
- {match: d, name: n, summary_options: {quantiles: [{quantile: 0.9, error: 0}, {quantile: 0.1}]}}
- {match: e, name: n, histogram_options: {buckets: [.inf]}}
- {match: f, name: n, histogram_options: {buckets: []}, summary_options: {quantiles: [], max_age: 0, buf_cap: 0}}
defaults:
  ttl: 1h
  summary_options: {quantiles: [{quantile: 0.5, error: 0.05}], max_age: 1m, age_buckets: 2, buf_cap: 9}
  histogram_options: {buckets: [1], native_histogram_bucket_factor: 0}
`)
	defaults := mapping.Settings{
		TTL: new(time.Hour), Buckets: []float64{1}, Quantiles: []mapping.Quantile{{0.5, 0.05}},
		MaxAge: new(time.Minute), AgeBuckets: new(2), BufCap: new(9),
	}
	with := func(change func(s *mapping.Settings)) mapping.Settings {
		s := defaults
		change(&s)
		return s
	}
	want := []mapping.Settings{
		defaults,
		with(func(s *mapping.Settings) {
			s.TTL, s.Observer, s.Scale, s.AgeBuckets = new(time.Duration(0)), "summary", new(0.0), new(3)
		}),
		with(func(s *mapping.Settings) {
			s.Observer, s.Buckets = "histogram", []float64{1, 2.5}
			s.NativeBucketFactor, s.NativeMaxBuckets = new(1.0), new(7)
		}),
		with(func(s *mapping.Settings) { s.Quantiles = []mapping.Quantile{{0.1, 0}, {0.9, 0}} }),
		with(func(s *mapping.Settings) { s.Buckets = []float64{} }),
		defaults,
	}
	if diff := cmp.Diff(*rules.Defaults(), defaults); diff != "" {
		t.Errorf("defaults (-got +want):\n%s", diff)
	}
	for i := range want {
		if diff := cmp.Diff(rules.Rule(i).Settings, want[i]); diff != "" {
			t.Errorf("rule %d (-got +want):\n%s", i, diff)
		}
	}
	if d := mustParse(t, "").Defaults(); d == nil || !cmp.Equal(*d, mapping.Settings{}) {
		t.Errorf("defaults of an empty file: %v, want none", d)
	}
}

func TestRuleIsReadable(t *testing.T) {
	r := mustParse(t, ruleWith("help: 'costs $1 or 5%'", "honor_labels: true", "labels: {x: $1}", "drop_labels: [a, b]",
		"label_map: {old: new}", "max_label_values: {x: 3}",
		"match_metric_type: set", "except: [a.b]", "match_tags: {k: v*}")).Rule(0)
	want := mapping.Rule{
		File: "m.yaml", Line: 2, Match: "a.*", MatchType: mapping.MatchGlob, MetricType: "set", Except: []string{"a.b"},
		MatchTags: map[string]string{"k": "v*"}, Action: mapping.ActionMap, Name: "n", Labels: map[string]string{"x": "$1"},
		HonorLabels: true, DropLabels: []string{"a", "b"}, LabelMap: map[string]string{"old": "new"}, Help: "costs $1 or 5%",
		MaxLabelValues: map[string]int{"x": 3},
	}
	ignore := cmp.FilterPath(func(p cmp.Path) bool {
		name := p.Last().String()
		return strings.HasPrefix(name, ".") && name[1:2] == strings.ToLower(name[1:2])
	}, cmp.Ignore())
	if diff := cmp.Diff(*r, want, ignore); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

func TestInitial(t *testing.T) {
	f := func(init string, want ...string) {
		t.Helper()
		rules := mustParse(t, "defaults: {static_labels: {s: t}}\n"+
			ruleWith("match_metric_type: counter", "labels: {l: $1, k: v}", "init: "+init))
		var got []string
		for _, i := range rules.Initial() {
			got = append(got, fmt.Sprintf("%s%s", i.Name, i.Labels))
		}
		if !slices.Equal(got, want) {
			t.Errorf("init %s: got %q, want %q", init, got, want)
		}
	}
	f("[]")
	f("{l: a}", "n[{k v} {l a} {s t}]")
	f("[{l: a}, {l: b, k: w, s: u, x: 1}]", "n[{k v} {l a} {s t}]", "n[{k w} {l b} {s u} {x 1}]")
	f("[{l: [a, b], x: [1, 2]}]", "n[{k v} {l a} {s t} {x 1}]", "n[{k v} {l a} {s t} {x 2}]",
		"n[{k v} {l b} {s t} {x 1}]", "n[{k v} {l b} {s t} {x 2}]")
}
