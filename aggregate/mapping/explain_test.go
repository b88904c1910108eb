package mapping_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"weir/aggregate/mapping"
)

// attempt explains a sample by a single rule, written as its keys.
func attempt(t *testing.T, rule, name string, typ mapping.Type, tags string) mapping.Attempt {
	t.Helper()
	m := mustParse(t, "mappings: [{name: n, "+rule+"}]").NewMatcher()
	attempts := m.Explain([]byte(name), typ, tagsOf(tags))
	if len(attempts) != 1 {
		t.Fatalf("%s: %d attempts, want 1", rule, len(attempts))
	}
	return attempts[0]
}

func TestExplainReasons(t *testing.T) {
	f := func(rule, name, tags, want string) {
		t.Helper()
		a := attempt(t, rule, name, mapping.TypeObserver, tags)
		if a.Reason != want || a.Won != (want == "") {
			t.Errorf("%s with %s, tags %s: won = %v, %q, want %q", rule, name, tags, a.Won, a.Reason, want)
		}
	}
	f("match: a.b", "a.b", "-", "")
	f("match: a.b", "a", "-", "it has 2 segments, the name 1")
	f("match: a.b", "a.b.c", "-", "it has 2 segments, the name 3")
	f("match: a.b", "x.b", "-", "segment 1 is x: want a")
	f("match: a.*b", "a.c d", "-", `segment 2 is "c d": want *b`)
	f("match: a.b", "a.", "-", `segment 2 is "": want b`)
	f("match: '^a', match_type: regex", "b", "-", "the expression does not match")
	f("match: '^a', match_type: regex", "ab", "-", "")
	f("match: a, match_metric_type: counter", "a", "-", "it is for the type counter, not observer")
	f("match: a, match_metric_type: observer", "a", "-", "")
	f("match: a, match_tags: {k: v*}", "a", "-", "there is no tag k")
	f("match: a, match_tags: {k: v*}", "a", "k:w", "the tag k is w: want v*")
	f("match: a, match_tags: {k: v*}", "a", "k:w,k:v", "")
	f("match: 'a*', except: [ax, ay*]", "ay1", "-", "its exception ay* matches")
	f("match: 'a*', action: drop", "ay1", "-", "")
}

// A rule is near when the name, or its first segment, fits the match; a regular expression may always be.
func TestNear(t *testing.T) {
	f := func(rule, name string, want bool) {
		t.Helper()
		a := attempt(t, rule, name, mapping.TypeCounter, "-")
		if a.Near() != want {
			t.Errorf("%s with %s is near = %v, want %v", rule, name, a.Near(), want)
		}
	}
	f("match: a.b.c", "a.x.c", true)
	f("match: a.b.c", "a.b", true)
	f("match: a.b.c", "x.b.c", false)
	f("match: a.b.c", "x", false)
	f("match: a.b, match_metric_type: gauge", "a.b", true)
	f("match: ^a, match_type: regex", "x", true)
}

// Of many attempts the nearest are kept, in their order, the winner among them.
func TestNearestAttempts(t *testing.T) {
	segment := rapid.SampledFrom([]string{"a", "b", "*"})
	rapid.Check(t, func(t *rapid.T) {
		globs := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) string {
			return strings.Join(rapid.SliceOfN(segment, 1, 3).Draw(t, "segments"), ".")
		}), 1, 12).Draw(t, "globs")
		var yaml strings.Builder
		yaml.WriteString("mappings:\n")
		for _, glob := range globs {
			fmt.Fprintf(&yaml, "- {match: '%s', name: n}\n", glob)
		}
		attempts := mustParse(t, yaml.String()).NewMatcher().Explain([]byte("a.b"), mapping.TypeCounter, nil)
		most := rapid.IntRange(0, 13).Draw(t, "most")
		kept := mapping.Nearest(attempts, most)
		if len(kept) != min(most, len(attempts)) {
			t.Fatalf("%d of %d attempts kept, want at most %d", len(kept), len(attempts), most)
		}
		inOrder := func(a, b mapping.Attempt) int { return a.Rule.Index - b.Rule.Index }
		if !slices.IsSortedFunc(kept, inOrder) {
			t.Fatalf("the kept attempts are out of order: %+v", kept)
		}
		if last := attempts[len(attempts)-1]; last.Won && most > 0 && !kept[len(kept)-1].Won {
			t.Fatalf("the winner is not kept: %+v", kept)
		}
		near := func(all []mapping.Attempt) (n int) {
			for i := range all {
				if all[i].Near() {
					n++
				}
			}
			return n
		}
		if got, want := near(kept), min(most, near(attempts)); got != want {
			t.Fatalf("%d near attempts kept, want %d", got, want)
		}
	})
}

func TestTypeString(t *testing.T) {
	want := map[mapping.Type]string{
		mapping.TypeCounter: "counter", mapping.TypeGauge: "gauge", mapping.TypeObserver: "observer", mapping.TypeSet: "set",
	}
	for typ, name := range want {
		if got := typ.String(); got != name {
			t.Errorf("type %d is called %q, want %q", typ, got, name)
		}
		rules := mustParse(t, "mappings: [{match: a, name: n, match_metric_type: "+name+"}]")
		for other := range want {
			if got := rules.NewMatcher().Match([]byte("a"), other, nil) != nil; got != (other == typ) {
				t.Errorf("a rule for %s matches %s = %v", name, other, got)
			}
		}
	}
}
