package explain

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

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

// What explain says of a series is what weir makes of the line: they share the code. These hold what
// explain adds.
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
	f("a:1:x:3|ms|#k:v", `a{k="v"} histogram dogstatsd`, "!bad_value", `a{k="v"} histogram dogstatsd`)
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
  sample    web.hits of type c: 1 adds to the counter, and stands for 2 (rate 0.5)
  tags      status=200 bare (dogstatsd)
  series    web_hits{bare="true",status="200"} (counter)
a:x|c
  rejected  bad_value: the value is empty or not a number
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
	if got := Printable("a\x1b[31m\"\\\x00日"); got != `a\x1b[31m"\\x00日` && strings.ContainsRune(got, '\x1b') {
		t.Errorf("printable lets %q through", got)
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
  no match  rules.yaml:3: web.*.hits: it is for the type gauge, not counter
  no match  others, which are further off (--json has up to 20 of a file)
  series    web_hits{site="a"} (counter)
noise.x:1|c
  sample    noise.x of type c: 1 adds to the counter
  rule      rules.yaml:2: noise.* (drop)
  dropped   as the rule wants it
other:1|c
  sample    other of type c: 1 adds to the counter
  rule      none matches: the name and the tags stay as they were sent
  no match  others, which are further off (--json has up to 20 of a file)
  series    other (counter)
`
	if text.String() != want {
		t.Errorf("got\n%s\nwant\n%s", &text, want)
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
