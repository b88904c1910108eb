package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"weir/bench/process"
	"weir/bench/workload"
	"weir/bench/workload/verdict"
)

func newTestStream() *stream {
	return newStream(workload.Spec{Seed: 3, Series: 200, Tags: 2, Mix: workload.EveryKind(), PackedShare: 0.1}, 4000)
}

// exposition is what weir should expose after a stream.
func exposition(s *stream) string {
	var b strings.Builder
	self := func(name, typ string, values ...string) {
		fmt.Fprintf(&b, "# TYPE %s %s\n", name, typ)
		for _, value := range values {
			fmt.Fprintf(&b, "%s%s\n", name, value)
		}
	}
	self("weir_datagrams_received_total", "counter", fmt.Sprintf(` %d`, s.ring.Len()))
	self("weir_datagrams_truncated_total", "counter", " 0")
	self("weir_kernel_drops_total", "counter", `{listener="a"} 0`, `{listener="b"} 0`)
	self("weir_lines_received_total", "counter", fmt.Sprintf(`{transport="udp"} %d`, s.ring.Lines()),
		`{transport="tcp"} 0`)
	self("weir_samples_received_total", "counter", fmt.Sprintf(`{transport="udp"} %d`, s.samples),
		`{transport="tcp"} 0`)
	self("weir_samples_recorded_total", "counter", fmt.Sprintf(`{transport="udp"} %d`, s.recorded),
		`{transport="tcp"} 0`)
	self("weir_samples_refused_total", "counter", `{limit="max_total_series"} 0`)
	rejected := []string{`{reason="nan"} 0`}
	for reason, count := range s.rejected {
		rejected = append(rejected, fmt.Sprintf(`{reason=%q} %d`, reason, count))
	}
	self("weir_samples_rejected_total", "counter", rejected...)
	self("weir_series", "gauge", fmt.Sprintf(" %d", s.series))
	for name, f := range s.families {
		var values []string
		for _, series := range f.Series {
			if f.Type == workload.TypeHistogram {
				values = append(values,
					fmt.Sprintf(`_bucket{%s,le="+Inf"} %d`, series.Key(), series.Observations),
					fmt.Sprintf(`_sum{%s} %v`, series.Key(), series.Sum),
					fmt.Sprintf(`_count{%s} %d`, series.Key(), series.Observations))
				continue
			}
			values = append(values, fmt.Sprintf(`{%s} %v`, series.Key(), series.Value))
		}
		self(name, string(f.Type), values...)
	}
	return b.String()
}

