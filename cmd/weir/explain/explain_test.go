package explain

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"weir/aggregate"
	"weir/aggregate/label"
	"weir/aggregate/mapping"
	"weir/config"
	"weir/protocol"
)

func explained(t *testing.T, c *config.Config, line string) Line {
	t.Helper()
	all := New(c, "weir_series").Lines(line)
	if len(all) != 1 {
		t.Fatalf("%q is %d lines", line, len(all))
	}
	return all[0]
}

// The series of an explanation is right because weir runs the same code. These tests hold the rest.
func TestExplain(t *testing.T) {
	f := func(line string, want ...string) {
		t.Helper()
		e := explained(t, config.Default(), line)
		var got []string
		for _, s := range e.Samples {
			if s.Rejected != "" {
				got = append(got, "!"+s.Rejected)
			} else {
				got = append(got, s.Series+" "+s.Type+" "+s.Dialect)
			}
		}
		if strings.Join(got, "; ") != strings.Join(want, "; ") {
			t.Errorf("explain %q = %q, want %q", line, got, want)
		}
	}
	f("web.hits:1|c", "web_hits counter ")
	f("web.hits,status=200:1|c", `web_hits{status="200"} counter influxdb`)
	f("a:1:x:3|ms|#k:v", "!bad_value")
	f("a:1:x|c:3|ms|#k:v", "!bad_value", `a{k="v"} histogram dogstatsd`)
	f("MyApp::Worker.run:1|c", "!colon_in_name")
	f("a:1|c:2|g", "a counter ", "!type_conflict")
	f("a,k=v:1|c|#l:w", "!mixed_tags")
	f("nothing", "!malformed_line")
	f("weir.series:1|g", "!reserved_name")
	f("_sc|redis|2|#a:b", `weir_service_check_status{a="b",check="redis"} gauge dogstatsd`)
	f("_e{1,1}:a|b", "weir_events_total counter ")
}

func TestExplainFollowsTheConfiguration(t *testing.T) {
	c := config.Default()
	c.Ingest.Dialects = []string{"dogstatsd"}
	c.Ingest.OriginLabels = []string{"container_id"}
	c.Ingest.GaugeSign = "absolute"
	s := explained(t, c, "a,k=v:+1|g|c:ci-x|unknown").Samples[0]
	if s.Series != `a_k_v{container_id="x"}` || s.Meaning != "sets the gauge" || s.Container != "ci-x" {
		t.Errorf("%+v", s)
	}
	c.Ingest.BareTags = "drop"
	s = explained(t, c, "a:1|c|#prod,k:v").Samples[0]
	if s.Series != `a{k="v"}` || !slices.Equal(s.BareTags, []string{"prod"}) {
		t.Errorf("%+v", s)
	}
	if e := explained(t, c, "a:1|c|x|y"); e.FieldsIgnored != 2 {
		t.Errorf("%d fields ignored, want 2", e.FieldsIgnored)
	}
}

func TestExplainPrints(t *testing.T) {
	var text bytes.Buffer
	if err := writeAll(&text, config.Default(), []string{"web.hits:1|c|@0.5|#status:200,bare", "a:x|c"}, false); err == nil {
		t.Error("a rejected sample is no error")
	}
	want := `web.hits:1|c|@0.5|#status:200,bare
  sample    web.hits of type c: 1 adds to the counter, counted 2 times (rate 0.5)
  tags      status=200 bare (dogstatsd)
  series    web_hits{bare="true",status="200"} (counter)
a:x|c
  rejected  bad_value: a value is empty or not a number; values beside it are not recorded either
            a:x|c
              ^
`
	if text.String() != want {
		t.Errorf("got\n%s\nwant\n%s", &text, want)
	}
	text.Reset()
	if err := writeAll(&text, config.Default(), []string{"a:+1|g"}, true); err != nil {
		t.Error(err)
	}
	var e Line
	if err := json.Unmarshal(text.Bytes(), &e); err != nil || e.Samples[0].Family != "a" {
		t.Errorf("%v: %s", err, &text)
	}
}

