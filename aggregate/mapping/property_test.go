package mapping_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"weir/aggregate/mapping"
)

// naiveRule is a rule for the oracle, which tries one after the other.
type naiveRule struct {
	Match  string   `json:"match"`
	Kind   string   `json:"match_type"`
	Type   string   `json:"match_metric_type,omitempty"`
	Except []string `json:"except,omitempty"`
	Name   string   `json:"name"`
	index  int
}

func drawRules(t *rapid.T) []naiveRule {
	segment := rapid.SampledFrom([]string{"a", "b", "ab", "*", "a*", "*b", "a*b", "*a*", "b*", "*ab", "*a"})
	glob := rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(segment, 1, 3).Draw(t, "segments"), ".")
	})
	regex := rapid.SampledFrom([]string{".*", "^a", "^a\\.b", "b$", "a.b", "^(ab)", "a|b", "(?i)A\\.", "", "^ab*$", "^a*b", "^(a+)b"})
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) naiveRule {
		r := naiveRule{Kind: "glob", Name: "n"}
		if rapid.IntRange(0, 3).Draw(t, "kind") == 0 {
			r.Kind, r.Match = "regex", regex.Draw(t, "regex")
		} else {
			r.Match = glob.Draw(t, "glob")
		}
		r.Type = rapid.SampledFrom([]string{"", "", "counter", "gauge", "set"}).Draw(t, "type")
		r.Except = rapid.SliceOfN(glob, 0, 2).Draw(t, "except")
		return r
	}), 1, 12).Draw(t, "rules")
}

// naiveGlob is a glob as a regular expression.
func naiveGlob(glob string) *regexp.Regexp {
	return regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(glob), `\*`, "([^.]*?)") + "$")
}

func (r *naiveRule) matches(name, typ string) bool {
	for _, except := range r.Except {
		if naiveGlob(except).MatchString(name) {
			return false
		}
	}
	if r.Type != "" && r.Type != typ {
		return false
	}
	if r.Kind == "regex" {
		return regexp.MustCompile(r.Match).MatchString(name)
	}
	return naiveGlob(r.Match).MatchString(name)
}

// naiveSort puts rules in the order in which they are tried.
func naiveSort(rules []naiveRule, mode string) {
	slices.SortStableFunc(rules, func(a, b naiveRule) int {
		if mode == "file" {
			return 0
		}
		if a.Kind != b.Kind {
			return strings.Compare(a.Kind, b.Kind) // glob, regex
		}
		if mode == "specific" && a.Kind == "glob" {
			return naiveSpecificity(rules, a, b)
		}
		return 0
	})
}

func naiveSpecificity(rules []naiveRule, a, b naiveRule) int {
	class := func(s string) int {
		return min(strings.Count(s, "*"), 1)
	}
	as, bs := strings.Split(a.Match, "."), strings.Split(b.Match, ".")
	if len(as) != len(bs) {
		return len(as) - len(bs)
	}
	for i := range as {
		if as[i] == bs[i] {
			continue
		}
		earliest := func(segments []string) int { // rule with the same beginning
			least := len(rules)
			for _, r := range rules {
				s := strings.Split(r.Match, ".")
				if r.Kind == "glob" && len(s) == len(segments) && slices.Equal(s[:i+1], segments[:i+1]) {
					least = min(least, r.index)
				}
			}
			return least
		}
		stars := func(s string) int { return strings.Count(s, "*") }
		if class(as[i]) == 0 && class(bs[i]) == 0 {
			return cmp.Compare(earliest(as), earliest(bs))
		}
		return cmp.Or(class(as[i])-class(bs[i]), (len(bs[i])-stars(bs[i]))-(len(as[i])-stars(as[i])),
			stars(as[i])-stars(bs[i]), cmp.Compare(earliest(as), earliest(bs)))
	}
	return 0
}

func TestMatcherEqualsNaiveScan(t *testing.T) {
	names := map[string]mapping.Type{
		"counter": mapping.TypeCounter, "gauge": mapping.TypeGauge, "observer": mapping.TypeObserver, "set": mapping.TypeSet,
	}
	rapid.Check(t, func(t *rapid.T) {
		rules := drawRules(t)
		for i := range rules {
			rules[i].index = i
		}
		mode := rapid.SampledFrom([]string{"ordered", "specific", "file"}).Draw(t, "mode")
		defaults := map[string]string{
			"ordered": "{}", "specific": "{glob_disable_ordering: true}", "file": "{match_order: file}",
		}[mode]
		text, _ := json.Marshal(rules)
		yaml := fmt.Sprintf("defaults: %s\nmappings: %s\n", defaults, text)
		compiled, err := mapping.Parse("m.yaml", []byte(yaml))
		if err != nil {
			t.Fatalf("Parse(%s): %v", yaml, err)
		}
		naiveSort(rules, mode)
		m := compiled.NewMatcher()
		for range 20 {
			name := rapid.StringMatching(`([ab*]{0,3}\.){0,3}[ab]{0,3}`).Draw(t, "name")
			typ := rapid.SampledFrom([]string{"counter", "gauge", "observer", "set"}).Draw(t, "type")
			want := slices.IndexFunc(rules, func(r naiveRule) bool { return r.matches(name, typ) })
			if want >= 0 {
				want = rules[want].index
			}
			got := -1
			if r := m.Match([]byte(name), names[typ], nil); r != nil {
				got = r.Rule.Index
			}
			attempts := m.Explain([]byte(name), names[typ], nil)
			if last := attempts[len(attempts)-1]; got != want || last.Won != (got >= 0) || last.Won && last.Rule.Index != got {
				t.Fatalf("%s\nMatch(%q, %s): got rule %d, want %d; explained as %+v", yaml, name, typ, got, want, last)
			}
			for _, w := range compiled.Warnings() {
				if got >= 0 && strings.Contains(w, fmt.Sprintf("mappings[%d]: ", got)) {
					t.Fatalf("%s\nMatch(%q, %s): rule %d wins, but: %s", yaml, name, typ, got, w)
				}
			}
		}
	})
}

func TestCapturesEqualRegexp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		glob := rapid.StringMatching(`\*?([ab]\*?){1,3}`).Draw(t, "glob")
		name := rapid.StringMatching(`[ab]{0,6}`).Draw(t, "name")
		want := "unmapped"
		if found := naiveGlob(glob).FindStringSubmatch(name); found != nil {
			want = fmt.Sprintf("n{l=%q}", strings.Join(append(found[1:], "", "", "", "")[:4], "|"))
		}
		rules, err := mapping.Parse("m.yaml",
			fmt.Appendf(nil, "mappings: [{match: '%s', name: n, labels: {l: '$1|$2|$3|$4'}}]", glob))
		if err != nil {
			t.Fatal(err)
		}
		if got := outcome(rules.NewMatcher(), name, mapping.TypeCounter, nil); got != want {
			t.Fatalf("glob %q, name %q: got %s, want %s", glob, name, got, want)
		}
	})
}
