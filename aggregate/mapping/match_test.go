package mapping_test

import (
	"fmt"
	"strings"
	"testing"

	"weir/aggregate/mapping"
)

// fataler is testing.TB and rapid.T.
type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

func mustParse(t fataler, yaml string) *mapping.Rules {
	t.Helper()
	rules, err := mapping.Parse("m.yaml", []byte(yaml))
	if err != nil {
		t.Fatalf("Parse(%s): %v", yaml, err)
	}
	return rules
}

// outcome is what a matcher makes of a sample, as the corpus writes it.
func outcome(m *mapping.Matcher, name string, typ mapping.Type, tags []mapping.Tag) string {
	r := m.Match([]byte(name), typ, tags)
	switch {
	case r == nil:
		return "unmapped"
	case r.Rule.Action == mapping.ActionDrop:
		return "drop"
	}
	labels := make([]string, len(r.Labels))
	for i, l := range r.Labels {
		labels[i] = fmt.Sprintf("%s=%q", l.Name, l.Value)
	}
	return string(r.Name) + "{" + strings.Join(labels, ",") + "}"
}

// tagsOf reads "a:1,b:2"; "-" is none.
func tagsOf(text string) []mapping.Tag {
	if text == "-" {
		return nil
	}
	var tags []mapping.Tag
	for tag := range strings.SplitSeq(text, ",") {
		key, value, _ := strings.Cut(tag, ":")
		tags = append(tags, mapping.Tag{Key: []byte(key), Value: []byte(value)})
	}
	return tags
}

func TestTemplates(t *testing.T) {
	f := func(matchType, match, template, name, want string) {
		t.Helper()
		rules := mustParse(t, fmt.Sprintf("mappings: [{match_type: %s, match: '%s', name: n, labels: {l: '%s'}}]",
			matchType, match, template))
		if got := outcome(rules.NewMatcher(), name, mapping.TypeCounter, nil); got != fmt.Sprintf("n{l=%q}", want) {
			t.Errorf("%s %s, template %q, name %q: got %s, want %q", matchType, match, template, name, got, want)
		}
	}
	f("glob", "a.*.*", "$1-$2", "a.b.c", "b-c")
	f("glob", "a.*.*", "${2}${1}", "a.b.c", "cb")
	f("glob", "a.*", "$1 100% d", "a.b", "b 100% d")
	f("glob", "a.*", "$1_x", "a.b", "")
	f("glob", "a.*", "${1}_x", "a.b", "b_x")
	f("glob", "a.*", "$0", "a.b", "a.b")
	f("glob", "a.b", "$0", "a.b", "a.b")
	f("glob", "a.*", "$0$1", "a.b", "")
	f("glob", "a.*", "${0}${1}", "a.b", "a.bb")
	f("glob", "a.*", "$$1", "a.b", "")
	f("glob", "a.*", "$2", "a.b", "")
	f("glob", "a.*", "${host}", "a.b", "")
	f("glob", "a.*", "5 $ flat", "a.b", "5 $ flat")
	f("glob", "a.*", "${1", "a.b", "b")
	f("glob", "a.*", "$01", "a.b", "b")
	f("glob", "a.*", "$1", "a.", "")
	f("glob", "a.*.c", "$1", "a.*.c", "*")
	f("glob", "a.*", "$99999999999999999999", "a.b", "")
	f("glob", "*.*.*.*.*.*.*.*.*.*", "$1-$10", "1.2.3.4.5.6.7.8.9.z", "1-z")
	f("glob", "a_*.*_b", "$1-$2", "a_x.y_b", "x-y")
	f("glob", "*_*", "$1|$2", "a_b_c", "a|b_c")
	f("glob", "*_*_*", "$1|$2|$3", "__", "||")
	f("regex", `a\.(\w+)\.(?P<what>.*)`, "$1-${what}", "xa.b.c.d", "b-c.d")
	f("regex", `a\.(b)?`, "<$1>", "a.", "<>")
	f("regex", `a\.(.)`, "$$1 $1x ${1}x $ ${", "a.b", "$1  bx $ ${")
	f("regex", `a\.(.)`, "$0", "xa.by", "a.b")
	f("regex", `(.)`, "$01", "x", "")
}

func TestStarsNeverCrossDots(t *testing.T) {
	m := mustParse(t, "mappings: [{match: 'a.*', name: two}, {match: 'b_*.c', name: part}]").NewMatcher()
	f := func(name, want string) {
		t.Helper()
		if got := outcome(m, name, mapping.TypeGauge, nil); got != want {
			t.Errorf("Match(%q) = %s, want %s", name, got, want)
		}
	}
	f("a.b", "two{}")
	f("a", "unmapped")
	f("a.b.c", "unmapped")
	f("a.", "two{}")
	f("b_.c", "part{}")
	f("b_x.c", "part{}")
	f("b_x.y.c", "unmapped")
	f("b.c", "unmapped")
	f("", "unmapped")
	f(strings.Repeat(".", 100_000), "unmapped")
}

