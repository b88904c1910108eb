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

// ruleWith is a file with one valid rule with more keys, each in a line of its own from line 4.
func ruleWith(keys ...string) string {
	return "mappings:\n- match: a.*\n  name: n\n  " + strings.Join(keys, "\n  ") + "\n"
}

func defaultsWith(keys ...string) string { return "defaults:\n  " + strings.Join(keys, "\n  ") + "\n" }

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
