package maptest

import (
	"math"
	"strings"
	"testing"

	"weir/aggregate/mapping"
	"weir/config"
)

func TestParseSeriesLine(t *testing.T) {
	f := func(text, wantKey string, want float64) {
		t.Helper()
		key, got, err := parseSeriesLine(text)
		if err != nil || key != wantKey || !same(got, want) {
			t.Errorf("parseSeriesLine(%q) = %q, %v, %v, want %q, %v", text, key, got, err, wantKey, want)
		}
	}
	f("a 1", "a", 1)
	f("a:b_c  1e3 ", "a:b_c", 1000)
	f("a{} -0.5", "a", -0.5)
	f(`a{b="c"} +Inf`, `a{b="c"}`, math.Inf(1))
	f(`a{z="1", b="2",} NaN`, `a{b="2",z="1"}`, math.NaN())
	f(`a{b="q\"u}o\\"} 1`, `a{b="q\"u}o\\"}`, 1)
}

func TestParseSeriesLineRefuses(t *testing.T) {
	for _, text := range []string{
		"", "a", "a x", "{} 1", " 1", `a{b="c} 1`, `a{b} 1`, `a{b="c" 1`, `a{b="c"}`, `a{="c"} 1`, `a{b="1",b="2"} 1`,
		"a 1 2", `a{b="c\"} 1`,
	} {
		if key, value, err := parseSeriesLine(text); err == nil {
			t.Errorf("parseSeriesLine(%q) = %q, %v, want an error", text, key, value)
		}
	}
}

func TestSame(t *testing.T) {
	f := func(a, b float64, want bool) {
		t.Helper()
		if got := same(a, b); got != want {
			t.Errorf("same(%v, %v) = %v", a, b, got)
		}
	}
	f(0.1+0.2, 0.3, true)
	f(1, 1.0001, false)
	f(math.Inf(1), 1, false)
	f(math.Inf(1), math.Inf(-1), false)
	f(math.Inf(1), math.Inf(1), true)
	f(math.NaN(), math.NaN(), true)
	f(0, 1e-300, false)
}

// No key of one test is lost in another: each has a registry of its own, also when it is run again.
func TestMapTestsAreFresh(t *testing.T) {
	c := config.Default()
	c.Aggregate.Rules = []*mapping.Rules{mapping.PresetLLM.Rules()}
	want, err := parseOutcome(`gen_ai_client_operations_total{gen_ai_request_model="m"} 1`)
	if err != nil {
		t.Fatal(err)
	}
	one := test{name: "n", lines: []string{"llm.requests:1|c|#model:m"}, want: []outcome{want}}
	for range 2 {
		if result := one.run(c, nil); len(result.diff) > 0 {
			t.Error(strings.Join(result.diff, "\n"))
		}
	}
}
