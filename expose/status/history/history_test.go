package history_test

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weir/expose/status/history"
	"weir/expose/status/wire"
)

var start = time.Unix(1795591656, 0)

// run ticks once a second, with so many lines in each.
func run(h *history.History, lines ...uint64) (at time.Time, c history.Counts) {
	at = start
	h.Tick(at, c)
	for _, n := range lines {
		at = at.Add(time.Second)
		c.Lines += n
		c.Recorded += n
		c.CPUSeconds += 0.5
		c.RSSBytes, c.Series = 1000, n
		h.Tick(at, c)
	}
	return at, c
}

func TestEmpty(t *testing.T) {
	var h history.History
	if rates, cpu := h.Rates(); rates != (wire.LedgerRates{}) || cpu != 0 {
		t.Errorf("rates %+v, %v", rates, cpu)
	}
	if got := h.TenMinutes(start, history.Counts{Lines: 7}); got != (wire.RecentLedger{}) {
		t.Errorf("ten minutes %+v", got)
	}
	if got := h.Since(0); got.Seq != 0 || got.Points.Lines == nil || len(got.Points.Lines) != 0 {
		t.Errorf("history %+v", got)
	}
}

func TestRates(t *testing.T) {
	var h history.History
	run(&h, 10, 20)
	if rates, cpu := h.Rates(); rates.Lines != 15 || rates.Recorded != 15 || cpu != 0.5 {
		t.Errorf("after two seconds %+v, %v", rates, cpu)
	}
	h = history.History{}
	run(&h, 1e6, 1e6, 1e6, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5)
	if rates, _ := h.Rates(); rates.Lines != 5 {
		t.Errorf("%v lines/s over the last 10 s, want 5: what came before does not count", rates.Lines)
	}
}

func TestSteps(t *testing.T) {
	var h history.History
	run(&h, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 9)
	all := h.Since(0)
	if got := fmt.Sprint(all.Points.Lines); all.Seq != 2 || got != "[1 2]" {
		t.Errorf("steps up to %d: %s", all.Seq, got)
	}
	if got := fmt.Sprint(all.Points.CPU, all.Points.RSSBytes, all.Points.Series); got != "[0.5 0.5] [1000 1000] [1 2]" {
		t.Error(got)
	}
	if got := h.Since(1); fmt.Sprint(got.Points.Lines) != "[2]" || got.Seq != 2 {
		t.Errorf("after step 1: %+v", got)
	}
	if got := h.Since(2); len(got.Points.Lines) != 0 {
		t.Errorf("after step 2: %+v", got)
	}
	if got := h.Since(7); len(got.Points.Lines) != 2 {
		t.Errorf("after a step of before a restart: %+v", got)
	}
	if got := h.Peak(); got.LinesPerSecond != 2 || got.At != float64(start.Unix()+10) {
		t.Errorf("peak %+v", got)
	}
}

// Whatever happened, ten minutes have the difference to the oldest step, and there are at most 120 of them.
func TestTenMinutes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var h history.History
		lines := rapid.SliceOfN(rapid.Uint64Range(0, 1e6), 1, 1500).Draw(t, "lines")
		at, c := run(&h, lines...)
		kept := h.Since(0)
		if len(kept.Points.Lines) > history.Steps || uint64(len(kept.Points.Lines)) > kept.Seq {
			t.Fatalf("%d steps of %d", len(kept.Points.Lines), kept.Seq)
		}
		got := h.TenMinutes(at, c)
		first := max(0, int(kept.Seq)-history.Steps) * 5 // the tick that the oldest step ended with
		var want uint64
		for _, n := range lines[first:] {
			want += n
		}
		if got.Lines != want || got.Seconds != float64(len(lines)-first) {
			t.Fatalf("%d lines in %v s, want %d in %d", got.Lines, got.Seconds, want, len(lines)-first)
		}
		for _, rate := range kept.Points.Lines {
			if rate < 0 || math.IsNaN(rate) {
				t.Fatalf("rates %v", kept.Points.Lines)
			}
		}
	})
}