// Tags that are dropped in a name leave those behind the type.
// A name whose letters are lost says so; dots and dashes are no letters.
func TestExplainLostLetters(t *testing.T) {
	f := func(line, names string, want bool) {
		t.Helper()
		c := config.Default()
		c.Aggregate.Sanitize.Names = names
		var b bytes.Buffer
		if err := New(c).Lines(line)[0].Print(&b); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(b.String(), "\n  changed   letters of the name are lost"); got != want {
			t.Errorf("%s with %s names: lost letters are explained: %t, want %t in\n%s", line, names, got, want, &b)
		}
	}
	f("ünï:1|c", aggregate.NamesLegacy, true)
	f("ünï:1|c", aggregate.NamesUTF8, false)
	f("web-hits.a/b:1|c", aggregate.NamesLegacy, false)
	f("ünï:x|c", aggregate.NamesLegacy, false) // it has no name
}

func TestExplainBareTags(t *testing.T) {
	c := config.Default()
	c.Ingest.BareTags = "drop"
	var text bytes.Buffer
	if err := writeAll(&text, c, []string{"a,prod:1|c|#k:v", "a,prod:1|c"}, false); err != nil {
		t.Error(err)
	}
	want := `a,prod:1|c|#k:v
  sample    a of type c: 1 adds to the counter
  tags      k=v (dogstatsd)
  series    a{k="v"} (counter)
a,prod:1|c
  sample    a of type c: 1 adds to the counter
  tags      prod (influxdb)
  no labels prod (ingest.bare_tags)
  series    a (counter)
`
	if text.String() != want {
		t.Errorf("got\n%s\nwant\n%s", &text, want)
	}
}

// A bad rate that is ignored is said to be.
func TestExplainBadRates(t *testing.T) {
	c := config.Default()
	c.Ingest.BadRates = "ignore"
	var text bytes.Buffer
	if err := writeAll(&text, c, []string{"a:1|c|@0", "b:1|c|@0.5"}, false); err != nil {
		t.Error(err)
	}
	want := `a:1|c|@0
  sample    a of type c: 1 adds to the counter
  series    a (counter)
  ignored   bad sample rates: 1 (ingest.bad_rates)
b:1|c|@0.5
  sample    b of type c: 1 adds to the counter, counted 2 times (rate 0.5)
  series    b (counter)
`
	if text.String() != want {
		t.Errorf("got\n%s\nwant\n%s", &text, want)
	}
}

// Lines come from anywhere, also what a terminal would act on.
func TestPrintable(t *testing.T) {
	if got, want := Printable("a\x1b[31m\"\\\x00日"), `a\x1b[31m"\\x00日`; got != want {
		t.Errorf("Printable = %q, want %q", got, want)
	}
}

