package mapping_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/aggregate/mapping"
)

// What statsd_exporter loads, weir loads in its place: with a warning, where it refuses it by itself.
func TestParseCompat(t *testing.T) {
	f := func(content string, check func(*mapping.Rules) any, want string, warnings ...string) {
		t.Helper()
		if _, err := mapping.Parse("m.yaml", []byte(content)); err == nil {
			t.Errorf("Parse accepts %s", content)
		}
		rules, err := mapping.ParseCompat("m.yaml", []byte(content))
		if err != nil {
			t.Errorf("ParseCompat: %v", err)
			return
		}
		if got := fmt.Sprint(check(rules)); got != want {
			t.Errorf("%s: %s, want %s", content, got, want)
		}
		for _, warning := range warnings {
			if !slices.ContainsFunc(rules.Warnings(), func(w string) bool { return strings.HasSuffix(w, warning) }) {
				t.Errorf("%s: warnings %q, want %q", content, rules.Warnings(), warning)
			}
		}
		if len(warnings) == 0 {
			t.Errorf("%s has no warning to hold", content)
		}
	}
	rule := func(keys string) string { return "mappings: [{match: a.*, name: a" + keys + "}]" }
	settings := func(show func(s *mapping.Settings) any) func(*mapping.Rules) any {
		return func(r *mapping.Rules) any {
			if r.Len() == 0 {
				return show(r.Defaults())
			}
			return show(&r.Rule(0).Settings)
		}
	}
	named := func(r *mapping.Rules) any {
		result := r.NewMatcher().Match([]byte("foo_bar"), mapping.TypeCounter, nil)
		return string(result.Name) + "."
	}
	const rejected = " is always empty: samples that the rule matches are rejected, with the reason empty_name"
	f("mappings: [{match: .*_bar, match_type: regex, name: '${1}'}]", named, ".",
		`mappings[0].name: "${1}"`+rejected, "mappings[0].name: ${1} is always empty: the match has no captures")
	f("mappings: [{match: '*', name: $1_total}]", named, ".", `mappings[0].name: $1_total`+rejected)
	f("mappings: [{match: '(.*)_bar', match_type: regex, name: 'x${1'}]", named, "x${1.",
		`mappings[0].name: "x${1": an unfinished reference is text, in which $, { and } become _`)
	f("mappings: [{match_type: regex, name: x}]", named, "x.", "mappings[0].match: missing: every name matches")

	labels := func(r *mapping.Rules) any { return r.Rule(0).Labels }
	f(rule(", labels: {le: x}"), labels, "map[le:x]",
		"mappings[0].labels.le: le is reserved for observers: for observers the label becomes exported_le")
	f(rule(", labels: {__x: x}"), labels, "map[__x:x]",
		"mappings[0].labels.__x: __x is reserved: the label becomes exported___x")

	ttl := settings(func(s *mapping.Settings) any { return *s.TTL })
	f(rule(", ttl: 60"), ttl, "60ns", "mappings[0].ttl: 60 has no unit: nanoseconds are taken")
	f(rule(", ttl: 1.5"), ttl, "1ns", "mappings[0].ttl: 1.5 has no unit: nanoseconds are taken")
	f(rule(", ttl: -1s"), ttl, "1ns", "mappings[0].ttl: -1s: series expire at once")
	f("defaults: {ttl: -5}", ttl, "1ns", "defaults.ttl: -5 has no unit: nanoseconds are taken",
		"defaults.ttl: -5: series expire at once")
	f("defaults: {ttl: -.inf}", ttl, "1ns", "defaults.ttl: -.inf: series expire at once")

	summary := func(keys string) string { return rule(", observer_type: summary, summary_options: {" + keys + "}") }
	f(summary("max_age: -1s"), settings(func(s *mapping.Settings) any { return s.MaxAge }), "<nil>",
		"mappings[0].summary_options.max_age: -1s: the default is taken")
	f(summary("max_age: 600"), settings(func(s *mapping.Settings) any { return *s.MaxAge }), fmt.Sprint(600*time.Nanosecond),
		"mappings[0].summary_options.max_age: 600 has no unit: nanoseconds are taken")
	f(summary("age_buckets: 2.5"), settings(func(s *mapping.Settings) any { return *s.AgeBuckets }), "2",
		"mappings[0].summary_options.age_buckets: 2.5: it is taken as 2")
	quantiles := settings(func(s *mapping.Settings) any { return s.Quantiles })
	f(summary("quantiles: [{quantile: 99, error: 0.01}, {quantile: 0.5, error: 5}]"), quantiles, "[{0.5 0}]",
		"quantiles[0].quantile: 99: it is left out", "quantiles[1].error: 5: it has no effect")
	f(summary("quantiles: [{error: 0.5}]"), quantiles, "[{0 0.5}]", "quantiles[0].quantile: missing: 0 is taken")

	histogram := func(keys string) string { return rule(", observer_type: histogram, histogram_options: {" + keys + "}") }
	buckets := settings(func(s *mapping.Settings) any { return s.Buckets })
	f(histogram("buckets: [5, 1, 5, .nan, -.inf, ~]"), buckets, "[0 1 5]",
		"buckets[1]: 1 is not above 5, the one before: the buckets are sorted", "buckets[3]: .nan: it is left out",
		"buckets[4]: -.inf: it is left out", "buckets[5]: nothing: 0 is taken")
	f(histogram("native_histogram_bucket_factor: .inf"), settings(func(s *mapping.Settings) any { return s.NativeBucketFactor }),
		"<nil>", "native_histogram_bucket_factor: .inf: the default is taken")
	f(rule(", scale: .inf"), settings(func(s *mapping.Settings) any { return s.Scale }), "<nil>",
		"mappings[0].scale: .inf: values are not scaled")
}

// What statsd_exporter refuses is refused, and a good file reads the same.
func TestParseCompatIsStrict(t *testing.T) {
	for _, content := range []string{
		"mappings: [{match: a, name: b, unknown: 1}]", "mappings: [{match: a}]", "mappings: [{name: a}]",
		"mappings: [{match: a, name: 'b c'}]", "mappings: [{match: '(', match_type: regex, name: b}]",
		"mappings: [{match: a, name: b, ttl: soon}]", "mappings: [{match: a, name: b, ttl: '60'}]",
		"mappings: [{match: a, name: b, ttl: .inf}]", "mappings: [{match: a, name: b, ttl: .nan}]",
		"mappings: [{match: a, name: b, labels: {a-b: x}}]", "mappings: [{match: a, name: 'b:$x'}]",
		"mappings: [{match: a, name: 0b}]", "mappings: [{match: a, name: '0${1'}]", "mappings: [{match: a, name: 'b${x'}]",
		"defaults: {summary_options: {age_buckets: -1}}", "defaults: {histogram_options: {buckets: ['1']}}",
		"{}\n---\n{}", "fsm: ~",
	} {
		if _, err := mapping.ParseCompat("m.yaml", []byte(content)); err == nil {
			t.Errorf("ParseCompat accepts %s", content)
		}
	}
	const good = "mappings: [{match: a.*, name: a_$1, ttl: 60s}]"
	if rules, err := mapping.ParseCompat("m.yaml", []byte(good)); err != nil || len(rules.Warnings()) > 0 {
		t.Errorf("%v, warnings %q", err, rules.Warnings())
	}
}