func mustJudge(t *testing.T, s *stream, text string) (problems []string, printed string) {
	t.Helper()
	scraped, err := process.ParseFamilies([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := ledger(s, scraped)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	printFamilies(&b, scraped)
	printLedger(&b, rows)
	return judge(rows, verdict.Compare(s.families, scraped)), b.String()
}

func TestJudgeEqual(t *testing.T) {
	s := newTestStream()
	problems, printed := mustJudge(t, s, exposition(s))
	if problems != nil {
		t.Errorf("judge = %q, want none", problems)
	}
	var squeezed []string
	for line := range strings.Lines(printed) {
		squeezed = append(squeezed, strings.Join(strings.Fields(line), " "))
	}
	for _, want := range []string{"cache_hits counter 9 ", "samples rejected: bad_rate 1 1", "lines 4,007 4,007"} {
		if !slices.ContainsFunc(squeezed, func(line string) bool { return strings.HasPrefix(line, want) }) {
			t.Errorf("printed %s\nwant a line with %q", printed, want)
		}
	}
	if strings.Contains(printed, "weir_series") {
		t.Errorf("printed %s\nwant none of weir's own families", printed)
	}
}

// Whatever differs is a problem, and only that.
func TestJudgeDifferent(t *testing.T) {
	s := newTestStream()
	f := func(from, to, want string) {
		t.Helper()
		text := exposition(s)
		if strings.Count(text, from) != 1 {
			t.Fatalf("%q is in the exposition %d times", from, strings.Count(text, from))
		}
		problems, _ := mustJudge(t, s, strings.Replace(text, from, to, 1))
		if !slices.Equal(problems, []string{want}) {
			t.Errorf("judge of %q instead of %q = %q, want %q", to, from, problems, want)
		}
	}
	datagrams := fmt.Sprintf("received_total %d\n", s.ring.Len())
	f(datagrams, "received_total 7\n", fmt.Sprintf("datagrams: weir says 7, want %d", s.ring.Len()))
	f("truncated_total 0", "truncated_total 1200", "datagrams truncated: weir says 1,200, want 0")
	f(`lines_received_total{transport="tcp"} 0`, `lines_received_total{transport="tcp"} 1`,
		"lines: weir says 4,008, want 4,007")
	f(`{reason="bad_rate"} 1`, `{reason="bad_rate"} 0`, "samples rejected: bad_rate: weir says 0, want 1")
	f(`{reason="bad_rate"} 1`, `{reason="rate"} 0`, "samples rejected: bad_rate: weir says 0, want 1")
	f(`{reason="nan"} 0`, `{reason="nan"} 2`, "samples rejected: nan: weir says 2, want 0")
	f(`{limit="max_total_series"} 0`, `{limit="max_total_series"} 3`,
		"samples refused by limits: weir says 3, want 0")
	f("weir_series 200", "weir_series 201", "series: weir says 201, want 200")
	f("# TYPE weir_series gauge", "# TYPE intruder gauge\nintruder 1\n# TYPE weir_series gauge",
		"intruder: was not sent")
}

func TestJudgeDrops(t *testing.T) {
	s := newTestStream()
	datagrams := s.ring.Len()
	f := func(received, dropped int, want ...string) {
		t.Helper()
		text := strings.Replace(exposition(s), `{listener="a"} 0`, fmt.Sprintf(`{listener="a"} %d`, dropped), 1)
		text = strings.Replace(text, fmt.Sprintf("received_total %d\n", datagrams),
			fmt.Sprintf("received_total %d\n", received), 1)
		problems, _ := mustJudge(t, s, text)
		for _, part := range want {
			if !strings.Contains(strings.Join(problems, "\n"), part) {
				t.Errorf("judge of %d received, %d dropped = %q, want %q", received, dropped, problems, part)
			}
		}
	}
	f(datagrams-2, 2, "the kernel dropped 2 of ", "net.core.rmem_max", "datagrams balances")
	f(datagrams-3, 2, "the kernel dropped 2 of ", "datagrams does NOT balance")
}

func TestLedgerMisses(t *testing.T) {
	s := newTestStream()
	text := strings.ReplaceAll(exposition(s), "weir_samples_recorded_total", "weir_samples_taken_total")
	scraped, err := process.ParseFamilies([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ledger(s, scraped); err == nil || !strings.Contains(err.Error(), "weir_samples_recorded_total") {
		t.Errorf("ledger without weir_samples_recorded_total: %v, want an error that names it", err)
	}
}

// The stream has every malformed line once, each between lines that are not, and its counts are its own.
func TestStream(t *testing.T) {
	f := func(lines uint64) {
		t.Helper()
		s := newStream(workload.Spec{Seed: 1, Series: 50, Tags: 1}, lines)
		total := lines + uint64(len(malformedLines()))
		if s.ring.Lines() != total || s.samples != total || s.recorded != lines {
			t.Errorf("stream of %d lines has %d lines, %d samples, %d recorded, want %d, %d, %d",
				lines, s.ring.Lines(), s.samples, s.recorded, total, total, lines)
		}
		if len(s.rejected) != len(malformedLines()) || s.series != min(lines, 50) {
			t.Errorf("stream of %d lines rejects %v and has %d series", lines, s.rejected, s.series)
		}
	}
	f(10_000)
	f(100)
	f(7)
}