// Every count is told under its own name, also when the first steps have left the ring: as a difference, as a
// rate, and as a curve.
func TestEveryCount(t *testing.T) {
	var h history.History
	var c history.Counts
	perSecond := make(map[string]uint64) // by the name of the count
	at := start
	h.Tick(at, c)
	for range 700 {
		at = at.Add(time.Second)
		counts := reflect.ValueOf(&c).Elem()
		for i := range counts.NumField() {
			if field := counts.Field(i); field.CanUint() {
				perSecond[counts.Type().Field(i).Name] = uint64(i + 1)
				field.SetUint(field.Uint() + uint64(i+1))
			}
		}
		h.Tick(at, c)
	}
	ten := h.TenMinutes(at, c)
	if ten.Seconds != 600 {
		t.Errorf("ten minutes are %v s", ten.Seconds)
	}
	differences := reflect.ValueOf(ten.Ledger)
	for i := range differences.NumField() {
		name := differences.Type().Field(i).Name
		if field := differences.Field(i); field.CanUint() && field.Uint() != 600*perSecond[name] {
			t.Errorf("%s in ten minutes: %d, want %d", name, field.Uint(), 600*perSecond[name])
		}
	}
	rates, _ := h.Rates()
	told := reflect.ValueOf(rates)
	for i := range told.NumField() {
		if name := told.Type().Field(i).Name; told.Field(i).Float() != float64(perSecond[name]) {
			t.Errorf("%s: %v a second, want %d", name, told.Field(i).Float(), perSecond[name])
		}
	}
	points := h.Since(0).Points
	for _, curve := range []struct {
		name string
		got  []float64
	}{
		{"Datagrams", points.Datagrams},
		{"Lines", points.Lines},
		{"Recorded", points.Recorded},
		{"Refused", points.Refused},
		{"Rejected", points.Rejected},
		{"Dropped", points.Dropped},
		{"KernelDrops", points.KernelDrops},
	} {
		want := slices.Repeat([]float64{float64(perSecond[curve.name])}, history.Steps)
		if !slices.Equal(curve.got, want) {
			t.Errorf("the curve of %s is %v, want %v", curve.name, curve.got, want)
		}
	}
}

// Rates are over ten seconds, no more and no fewer, as soon as there are so many.
func TestRatesOverTenSeconds(t *testing.T) {
	for ago, want := range map[int]float64{1: 100, 9: 100, 10: 100, 11: 0, 12: 0} {
		lines := make([]uint64, 20)
		lines[len(lines)-ago] = 1000 // in the second that began so many seconds ago
		var h history.History
		run(&h, lines...)
		if rates, _ := h.Rates(); rates.Lines != want {
			t.Errorf("1,000 lines %d s ago: %v a second, want %v", ago, rates.Lines, want)
		}
	}
}

// A clock that goes back, or stands, makes no infinite rate.
func TestClock(t *testing.T) {
	var h history.History
	h.Tick(start, history.Counts{})
	h.Tick(start, history.Counts{Lines: 5})
	h.Tick(start.Add(-time.Hour), history.Counts{Lines: 9})
	if rates, cpu := h.Rates(); rates.Lines != 0 || cpu != 0 {
		t.Errorf("%+v, %v", rates, cpu)
	}
}

func ExampleHistory() {
	var h history.History
	h.Tick(time.Unix(0, 0), history.Counts{})
	h.Tick(time.Unix(5, 0), history.Counts{Lines: 1000})
	rates, _ := h.Rates()
	fmt.Println(rates.Lines, h.Since(0).Points.Lines)
	// Output: 200 [200]
}

// One goroutine ticks while others ask.
func TestConcurrentUse(t *testing.T) {
	var h history.History
	done := make(chan struct{})
	go func() {
		defer close(done)
		run(&h, make([]uint64, 1000)...)
	}()
	for isDone := false; !isDone; {
		select {
		case <-done:
			isDone = true
		default:
		}
		if got := h.Since(0); len(got.Points.Lines) != len(got.Points.CPU) || len(got.Points.Lines) > history.Steps {
			t.Fatalf("%+v", got)
		}
		h.Rates()
		h.TenMinutes(start, history.Counts{})
		h.Peak()
	}
}
