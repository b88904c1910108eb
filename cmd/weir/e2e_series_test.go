package main_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"weir/bench/process"
)

func (e e2e) testSeries(t *testing.T) {
	t.Run("created as zero", e.testCreatedAsZero)
	t.Run("expiry", e.testExpiry)
	t.Run("fold", e.testFold)
}

// Prometheus takes the first value that it scrapes of a counter as its beginning: earlier events are no increase, unless
// weir shows a zero first.
func (e e2e) testCreatedAsZero(t *testing.T) {
	const scrapes = `count_over_time(created{instance=%q}[1m])`
	const increase = `increase(created{instance=%q}[1m])`
	d := databases[0]
	need(t, d.program, d.install)
	zero := e.startWeir(t, "--series.counter_birth=zero", "--series.hold=1s")
	value := e.startWeir(t)
	api := d.scrape(t, []*weir{zero, value})
	for _, w := range []*weir{zero, value} {
		eventually(t, func() error { return api.compare(map[string]float64{fmt.Sprintf(`up{instance=%q}`, w.HTTP): 1}) })
		send(t, w.dial(t, "udp"), "created:5|c")
	}
	eventually(t, func() error {
		n, err := api.query(fmt.Sprintf(scrapes, value.HTTP))
		grown, growthErr := api.query(fmt.Sprintf(increase, zero.HTTP))
		if err == nil && growthErr == nil && (n < 4 || grown <= 0) {
			return fmt.Errorf("value: %v scrapes; zero: an increase by %v", n, grown)
		}
		return errors.Join(err, growthErr)
	})
	if err := api.compare(map[string]float64{
		fmt.Sprintf(increase, value.HTTP):                                 0,
		fmt.Sprintf(`created{instance=%q}`, value.HTTP):                   5,
		fmt.Sprintf(`created{instance=%q}`, zero.HTTP):                    5,
		fmt.Sprintf(`min_over_time(created{instance=%q}[1m])`, zero.HTTP): 0,
		fmt.Sprintf(`resets(created{instance=%q}[1m])`, zero.HTTP):        0,
	}); err != nil {
		t.Error(err)
	}
}

// A series that no sample comes to vanishes, and leaves its name, its place and its value behind; one that is used stays.
func (e e2e) testExpiry(t *testing.T) {
	const ttl = 2 * time.Second
	w := e.startWeir(t, "--series.ttl="+ttl.String(), "--cardinality.max_total_series=6")
	w.take(t, "tcp", "used:1|c\nback:5|c\nback_time:250|ms\nother:5|c\nlevel:7|g\nusers:alice|s\n")
	w.take(t, "tcp", "more:1|c\n")
	if got := w.scrape(t).values[`weir_samples_refused_total{limit="max_total_series"}`]; got != 1 {
		t.Errorf("%v samples refused, want 1: there is no place", got)
	}
	c := w.dial(t, "tcp")
	used, longest, last := 1.0, time.Duration(0), time.Now()
	eventually(t, func() error {
		send(t, c, "used:1|c\n")
		used++
		longest, last = max(longest, time.Since(last)), time.Now()
		return w.scrape(t).compare(map[string]float64{"weir_series": 1, "weir_families": 1})
	})
	p := w.scrape(t)
	if longest < ttl/2 { // otherwise it may have expired as well
		if err := p.compare(map[string]float64{"weir_series_expired_total": 5}); err != nil {
			t.Error(err)
		}
		eventually(t, func() error { return w.scrape(t).compare(map[string]float64{"used": used}) })
	}
	for _, name := range []string{"back", "back_time_count", "other", "level", "users"} {
		if value, found := p.values[name]; found {
			t.Errorf("%s = %v is still there", name, value)
		}
	}
	w.take(t, "tcp", "back:1|c\nback_time:100:100|ms\nother:-3|g\nlevel:2|c\nusers:1|ms\n")
	p = w.scrape(t)
	if err := errors.Join(p.balance(), p.compare(map[string]float64{
		"back": 1, "back_time_count": 2, `back_time_bucket{le="+Inf"}`: 2, "back_time_sum": 0.2, "other": -3, "level": 2,
		"users_count": 1,
	})); err != nil {
		t.Error(err)
	}
	eventually(t, func() error { return w.scrape(t).compare(map[string]float64{"weir_series": 0, "weir_families": 0}) })
}

// Series over a limit are added up in one of their metric, so that totals are right; gauges have none, and are refused.
func (e e2e) testFold(t *testing.T) {
	const sent, kept = 20, 4 // of each metric; one more place is that of the others
	w := e.startWeir(t, "--cardinality.overflow_action=fold", "--cardinality.max_series_per_metric=5")
	var lines strings.Builder
	for i := range sent {
		for _, line := range []string{"hits:%d|c", "time:250|ms", "level:%d|g", "users:u%d|s"} {
			if strings.Contains(line, "%") {
				line = fmt.Sprintf(line, i)
			}
			fmt.Fprintf(&lines, "%s|#id:%d,zone:z%d\n", line, i, i%2)
		}
	}
	w.take(t, "tcp", lines.String())
	w.take(t, "udp", lines.String())
	p := w.scrape(t)
	const folded = sent - kept
	if err := errors.Join(p.balance(), p.compare(map[string]float64{
		`hits{id="3",zone="z1"}`: 6, `hits{weir_overflow="true"}`: 2 * (19*20/2 - (0 + 1 + 2 + 3)),
		`time_count{id="0",zone="z0"}`: 2, `time_count{weir_overflow="true"}`: 2 * folded,
		`time_bucket{le="0.25",weir_overflow="true"}`: 2 * folded, `time_sum{weir_overflow="true"}`: 0.5 * folded,
		`users{weir_overflow="true"}`: folded, `level{id="4",zone="z0"}`: 4,
		`weir_cardinality_overflow_total{metric="hits"}`:            2 * folded,
		`weir_cardinality_overflow_total{metric="time"}`:            2 * folded,
		`weir_cardinality_overflow_total{metric="users"}`:           2 * folded,
		`weir_cardinality_overflow_total{metric="level"}`:           2 * (sent - 5),
		`weir_samples_refused_total{limit="max_series_per_metric"}`: 2 * (sent - 5),
		`weir_samples_recorded_total{transport="tcp"}`:              4*sent - (sent - 5),
		`weir_series`: 4 * 5,
	})); err != nil {
		t.Error(err)
	}
	if got := p.sum("hits"); got != 2*19*20/2 {
		t.Errorf("sum(hits) = %v, want %v", got, 19*20)
	}
	if _, found := p.values[`level{weir_overflow="true"}`]; found {
		t.Error("gauges are folded")
	}
	const distinct = 3*folded + sent - 5
	if got := p.values["weir_cardinality_overflow_series"]; got < distinct-1 || got > distinct+1 {
		t.Errorf("weir_cardinality_overflow_series = %v, want about %d", got, distinct)
	}
	process.MustStop(t, w.Process) // then at the latest it is said
	var refused, full strings.Builder
	for _, entry := range w.warnings(t) {
		fmt.Fprintf(&refused, "%s, ", entry.Refused)
		fmt.Fprintf(&full, "%s\n", entry.Full)
	}
	for _, metric := range []string{"hits", "time", "users", "level"} {
		if !strings.Contains(refused.String(), metric+" ") {
			t.Errorf("the log names %q as refused, want %s among them", &refused, metric)
		}
	}
	if !strings.Contains(full.String(), " has 5 series, its label id has ") {
		t.Errorf("the log says %q of metrics that are full, want the label id", &full)
	}
}
