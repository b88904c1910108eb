package workload_test

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"weir/bench/workload"
	"weir/protocol"
)

// line is a DogStatsD line in its parts.
type line struct {
	name, kind, rate, tags string
	values                 []string
}

// mustParse is a parser that shares nothing with the generator or with weir.
func mustParse(t *testing.T, text string) line {
	t.Helper()
	head, rest, found := strings.Cut(text, ":")
	fields := strings.Split(rest, "|")
	if !found || len(fields) < 2 {
		t.Fatalf("%q is no line", text)
	}
	l := line{name: head, kind: fields[1], values: strings.Split(fields[0], ":")}
	for _, field := range fields[2:] {
		switch field[0] {
		case '@':
			l.rate = field[1:]
		case '#':
			l.tags = field[1:]
		default:
			t.Fatalf("%q has the field %q", text, field)
		}
	}
	return l
}

func sanitise(name string) string { return strings.NewReplacer(".", "_", "-", "_").Replace(name) }

// tally is what the lines of one series mean.
type tally struct {
	kind              string
	added, last, seen float64
	count             uint64
	members           map[string]bool
}

func (a *tally) add(t *testing.T, l line) {
	t.Helper()
	rate := 1.0
	if l.rate != "" {
		rate = mustNumber(t, l.rate)
	}
	for _, text := range l.values {
		a.count++
		if l.kind == "s" {
			a.members[text] = true
			continue
		}
		value := mustNumber(t, text)
		a.added, a.last, a.seen = a.added+value/rate, value, a.seen+value
	}
}

func mustNumber(t *testing.T, text string) float64 {
	t.Helper()
	value, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// tallies reads lines by family and by series key.
func tallies(t *testing.T, lines []string) map[string]map[string]*tally {
	t.Helper()
	all := make(map[string]map[string]*tally)
	for _, text := range lines {
		l := mustParse(t, text)
		name := sanitise(l.name)
		if all[name] == nil {
			all[name] = make(map[string]*tally)
		}
		pairs := strings.Split(l.tags, ",")
		slices.Sort(pairs)
		for i, pair := range pairs {
			key, value, _ := strings.Cut(pair, ":")
			pairs[i] = key + `="` + value + `"`
		}
		key := strings.Join(pairs, ",")
		if all[name][key] == nil {
			all[name][key] = &tally{kind: l.kind, members: make(map[string]bool)}
		}
		all[name][key].add(t, l)
	}
	return all
}

// What the generator says it sent is what an independent parser reads in the lines, number by number, also
// when not every series was sent.
func TestExpected(t *testing.T) {
	f := func(lines int) {
		t.Helper()
		g := workload.New(everything(11))
		var sent []string
		for range lines {
			sent = append(sent, string(g.AppendLine(nil)))
		}
		want, got := tallies(t, sent), g.Expected()
		if len(got) != len(want) {
			t.Errorf("%d lines: %d families, want %d", lines, len(got), len(want))
		}
		samples := uint64(0)
		for name, series := range want {
			if len(got[name].Series) != len(series) {
				t.Errorf("%d lines: %s has %d series, want %d", lines, name, len(got[name].Series), len(series))
			}
			for _, s := range got[name].Series {
				compare(t, name, got[name].Type, s, series[s.Key()])
				samples += s.Samples
			}
		}
		if totals := g.Sent(); totals.Lines != uint64(lines) || totals.Samples != samples {
			t.Errorf("%d lines and %d samples, want %d and %d", totals.Lines, totals.Samples, lines, samples)
		}
	}
	f(0)
	f(1)
	f(300)
	f(30_000)
}

func compare(t *testing.T, name string, typ workload.Type, got workload.Series, want *tally) {
	t.Helper()
	if want == nil {
		t.Errorf("%s{%s} was not sent", name, got.Key())
		return
	}
	wanted := workload.Series{Labels: got.Labels, Samples: want.count}
	wantType := workload.TypeHistogram
	switch want.kind {
	case "c":
		wanted.Value, wantType = want.added, workload.TypeCounter
	case "g":
		wanted.Value, wantType = want.last, workload.TypeGauge
	case "s":
		wanted.Value, wantType = float64(len(want.members)), workload.TypeGauge
	case "ms":
		wanted.Observations, wanted.Sum = want.count, want.seen/1000
	default:
		wanted.Observations, wanted.Sum = want.count, want.seen
	}
	if typ != wantType || got.Value != wanted.Value || got.Observations != wanted.Observations ||
		got.Samples != wanted.Samples || got.Sum != wanted.Sum {
		t.Errorf("%s{%s} = %s %+v, want %s %+v", name, got.Key(), typ, got, wantType, wanted)
	}
}

// Dividing by a rate must give the same bits as what the generator multiplies by, or no scrape could equal
// what was sent.
func TestSampledIncrementsAreExact(t *testing.T) {
	spec := workload.Spec{Series: 1, Mix: workload.CountersOnly(), SampledShare: 1, PackedShare: 0.5}
	rates, increments := make(map[string]bool), make(map[string]bool)
	for _, text := range generate(spec, 20_000) {
		l := mustParse(t, text)
		rates[l.rate] = true
		for _, value := range l.values {
			increments[value] = true
		}
	}
	if len(rates) != 3 || len(increments) < 10 {
		t.Errorf("rates %v, increments %v, want three and some", rates, increments)
	}
	for rate := range rates {
		weight := math.Round(1 / mustNumber(t, rate))
		for increment := range increments {
			value := mustNumber(t, increment)
			if got, want := value/mustNumber(t, rate), value*weight; got != want {
				t.Errorf("%s/%s = %v, want %v", increment, rate, got, want)
			}
		}
	}
}

// Timers are whole milliseconds; everything else is a multiple of a quarter, so that sums are exact.
func TestValuesAreExact(t *testing.T) {
	for _, text := range generate(everything(2), 20_000) {
		l := mustParse(t, text)
		if l.kind == protocol.KindSet.String() {
			continue
		}
		unit := 0.25
		if l.kind == protocol.KindTimer.String() {
			unit = 1
		}
		for _, value := range l.values {
			if units := mustNumber(t, value) / unit; units != math.Trunc(units) || units < 0 {
				t.Errorf("%q: %s is no positive multiple of %v", text, value, unit)
			}
		}
	}
}
