package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/bench/workload"
)

// briefly is the least effort that measures anything.
func briefly() effort {
	return effort{
		window: 20 * time.Millisecond, trial: 20 * time.Millisecond, idle: 50 * time.Millisecond,
		rounds: 2, trials: 3, scrapes: 2, scrapeSeries: []int{100, 200}, delaySeries: 100,
		lookedRate: 10_000,
	}
}

// newBench returns a bench of targets, and what it notes.
func newTestBench(targets ...*target) (b *bench, raw *bytes.Buffer) {
	raw = new(bytes.Buffer)
	return &bench{effort: briefly(), targets: targets, raw: raw, progress: io.Discard}, raw
}

// counters are a load that every target reads.
func counters() scenario {
	return scenario{
		name: "test", lines: 10, rate: 10_000,
		spec: workload.Spec{Seed: 1, Series: 100, Mix: workload.CountersOnly()},
	}
}

// Each target is started, asked and counted in its own way, and has taken every line.
func TestTargets(t *testing.T) {
	l := newLoad(counters().spec, counters().lines)
	for name, target := range doubles(t) {
		t.Run(name, func(t *testing.T) {
			err := with(t.Context(), target, anyCore, func(i *instance) error {
				if err := i.warm(t.Context(), l); err != nil { // an error when a line is lost
					return err
				}
				taken, err := target.count(t.Context(), i)
				if want := (tally{uint64(l.warm.Len()), l.warm.Lines()}); taken != want {
					t.Errorf("the target took %+v, want %+v", taken, want)
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
}

// A target that loses lines while it is warmed up is not measured.
func TestWarmLosesLines(t *testing.T) {
	l := newLoad(counters().spec, counters().lines)
	err := with(t.Context(), doubles(t, "--lose=50")[nameWeir], anyCore, func(i *instance) error {
		_, err := i.warmAndSend(t.Context(), l, senderFor(time.Millisecond))
		return err
	})
	if !errors.Is(err, errWarm) || !strings.Contains(err.Error(), "weir: ") {
		t.Errorf("warm = %v, want %v, and the name of the target", err, errWarm)
	}
}

// weir must agree with the kernel about what was dropped, and record every sample that it received.
func TestCountWeir(t *testing.T) {
	f := func(want, text string) {
		t.Helper()
		target := doubles(t, "--page="+pageFile(t, text))[nameWeir]
		err := with(t.Context(), target, anyCore, func(i *instance) error {
			_, err := countWeir(t.Context(), i)
			return err
		})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("count of %q = %v, want %q", text, err, want)
		}
	}
	f("weir reports 7 datagrams dropped, the kernel 0", "# TYPE weir_kernel_drops_total counter\nweir_kernel_drops_total 7\n")
	f("weir received 9 samples and recorded 8", "# TYPE weir_samples_received_total counter\nweir_samples_received_total 9\n"+
		"# TYPE weir_samples_recorded_total counter\nweir_samples_recorded_total 8\n")
	f("the exposition is invalid", "{")
}

// A scenario is measured with every target that reads its lines, in turns, and every window is kept and
// noted.
func TestMeasure(t *testing.T) {
	all := doubles(t)
	b, raw := newTestBench(all[nameWeir], all["statsd"])
	if err := b.measure(t.Context(), counters(), b.takers(counters().spec)); err != nil {
		t.Fatal(err)
	}
	for _, target := range b.targets {
		kept := slices.DeleteFunc(b.results.windows[key{"test", target.name}], func(w window) bool {
			return w.lost != 0 // on a busy machine; then it was measured again
		})
		if len(kept) != b.effort.rounds {
			t.Fatalf("%s has %d windows without a loss, want %d", target.name, len(kept), b.effort.rounds)
		}
		for _, w := range kept {
			if w.sent.Lines != 200 || w.cpu <= 0 || w.used.peak == 0 || math.IsNaN(w.cpuPerMillion()) {
				t.Errorf("%s: window %+v, want 200 lines, and what they cost", target.name, w)
			}
		}
	}
	var turns []string
	for line := range strings.Lines(raw.String()) {
		if strings.Contains(line, " lost=0 ") {
			turns = append(turns, strings.Fields(line)[1])
		}
	}
	if got, want := strings.Join(turns, " "), "target=weir target=statsd target=weir target=statsd"; got != want {
		t.Errorf("measured %s, want %s", got, want)
	}
	if got := b.takers(workload.Spec{Tags: 3}); len(got) != 1 || got[0].name != nameWeir {
		t.Errorf("lines with tags go to %v, want only weir", got)
	}
}

// The highest rate is looked for with each target; one that always loses lines has none.
func TestHighest(t *testing.T) {
	good, bad := doubles(t)[nameWeir], doubles(t)["statsd"]
	count := bad.count
	bad.count = func(ctx context.Context, i *instance) (tally, error) {
		taken, err := count(ctx, i)
		taken.lines = min(taken.lines, 100) // those of the warm-up
		return taken, err
	}
	b, _ := newTestBench(good, bad)
	b.cores = []int{0}
	s := counters()
	if err := b.search(t.Context(), s, b.takers(s.spec)); err != nil {
		t.Fatal(err)
	}
	if found := b.results.highest[key{"test", nameWeir}]; found.linesPerSecond <= 0 { // the machine may be slow
		t.Errorf("the highest rate of weir is %+v, want one", found)
	}
	if found := b.results.highest[key{"test", "statsd"}]; found.linesPerSecond != 0 || found.trials != b.effort.trials {
		t.Errorf("the highest rate of what loses lines is %+v, want none after %d trials", found, b.effort.trials)
	}
}

// Scrapes are measured with targets that are scraped, for each number of series and each encoding.
func TestScrape(t *testing.T) {
	all := doubles(t)
	b, raw := newTestBench(all[nameWeir], all["statsd"], all["statsd_exporter"])
	if err := (scraping{b}).run(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{nameWeir, "statsd_exporter"} {
		found := b.results.scrapes[name]
		if len(found) != 4 {
			t.Fatalf("%s has %d results, want those of two numbers of series and two encodings", name, len(found))
		}
		for i, s := range found {
			series, encoding := b.effort.scrapeSeries[i/2], []string{"identity", "gzip"}[i%2]
			if s.series != series || s.encoding != encoding || s.bytes == 0 || s.median <= 0 || s.worst < s.median {
				t.Errorf("%s: %+v, want %d series, %s, and how long it took", name, s, series, encoding)
			}
		}
	}
	if got := len(b.results.scrapes); got != 2 {
		t.Errorf("%d targets were scraped, want 2", got)
	}
	if got, want := strings.Count(raw.String(), "\n"), 2*4*b.effort.scrapes; got != want {
		t.Errorf("%d scrapes are noted, want %d", got, want)
	}
}

// Delays are those of lines that come back; without and with scrapes beside them, and with an open page.
func TestDelay(t *testing.T) {
	all := doubles(t)
	b, raw := newTestBench(all["statsd"], all[nameWeir])
	if err := (delaying{b}).run(t.Context()); err != nil || len(b.failures) > 0 {
		t.Fatal(err, b.failures)
	}
	if len(b.results.delays) != 3 {
		t.Fatalf("%d results, want one without scrapes, one with them and one with an open page", len(b.results.delays))
	}
	for i, d := range b.results.delays {
		if (d.scrapes > 0) != (i == 1) || d.sent == 0 || d.lost != 0 || d.median <= 0 || d.late < d.median || d.worst < d.late {
			t.Errorf("result %d: %+v, want delays of lines that all came back", i, d)
		}
	}
	if got := strings.Count(raw.String(), "delay target=weir series=100 during="); got != 3 {
		t.Errorf("%d results are noted, want 3:\n%s", got, raw)
	}
}

// A weir that copies no line is a failure of the part; the bench goes on.
func TestDelayFails(t *testing.T) {
	b, _ := newTestBench(doubles(t, "--mute")[nameWeir])
	if err := (delaying{b}).run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(b.failures) != 1 || !strings.Contains(b.failures[0].Error(), "lines came back") {
		t.Errorf("failures = %v, want that no line came back", b.failures)
	}
}

// What somebody who looks costs is measured in turns, with as many answers in each.
func TestLooking(t *testing.T) {
	all := doubles(t)
	b, raw := newTestBench(all["statsd"], all[nameWeir])
	if err := (looking{b}).run(t.Context()); err != nil || len(b.failures) > 0 {
		t.Fatal(err, b.failures)
	}
	if len(b.results.looked) != 3 {
		t.Fatalf("%d results, want one for each state", len(b.results.looked))
	}
	for n, l := range b.results.looked {
		if len(l.windows) != b.effort.rounds || (l.first > 0) != (n > 0) || (l.bytes > 0) != (n > 0) {
			t.Errorf("%s: %d windows, the first answer after %v, %d bytes", l.state, len(l.windows), l.first, l.bytes)
		}
	}
	if got := strings.Count(raw.String(), "page target=weir series=100 looks="); got != 3*b.effort.rounds {
		t.Errorf("%d results are noted:\n%s", got, raw)
	}
}

// A weir that answers nobody is a failure of the part.
func TestLookingFails(t *testing.T) {
	b, _ := newTestBench(doubles(t, "--closed")[nameWeir])
	if err := (looking{b}).run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(b.failures) != 1 || !strings.Contains(b.failures[0].Error(), "GET /api/v1/status: 403") {
		t.Errorf("failures = %v, want that the API is closed", b.failures)
	}
}

// The end of the context ends the bench, with no failure of a part.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	b, _ := newTestBench(doubles(t)[nameWeir])
	if err := b.run(ctx); !errors.Is(err, context.Canceled) || len(b.failures) > 0 {
		t.Errorf("run = %v, failures %v, want only that it was interrupted", err, b.failures)
	}
}

// Parts are measured in the order of the tables, only parts that are asked for, and each is counted for the
// progress.
func TestParts(t *testing.T) {
	all := doubles(t)
	b, _ := newTestBench(all[nameWeir], all["statsd"])
	var names []string
	steps := 0
	for _, p := range b.parts() {
		names, steps = append(names, p.name), steps+p.steps
	}
	if got, want := strings.Join(names, " "), strings.Join(partNames(), " "); got != want {
		t.Errorf("parts %q, want %q", got, want)
	}
	// Of the six scenarios three have no tags, one of these is a search; then scrapes, idleness, delays and viewers.
	if want := 2*(2+2) + 2*(1+1) + 2 + 1 + 2 + 2 + 1 + 1; steps != want {
		t.Errorf("%d steps, want %d", steps, want)
	}
	b.only = map[string]bool{nameIdle: true}
	if got := b.parts(); len(got) != 1 || got[0].name != nameIdle {
		t.Errorf("parts %+v, want only idleness", got)
	}
}

// A load has each series once, and then as many lines as a window needs, packed as the scenario says.
func TestNewLoad(t *testing.T) {
	seen := make(map[string]bool)
	for _, s := range scenarios() {
		if seen[s.name] || s.title == "" || s.rate <= 0 {
			t.Errorf("scenario %+v has no name of its own, no title or no rate", s)
		}
		seen[s.name] = true
	}
	l := newLoad(counters().spec, 10)
	if l.warm.Lines() != 100 || l.warm.Len() > 10 {
		t.Errorf("the warm-up has %d lines in %d datagrams, want each of 100 series once, packed", l.warm.Lines(), l.warm.Len())
	}
	if lines, datagrams := l.ring.Lines(), uint64(l.ring.Len()); lines < ringLines || lines != 10*datagrams {
		t.Errorf("the ring has %d lines in %d datagrams, want at least %d, ten each", lines, datagrams, ringLines)
	}
}