// Every fact that a line can have is printed, in the order of what happens to it.
func TestExplainPrintsEveryFact(t *testing.T) {
	c := config.Default()
	c.Aggregate.Sanitize.Names = aggregate.NamesUTF8
	f := func(line, want string) {
		t.Helper()
		var text bytes.Buffer
		_ = writeAll(&text, c, []string{line}, false) // which rejects some
		if got := text.String(); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	}
	f("web.time:30|ms|#http.method:GET|c:ci-x|e:cn-web|T1700000000|what", `web.time:30|ms|#http.method:GET|c:ci-x|e:cn-web|T1700000000|what
  sample    web.time of type ms: 30 milliseconds are observed; the series is in seconds
  tags      http.method=GET (dogstatsd)
  origin    ci-x cn-web
  timestamp 1700000000 (ignored: samples count when they arrive)
  series    {"web.time","http.method"="GET"} (histogram)
  legacy    web_time{http_method="GET"} (for scrapers that do not accept names in UTF-8)
  ignored   fields that weir does not know: 1
`)
	f("_e{1,1}:a|b", `_e{1,1}:a|b
  sample    a of type _e: _e{1,1}:a|b is counted, and logged with log.events
  series    weir_events_total (counter)
`)
	f("a:1|c:2|g", `a:1|c:2|g
  sample    a of type c: 1 adds to the counter
  series    a (counter)
  sample    a of type g: 2 sets the gauge
  rejected  type_conflict: the name, or a name that a histogram needs, has another type already
`)
	f("日:1:x:3|c", `日:1:x:3|c
  rejected  bad_value (3 values): a value is empty or not a number; values beside it are not recorded either
            日:1:x:3|c
                ^
`)
	f("A::B.c:1|c", `A::B.c:1|c
  rejected  colon_in_name (2 values): the name ends at its first ':', and the text after it is not a number: send a name without ':'
            A::B.c:1|c
             ^
`)
	f("日:x|c", `日:x|c
  rejected  bad_value: a value is empty or not a number; values beside it are not recorded either
            日:x|c
              ^
`)
}

// Each rejected segment of a line has an offset of its own, and says how many values it loses.
func TestExplainOffsets(t *testing.T) {
	for i, s := range explained(t, config.Default(), "a:x|c:1|c:2:yy:3|c").Samples {
		want, lost := []int{2, -1, 12}[i], []int{0, 0, 3}[i]
		if got := s.Offset; (got == nil) != (want < 0) || got != nil && *got != want {
			t.Errorf("sample %d has the offset %v, want %d", i, got, want)
		}
		if s.Lost != lost {
			t.Errorf("sample %d loses %d values, want %d", i, s.Lost, lost)
		}
	}
}

// The ID of a series is that of its label set, in whichever way its tags are written.
func TestExplainSeriesID(t *testing.T) {
	var b label.Builder
	b.Add("status", "200")
	b.Add("zone", "a")
	want := b.Labels().ID("web_hits").String()
	for _, line := range []string{"web.hits:1|c|#zone:a,status:200", "web_hits,status=200,zone=a:2|g"} {
		if got := explained(t, config.Default(), line).Samples[0].SeriesID; got != want || len(got) != 16 {
			t.Errorf("%s: series_id = %q, want %s", line, got, want)
		}
	}
	for _, line := range []string{"_e{1,1}:a|b", "a:-1|c", "weir.series:1|g"} {
		if got := explained(t, config.Default(), line).Samples[0].SeriesID; got != "" {
			t.Errorf("%s: series_id = %q, want none", line, got)
		}
	}
}

// Lines know nothing of each other.
func TestLinesAreFresh(t *testing.T) {
	lines := New(config.Default()).Lines("a:1|c\na:1|g\n\na:1|s|x|y")
	if len(lines) != 3 {
		t.Fatalf("%d lines, want 3", len(lines))
	}
	for i, want := range []int{0, 0, 2} {
		if lines[i].Rejected() || lines[i].FieldsIgnored != want {
			t.Errorf("%+v, want %d fields ignored", lines[i], want)
		}
	}
}

// writeAll writes what becomes of lines; a rejected sample is an error.
func writeAll(w io.Writer, c *config.Config, lines []string, asJSON bool) error {
	for _, line := range New(c).Lines(strings.Join(lines, "\n")) {
		write := line.Print
		if asJSON {
			write = line.WriteJSON
		}
		if err := write(w); err != nil {
			return err
		}
		if line.Rejected() {
			return errors.New("rejected")
		}
	}
	return nil
}

