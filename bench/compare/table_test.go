package main

import (
	"math"
	"strings"
	"testing"
	"time"

	"weir/bench/load/sender"
)

func TestMarkdown(t *testing.T) {
	r := report{machine: "cores: 2\n", results: &results{}, targets: []*target{
		{name: nameNullC, about: "in C"}, {name: nameWeir, about: "v1"}, {name: "statsd", lacks: "no\nnode"},
	}}
	add := func(target string, lost float64, milliseconds ...int) {
		for _, ms := range milliseconds {
			r.results.addWindow("tens", target, window{
				linesPerSecond: 75_000, sent: sender.Report{Lines: 1_000_000, MaxLagSeconds: 0.002}, lost: lost,
				cpu: time.Duration(ms) * time.Millisecond, used: usage{peak: 20 << 20},
			})
		}
	}
	add(nameNullC, 0, 500, 400, 9000) // the median is not moved by the machine being busy once
	add(nameWeir, 1, 1000, 1000, 1000)
	r.results.addWindow("tens", nameWeir, window{
		linesPerSecond: 37_500, sent: sender.Report{Lines: 1_000_000}, cpu: 2 * time.Second, used: usage{peak: 20 << 20},
	})
	r.results.addHighest("highest", nameNullC, highest{linesPerSecond: 8_000_000, atLeast: true})
	r.results.addHighest("highest", nameWeir, highest{linesPerSecond: 2_000_000})
	text := r.markdown()
	for _, want := range []string{
		"```\ncores: 2\n```\n",
		"| null-c | 75,000 | 0.500 | 0.50 | 1.00 | 0 | 20.0 MiB | 2 ms |\n",
		"| weir | 75,000 | 1.00 | 1.00 | 2.00 | < 0.01 % | 20.0 MiB | 2 ms |\n" +
			"| weir | 37,500 | 2.00 | 2.00 | 4.00 | 0 | 20.0 MiB | 0 ms |\n",
		"| null-c | at least 8,000,000 | 4.00 | 1.00 |\n| weir | 2,000,000 | 1.00 | 0.25 |\n",
		"- weir: v1\n- statsd: NOT MEASURED: no node\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the tables have no %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "Scrapes") || strings.Contains(text, "| statsd |") {
		t.Errorf("the tables have what was not measured:\n%s", text)
	}
}

// Scrapes, idleness, delays and viewers have a table each; ratios are to weir's.
func TestMarkdownOfTheRest(t *testing.T) {
	r := report{results: &results{}, targets: []*target{{name: nameWeir}, {name: "other"}}}
	add := func(target, encoding string, ms, bytes int) {
		took := time.Duration(ms) * time.Millisecond
		r.results.addScrapes(target, scrapes{
			series: 10_000, encoding: encoding, median: took, worst: 2 * took, cpu: took / 2, bytes: bytes,
		})
	}
	add(nameWeir, "identity", 10, 1_000_000)
	add(nameWeir, "gzip", 20, 100_000)
	add("other", "gzip", 50, 90_000)
	add("other", "zstd", 50, 80_000) // weir has no such scrape
	r.results.addIdle(nameWeir, idleness{share: 0.00123, resident: 10 << 20})
	r.results.delays = []delays{{
		series: 1000, during: "no scrape", median: time.Millisecond, late: 2 * time.Millisecond, worst: 3 * time.Millisecond,
		sent: 1000, lost: 1,
	}}
	second := func(cpu time.Duration) window {
		return window{sent: sender.Report{Lines: 1_000_000}, cpu: cpu}
	}
	r.results.looked = []looked{
		{state: lookingAway, windows: []window{second(time.Second)}},
		{state: lookingAtPage, windows: []window{second(1100 * time.Millisecond)}, first: 3e6, answers: []time.Duration{2e6, 1e6}},
	}
	text := r.markdown()
	for _, want := range []string{
		"| nobody | 1.00 | 1.00 | 0 | 0 ms | 0 | 0 ms |\n",
		"| an open page | 1.10 | 1.10 | 0 | 3.00 ms | 2 | 2.00 ms |\n",
		"| weir | 10,000 | identity | 10.0 ms | 20.0 ms | 1.00 | 5.00 ms | 1,000,000 |\n",
		"| weir | 10,000 | gzip | 20.0 ms | 40.0 ms | 1.00 | 10.0 ms | 100,000 |\n",
		"| other | 10,000 | gzip | 50.0 ms | 100 ms | 2.50 | 25.0 ms | 90,000 |\n",
		"| other | 10,000 | zstd | 50.0 ms | 100 ms | - | 25.0 ms | 80,000 |\n",
		"| weir | 0.123 % | 10.0 MiB |\n",
		"| no scrape | 1,000 | 0 | 1.00 ms | 2.00 ms | 3.00 ms | 0.10 % |\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the tables have no %q:\n%s", want, text)
		}
	}
	for line := range strings.Lines(text) {
		if columns := strings.Count(line, "|"); strings.HasPrefix(line, "| ") && columns < 4 {
			t.Errorf("a row with too few columns: %q", line)
		}
	}
}

func TestNumber(t *testing.T) {
	f := func(value float64, want string) {
		t.Helper()
		if got := number(value); got != want {
			t.Errorf("number(%v) = %q, want %q", value, got, want)
		}
	}
	f(0, "0")
	f(0.0612, "0.0612")
	f(0.5, "0.500")
	f(9.284, "9.28")
	f(99.96, "100.0")
	f(339.4, "339")
	f(1000, "1,000")
	f(17_700_000, "17,700,000")
	f(math.NaN(), "-")
}

func TestRatio(t *testing.T) {
	f := func(value, base float64, want string) {
		t.Helper()
		if got := ratio(value, base); got != want {
			t.Errorf("ratio(%v, %v) = %q, want %q", value, base, got, want)
		}
	}
	f(1, 3, "0.33")
	f(9.28, 0.6, "15.47")
	f(1, 0, "-")
	f(0, 0, "-")
	f(math.NaN(), 1, "-")
	f(1, math.NaN(), "-")
}

func TestShare(t *testing.T) {
	f := func(part, whole float64, want string) {
		t.Helper()
		if got := share(part, whole); got != want {
			t.Errorf("share(%v, %v) = %q, want %q", part, whole, got, want)
		}
	}
	f(0, 100, "0")
	f(1, 1e9, "< 0.01 %")
	f(45, 100, "45.00 %")
	f(-1, 100, "-1.00 %") // more was taken than sent: that must show
}

func TestCPUModel(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		if got := cpuModel(text); got != want {
			t.Errorf("cpuModel(%q) = %q, want %q", text, got, want)
		}
	}
	f("processor\t: 0\nmodel name\t: AMD EPYC: 7\nmodel name\t: other\n", "AMD EPYC: 7")
	f("processor\t: 0\n", "unknown")
}
