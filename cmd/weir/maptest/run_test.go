package maptest

import (
	"errors"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"weir/aggregate"
	"weir/aggregate/mapping"
	"weir/config"
)

// withRules returns a configuration with the rules of testdata.
func withRules(t *testing.T) *config.Config {
	t.Helper()
	source, err := os.ReadFile("testdata/rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	rules, err := mapping.Parse("rules.yaml", source)
	if err != nil {
		t.Fatal(err)
	}
	c := config.Default()
	c.Aggregate.Rules = []*mapping.Rules{rules}
	return c
}

// runLines runs a test of lines that wants nothing, and returns the differences, one a line.
func runLines(t *testing.T, c *config.Config, lines ...string) string {
	t.Helper()
	one := test{name: "n", lines: lines}
	return strings.Join(one.run(c, []string{"weir_series"}).diff, "\n")
}

// wanting returns a test of lines and what it wants.
func wanting(t *testing.T, lines, want []string) *test {
	t.Helper()
	one := &test{name: "n", lines: lines}
	for _, text := range want {
		o, err := parseOutcome(text)
		if err != nil {
			t.Fatal(err)
		}
		one.want = append(one.want, o)
	}
	return one
}

// A test that wants nothing shows every outcome, except details.
func TestRunShowsWhatIsNotWanted(t *testing.T) {
	c := withRules(t)
	f := func(want string, lines ...string) {
		t.Helper()
		if got := runLines(t, c, lines...); got != want {
			t.Errorf("of %q:\n%s\nwant\n%s", lines, got, want)
		}
	}
	f(`+ web_hits{site="a"} 3`, "web.a.hits:1|c", "web.a.hits:2|c")
	f("+ web_hits{site=\"a\"} 1\n+ web_hits{site=\"b\"} 2", "web.b.hits:2|c", "web.a.hits:1|c")
	f("+ web_seconds_sum{site=\"a\"} 0.25\n+ web_seconds_count{site=\"a\"} 2", "web.a.time:50:200|ms")
	f("+ db_seconds_sum 0.05\n+ db_seconds_count 1", "db.time:50|ms")
	f("+ dropped", "noise.x:1|c")
	f("+ unmapped", "other:1|c", "_e{1,1}:a|b", "_sc|redis|0")
	f("+ web_hits{site=\"a\"} 1\n+ rejected bad_value\n+ rejected type_conflict", "web.a.hits:1|c", "web.a.hits:x|c", "web.a.hits:1|g")
	f("+ rejected reserved_name", "weir.series:1|g")
}

func TestRunCompares(t *testing.T) {
	c := withRules(t)
	f := func(lines, want []string, diff ...string) {
		t.Helper()
		got := wanting(t, lines, want).run(c, nil).diff
		if d := cmp.Diff(diff, got); d != "" {
			t.Errorf("%q for %q (-want +got):\n%s", want, lines, d)
		}
	}
	hits := []string{"web.a.hits:0.1|c", "web.a.hits:0.2|c"}
	f(hits, []string{`web_hits{site="a"} 0.3`})
	f(hits, []string{`web_hits{site="a"} 0.4`}, `- web_hits{site="a"} 0.4`, `+ web_hits{site="a"} 0.30000000000000004`)
	f(hits, []string{`web_hits{site="b"} 0.3`}, `- web_hits{site="b"} 0.3`, `+ web_hits{site="a"} 0.30000000000000004`)
	f([]string{`web.a.hits:1|c|#path:C:\x"y`}, []string{`web_hits{site="a",path="C:\\x\"y"} 1`})

	times := []string{"web.a.time:50:200|ms"}
	sums := []string{`web_seconds_sum{site="a"} 0.25`, `web_seconds_count{site="a"} 2`}
	f(times, append(sums, `web_seconds_bucket{site="a",le="0.1"} 1`, `web_seconds_bucket{le="+Inf",site="a"} 2`))
	f(times, append(sums, `web_seconds_bucket{site="a",le="0.1"} 2`),
		`- web_seconds_bucket{le="0.1",site="a"} 2`, `+ web_seconds_bucket{le="0.1",site="a"} 1`)
	f(times, append(sums, `web_seconds_bucket{site="a",le="5"} 2`), `- web_seconds_bucket{le="5",site="a"} 2`)

	other := []string{"other:1|c"}
	f(other, []string{"unmapped"})
	f(other, []string{"unmapped", "other 1"})
	f(other, []string{"unmapped", "other 2"}, "- other 2", "+ other 1")
	f(other, []string{"dropped"}, "- dropped", "+ unmapped")
}

// A scrape may be shown the beginning of a counter first. A test sees its value, as the rules make it.
func TestRunSeesNewCounters(t *testing.T) {
	c := withRules(t)
	c.Aggregate.Series.CounterBirth = aggregate.BirthZero
	for range 2 {
		if got, want := runLines(t, c, "web.a.hits:3|c"), `+ web_hits{site="a"} 3`; got != want {
			t.Errorf("with counter_birth: zero: %s, want %s", got, want)
		}
	}
	if c.Aggregate.Series.CounterBirth != aggregate.BirthZero {
		t.Error("a run changes its configuration")
	}
}

// What one test recorded is not there in the next, nor when it runs again.
func TestRunsAreFresh(t *testing.T) {
	c := config.Default()
	c.Aggregate.Rules = []*mapping.Rules{mapping.PresetLLM.Rules()}
	one := wanting(t, []string{"llm.requests:1|c|#model:m"}, []string{`gen_ai_client_operations_total{gen_ai_request_model="m"} 1`})
	for range 2 {
		if diff := one.run(c, nil).diff; len(diff) > 0 {
			t.Error(strings.Join(diff, "\n"))
		}
	}
}

// Values that are not finite can be wanted.
func TestRunInfinite(t *testing.T) {
	c := config.Default()
	one := wanting(t, []string{"a:+inf|g"}, []string{"unmapped", "a +Inf"})
	if diff := one.run(c, nil).diff; len(diff) > 0 {
		t.Error(strings.Join(diff, "\n"))
	}
	if got := formatValue(math.Inf(-1)); got != "-Inf" {
		t.Errorf("formatValue = %s", got)
	}
}

func TestReport(t *testing.T) {
	c := withRules(t)
	var b strings.Builder
	suite, err := Read("testdata/passes.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if passed, err := suite.Run(&b, c); !passed || err != nil || b.String() != "testdata/passes.yaml: ok, 2 passed\n" {
		t.Errorf("Run = %v, %v and wrote\n%s", passed, err, &b)
	}

	suite = &Suite{file: "f.yaml", tests: []test{*wanting(t, []string{"noise.x:1|c", "web.a.hits:x|c"}, nil), suite.tests[1]}}
	suite.tests[0].line = 7
	b.Reset()
	passed, err := suite.Run(&b, c)
	const want = `f.yaml:7: n: failed; - is wanted, + is actual
  + dropped
  + rejected bad_value
    noise.x:1|c  dropped by rules.yaml:2: noise.*
    web.a.hits:x|c  rejected bad_value
f.yaml: 1 of 2 failed
`
	if passed || err != nil || b.String() != want {
		t.Errorf("Run = %v, %v and wrote\n%s\nwant\n%s", passed, err, &b, want)
	}
}

type fullDisk struct{}

var errFull = errors.New("full")

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

func TestReportNotWritten(t *testing.T) {
	suite, err := Read("testdata/passes.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := suite.Run(fullDisk{}, withRules(t)); !errors.Is(err, errFull) {
		t.Errorf("Run to a full disk = %v", err)
	}
}