func TestPartsOverlapNever(t *testing.T) {
	m := mustParse(t, "mappings: [{match: 'ab*ba', name: n}]").NewMatcher()
	for name, want := range map[string]string{"abba": "n{}", "aba": "unmapped", "abXba": "n{}"} {
		if got := outcome(m, name, mapping.TypeGauge, nil); got != want {
			t.Errorf("Match(%q) = %s, want %s", name, got, want)
		}
	}
}

func TestResultOfDrop(t *testing.T) {
	m := mustParse(t, "mappings: [{match: 'a.*', action: drop}]").NewMatcher()
	r := m.Match([]byte("a.b"), mapping.TypeSet, nil)
	if r == nil || r.Rule.Action != mapping.ActionDrop || len(r.Name)+len(r.Labels) > 0 {
		t.Errorf("got %+v, want an empty result that drops", r)
	}
}

func TestStaticLabels(t *testing.T) {
	rules := mustParse(t, `
defaults: {static_labels: {dc: fra, env: prod, code: 1}}
mappings:
- {match: 'a.*', name: n, labels: {env: $1, z: '2'}}
`)
	if got, want := fmt.Sprintf("%s", rules.StaticLabels()), "[{code 1} {dc fra} {env prod}]"; got != want {
		t.Errorf("StaticLabels() = %s, want %s", got, want)
	}
	r := rules.NewMatcher().Match([]byte("a.b"), mapping.TypeCounter, nil)
	if got, want := fmt.Sprintf("%s %d", r.Labels, r.Own), "[{env b} {z 2} {code 1} {dc fra}] 2"; got != want {
		t.Errorf("labels = %s, want %s", got, want)
	}
}

func TestMatchTags(t *testing.T) {
	m := mustParse(t, "mappings: [{match: '*', match_tags: {env: 'prod-*', v: '1.*'}, name: n}]").NewMatcher()
	f := func(tags, want string) {
		t.Helper()
		if got := outcome(m, "x", mapping.TypeCounter, tagsOf(tags)); got != want {
			t.Errorf("tags %s: got %s, want %s", tags, got, want)
		}
	}
	f("env:prod-1,v:1.2.3", "n{}")
	f("v:1.,env:prod-,other:x", "n{}")
	f("env:dev,v:1.2,env:prod-2", "n{}")
	f("env:prod-2,v:1.2,env:dev", "unmapped")
	f("env:prod-1", "unmapped")
	f("-", "unmapped")
}

func TestMatchDoesNotAllocateForGlobs(t *testing.T) {
	m := mustParse(t, `
defaults: {static_labels: {dc: fra}}
mappings:
- {match: 'a.x_*.*', name: 'n_$1', labels: {l: 'v-$2', m: $1}, except: ['a.x_z.*'], match_tags: {k: 'v*'}}
- {match: '*.*.*', name: n}
- {match: 'b\.c', match_type: regex, name: n}
`).NewMatcher()
	hit, miss, tags := []byte("a.x_y.z"), []byte("q.x_y.z.z.z"), tagsOf("k:v1")
	if n := testing.AllocsPerRun(100, func() {
		m.Match(hit, mapping.TypeCounter, tags)
		m.Match(miss, mapping.TypeCounter, tags)
	}); n > 0 {
		t.Errorf("got %v allocations, want none", n)
	}
}

func TestExplain(t *testing.T) {
	m := mustParse(t, `
mappings:
- {match: 'a.b', name: n}
- {match: 'a.*.d', name: n}
- {match: 'a.*.c', match_metric_type: gauge, name: n}
- {match: 'a.*.c', match_tags: {env: prod}, name: n}
- {match: 'a.*.*', except: ['a.b.*'], name: n}
- {match: 'x', match_type: regex, name: n}
- {match: '*.*.*', name: n}
- {match: '.*', match_type: regex, name: n}
`).NewMatcher()
	var got []string
	for _, a := range m.Explain([]byte("a.b.c"), mapping.TypeCounter, tagsOf("env:dev")) {
		got = append(got, fmt.Sprintf("%d %v %s", a.Rule.Index, a.Won, a.Reason))
	}
	want := []string{
		"0 false it has 2 segments, the name 3",
		"1 false segment 3 is c: want d",
		"2 false it is for the type gauge, not counter",
		"3 false the tag env is dev: want prod",
		"4 false its exception a.b.* matches",
		"6 true ",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestExplainIsBounded(t *testing.T) {
	var b strings.Builder
	b.WriteString("mappings:\n")
	for i := range 1000 {
		fmt.Fprintf(&b, "- {match: 'a.b%d.*', name: n}\n", i)
	}
	b.WriteString("- {match: 'a.x.*', match_metric_type: gauge, name: n}\n- {match: '*.*.*', name: n}\n")
	attempts := mustParse(t, b.String()).NewMatcher().Explain([]byte("a.x.c"), mapping.TypeCounter, nil)
	last := len(attempts) - 1
	if len(attempts) != mapping.MaxAttempts || !attempts[last].Won || attempts[last-1].Rule.Index != 1000 {
		t.Errorf("got %d attempts, the last %+v; want %d, the winner last", len(attempts), attempts[last],
			mapping.MaxAttempts)
	}
}
