package verdict_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"weir/bench/workload"
	"weir/bench/workload/verdict"
	"weir/protocol"
)

// exposition writes families as weir does, and weir's own beside them.
func exposition(families map[string]workload.Family) string {
	var b strings.Builder
	b.WriteString("# TYPE weir_series gauge\nweir_series 3\n# TYPE go_threads gauge\ngo_threads 7\n" +
		"# TYPE process_open_fds gauge\nprocess_open_fds 7\n")
	for name, f := range families {
		fmt.Fprintf(&b, "# TYPE %s %s\n", name, f.Type)
		for _, s := range f.Series {
			if f.Type != workload.TypeHistogram {
				fmt.Fprintf(&b, "%s{%s} %v\n", name, s.Key(), s.Value)
				continue
			}
			fmt.Fprintf(&b, "%s_bucket{%s,le=\"+Inf\"} %d\n", name, s.Key(), s.Observations)
			fmt.Fprintf(&b, "%s_sum{%s} %v\n", name, s.Key(), s.Sum)
			fmt.Fprintf(&b, "%s_count{%s} %d\n", name, s.Key(), s.Observations)
		}
	}
	return b.String()
}

func mustParse(t *testing.T, text string) map[string]*dto.MetricFamily {
	t.Helper()
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		t.Fatalf("parse: %v\n%s", err, text)
	}
	return families
}

func sent() map[string]workload.Family {
	g := workload.New(workload.Spec{Seed: 1, Series: 500, Tags: 2, Mix: workload.EveryKind(), SampledShare: 0.5})
	for range 5000 {
		g.AppendLine(nil)
	}
	return g.Expected()
}

func TestEqual(t *testing.T) {
	want := sent()
	if got := verdict.Compare(want, mustParse(t, exposition(want))); got != nil {
		t.Errorf("Compare of equal data = %q, want none", got)
	}
	if got := verdict.Compare(nil, mustParse(t, exposition(nil))); got != nil {
		t.Errorf("Compare of weir's own families = %q, want none", got)
	}
}

// Each thing that can be wrong is seen, and nothing else.
func TestDifferent(t *testing.T) {
	f := func(family, text, want string) {
		t.Helper()
		sent := map[string]workload.Family{family: sentFamily(family)}
		got := verdict.Compare(sent, mustParse(t, text))
		if !slices.Equal(got, []string{want}) {
			t.Errorf("Compare(%q) = %q, want %q", text, got, want)
		}
	}
	const counter, gauge = "# TYPE hits counter\n", "# TYPE hits gauge\n"
	f("hits", "", `hits: not there, want 1 series`)
	f("hits", gauge+`hits{a="1"} 3`+"\n", `hits: type gauge, want counter`)
	f("hits", counter+`hits{a="1"} 2`+"\n", `hits{a="1"}: value 2, want 3`)
	f("hits", counter+`hits{a="1"} 3.0000000000000004`+"\n", `hits{a="1"}: value 3.0000000000000004, want 3`)
	f("hits", counter+`hits{a="1"} NaN`+"\n", `hits{a="1"}: value NaN, want 3`)
	f("hits", counter+`hits{a="1"} 3`+"\n"+`hits{a="2"} 3`+"\n", `hits{a="2"}: was not sent`)
	f("hits", counter+`hits{a="1"} 3`+"\nmore 1\n", `more: was not sent`)
	histogram := func(name string, sum, count any) string {
		return fmt.Sprintf("# TYPE %s histogram\n%s_bucket{le=\"+Inf\"} %v\n%s_sum %v\n%s_count %v\n",
			name, name, count, name, sum, name, count)
	}
	f("time", histogram("time", 1.5, 3), `time{}: count 3, want 2`)
	f("time", histogram("time", 1.5+1e-8, 2), `time{}: sum 1.50000001, want 1.5`)
	f("time", histogram("time", "NaN", 2), `time{}: sum NaN, want 1.5`)
	f("size", histogram("size", 1.5+1e-10, 2), `size{}: sum 1.5000000001, want 1.5`)
}

// Only sums of timers may be rounded.
func TestTolerance(t *testing.T) {
	want := map[string]workload.Family{"time": sentFamily("time")}
	text := "# TYPE time histogram\ntime_bucket{le=\"+Inf\"} 2\ntime_sum 1.5000000001\ntime_count 2\n"
	if got := verdict.Compare(want, mustParse(t, text)); got != nil {
		t.Errorf("Compare = %q, want none", got)
	}
}

func sentFamily(name string) workload.Family {
	f := workload.Family{Exposed: name, Type: workload.TypeHistogram}
	switch name {
	case "hits":
		f.Kind, f.Type = protocol.KindCounter, workload.TypeCounter
		f.Series = []workload.Series{{Labels: []workload.Label{{Name: "a", Value: "1"}}, Value: 3}}
		return f
	case "time":
		f.Kind = protocol.KindTimer
	default:
		f.Kind = protocol.KindHistogram
	}
	f.Series = []workload.Series{{Observations: 2, Sum: 1.5}}
	return f
}
