package mapping_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestWarnings(t *testing.T) {
	f := func(yaml string, want ...string) {
		t.Helper()
		got := mustParse(t, yaml).Warnings()
		fits := func(got, want string) bool {
			where, what, _ := strings.Cut(want, ": ")
			return strings.HasPrefix(got, "m.yaml:"+where+": ") && strings.Contains(got, what)
		}
		if !slices.EqualFunc(got, want, fits) {
			t.Errorf("%s\ngot\n%s\nwant\n%s", yaml, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
	// Older spellings.
	f(ruleWith("timer_type: histogram", "buckets: [1, 2]"), "4: mappings[0].timer_type", "5: write histogram_options.buckets")
	f(defaultsWith("timer_type: summary", "buckets: [1]", "quantiles: [{quantile: 0.5, error: 0.1}]"),
		"2: defaults.timer_type: an older spelling: write observer_type", "3: defaults.buckets", "4: summary_options.quantiles")
	f(ruleWith("match_metric_type: timer"), "4: timer is an older spelling: write observer")

	// Templates.
	f("mappings:\n- match: a.*\n  name: n_$1_x", "3: did you mean ${1}_x?")
	f(ruleWith("labels:", "  x: $1_x", "  y: $2", "  z: ${who}"), "5: mappings[0].labels.x: $1_x is always empty",
		"6: the match has one capture", "7: no capture is called who")
	f("mappings: [{match: '(a)', match_type: regex, name: 'n_$1x'}]", "1: did you mean ${1}x?")
	f("mappings: [{match: 'a', action: drop, name: 'n_$1x'}]")
	f(ruleWith("quantiles: [{quantile: 0.5}, {quantile: 0.5}]", "ttl: 1s"), "4: older", "4: given twice")

	// Reach.
	two := func(first, second string) string {
		return "mappings:\n- {" + first + ", name: n}\n- {" + second + ", name: n}\n"
	}
	f(two("match: a.*", "match: a.b"), "3: mappings[1]: a.b is never reached: it is shadowed by a.* in line 2")
	f(two("match: a.b", "match: a.*"))
	f(two("match: a.*", "match: a.*"), "3: is a duplicate")
	f(two("match: 'a*.x'", "match: 'ab*c.x'"), "3: shadowed by a*.x")
	f(two("match: 'ab*', match_metric_type: counter", "match: abc"))
	f(two("match: 'ab*'", "match: abc, match_metric_type: counter"), "3: shadowed")
	f(two("match: '*', match_tags: {env: prod}", "match: a"))
	f(two("match: '*', match_tags: {env: 'p*'}", "match: a, match_tags: {env: prod, x: y}"), "3: shadowed")
	f(two("match: '*', except: [a]", "match: '*'"))
	f(two("match: '*', except: [a]", "match: '*', except: ['a*']"), "3: shadowed")
	f(two("match: a, except: ['*']", "match: b"), "2: its own exceptions")
	f(two("match: a, match_type: regex", "match: a, match_type: regex"), "3: is a duplicate")
	f(two("match: '.*', match_type: regex", "match: a, match_type: regex"), "3: shadowed")
	f(two("match: '.*', match_type: regex", "match: a.b"))
	file := "defaults: {match_order: file}\n"
	f(file+two("match: '.*', match_type: regex", "match: 'a.*'"), "4: shadowed by")
	f(file+two("match: '^a', match_type: regex", "match: ab"), "4: shadowed by")
	f(file + two("match: '^a', match_type: regex", "match: 'a*'"))
	specific := "defaults: {glob_disable_ordering: true}\n"
	f(specific + two("match: a.*", "match: a.b"))
	f(specific+two("match: a.*", "match: a.*"), "4: is a duplicate")
	f(`mappings:
- {match: '*', match_metric_type: counter, name: n}
- {match: '*', match_metric_type: gauge, name: n}
- {match: '*', match_metric_type: observer, name: n}
- {match: 'a', name: n}
- {match: '*', match_metric_type: set, name: n}
- {match: 'b', name: n}
`, "7: shadowed by * in line 2")
	f("mappings:\n- {match: a, name: n, help: x}\n- {match: b, name: n, help: y}\n- {match: c, name: n}\n",
		"3: mappings[1].help: n has another help in line 2")
}

func TestWarningsOfAlikeRulesEnd(t *testing.T) {
	var b strings.Builder
	b.WriteString("mappings:\n- {match: a, name: n}\n")
	for i := range 3000 {
		fmt.Fprintf(&b, "- {match: b, name: n, match_tags: {k: v%d}}\n", i)
	}
	b.WriteString("- {match: a, name: n}\n")
	got := mustParse(t, b.String()).Warnings()
	if len(got) != 1 || !strings.Contains(got[0], "from here on") {
		t.Errorf("got %q, want one warning that the rest is not known", got)
	}
}