// Explain says which tags make no label, and what exemplar they make.
func TestExplainExemplars(t *testing.T) {
	c := config.Default()
	c.Aggregate.Series.ExemplarTags = []string{"trace_id", "span_id"}
	var text bytes.Buffer
	lines := []string{"hits:1|c|#a:b,trace_id:4bf\"92,span_id:7", "level,trace_id=4bf:1|g"}
	if err := writeAll(&text, c, lines, false); err != nil {
		t.Error(err)
	}
	want := `hits:1|c|#a:b,trace_id:4bf"92,span_id:7
  sample    hits of type c: 1 adds to the counter
  tags      a=b trace_id=4bf"92 span_id=7 (dogstatsd)
  no labels trace_id span_id (series.exemplar_tags)
  series    hits{a="b"} (counter)
  exemplar  {trace_id="4bf\"92",span_id="7"}
level,trace_id=4bf:1|g
  sample    level of type g: 1 sets the gauge
  tags      trace_id=4bf (influxdb)
  no labels trace_id (series.exemplar_tags)
  series    level (gauge)
`
	if text.String() != want {
		t.Errorf("got\n%s\nwant\n%s", &text, want)
	}
}

const explainRules = `mappings:
- {match: "noise.*", action: drop}
- {match: "web.*.hits", match_metric_type: gauge, name: web_level}
- {match: "web.*.hits", name: web_hits, labels: {site: "$1"}}
`

// Explain says which rule matched, and why those before it did not.
func TestExplainRules(t *testing.T) {
	c := config.Default()
	rules, err := mapping.Parse("rules.yaml", []byte(explainRules))
	if err != nil {
		t.Fatal(err)
	}
	c.Aggregate.Rules = []*mapping.Rules{rules}
	var text bytes.Buffer
	if err := writeAll(&text, c, []string{"web.a.hits:1|c", "noise.x:1|c", "other:1|c"}, false); err != nil {
		t.Errorf("%v: what a rule drops is no error", err)
	}
	want := `web.a.hits:1|c
  sample    web.a.hits of type c: 1 adds to the counter
  rule      rules.yaml:4: web.*.hits (map)
  series    web_hits{site="a"} (counter)
noise.x:1|c
  sample    noise.x of type c: 1 adds to the counter
  rule      rules.yaml:2: noise.* (drop)
  dropped   by this rule
other:1|c
  sample    other of type c: 1 adds to the counter
  rule      none matches: name and tags stay as they were sent
  no match  further rules (--json lists up to 20 of a file)
  series    other (counter)
`
	if text.String() != want {
		t.Errorf("got\n%s\nwant\n%s", &text, want)
	}
	text.Reset()
	if err := New(c).Lines("web.a.hits:1|c")[0].PrintAll(&text); err != nil {
		t.Error(err)
	}
	want = "  no match  rules.yaml:3: web.*.hits: it is for the type gauge, not counter\n" +
		"  no match  further rules (--json lists up to 20 of a file)\n"
	if !strings.Contains(text.String(), want) {
		t.Errorf("PrintAll wrote\n%s\nwant in it\n%s", &text, want)
	}
	text.Reset()
	if err := writeAll(&text, c, []string{"web.a.hits:1|g"}, true); err != nil {
		t.Error(err)
	}
	const rule = `"rule":{"file":"rules.yaml","line":3,"match":"web.*.hits","match_type":"glob","action":"map"}`
	const tried = `"tried":[{"file":"rules.yaml","line":2,"match":"noise.*","match_type":"glob","action":"drop",` +
		`"reason":"it has 2 segments, the name 3"}]`
	if !strings.Contains(text.String(), rule) || !strings.Contains(text.String(), tried) {
		t.Errorf("JSON: %s\nwant %s\nand %s", &text, rule, tried)
	}
}

func TestEveryReasonHasAdvice(t *testing.T) {
	for reason := protocol.ReasonNone + 1; reason < protocol.NumReasons; reason++ {
		if advice[reason] == "" {
			t.Errorf("no advice for %v", reason)
		}
	}
	for kind := range protocol.NumKinds {
		if meanings[kind] == "" {
			t.Errorf("no meaning for %v", kind)
		}
	}
}
