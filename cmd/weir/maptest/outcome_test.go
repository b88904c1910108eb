package maptest

import (
	"math"
	"strings"
	"testing"
)

func TestParseOutcome(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		if got, err := parseOutcome(text); err != nil || got.String() != want {
			t.Errorf("parseOutcome(%q) = %v, %v, want %s", text, got, err, want)
		}
	}
	f("a 1", "a 1")
	f("a:b_c  1e3 ", "a:b_c 1000")
	f("a{} -0.5", "a -0.5")
	f(`a{b="c"} +Inf`, `a{b="c"} +Inf`)
	f(`a{z="1", b="2",} NaN`, `a{b="2",z="1"} NaN`)
	f(`a{b="q\"u}o\\"} 1`, `a{b="q\"u}o\\"} 1`)
	f(`a{b="",c="d"} 1`, `a{c="d"} 1`) // to Prometheus, a label without a value is none
	f("dropped", "dropped")
	f("unmapped", "unmapped")
	f("rejected bad_value", "rejected bad_value")
}

func TestParseOutcomeRefuses(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		if got, err := parseOutcome(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("parseOutcome(%q) = %v, %v, want an error with %q", text, got, err, want)
		}
	}
	const noSeries, noLabels = "want a series with its value", "want labels as in"
	for _, text := range []string{"", "a", "a x", "{} 1", " 1", `a{b="c"}`, "a 1 2", "Dropped"} {
		f(text, noSeries)
	}
	for _, text := range []string{`a{b="c} 1`, `a{b} 1`, `a{b="c" 1`, `a{="c"} 1`, `a{b="c\"} 1`, `a{b="c"`, `a{b c="d"} 1`} {
		f(text, noLabels)
	}
	f(`a{b="1",b="2"} 1`, "the label b is given twice")
	f("rejected", `no reason is called ""`)
	f("rejected none", `no reason is called "none"`)
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
