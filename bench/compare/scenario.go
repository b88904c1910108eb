package main

import (
	"time"

	"weir/bench/load/sender"
	"weir/bench/workload"
)

const (
	mtuBytes   = 1432   // of a datagram: what clients pack for Ethernet
	packed     = 10_000 // lines of a datagram: as many as fit
	ringLines  = 200_000
	warmRate   = 50_000 // lines a second, which every target takes
	slowest    = 10_000 // lines a second: no target is measured at less
	workSeed   = 1
	manySeries = 10_000
	fewSeries  = 1000
)

// scenario is a load: which lines, how they are packed and how fast they are sent.
type scenario struct {
	name, title string
	spec        workload.Spec
	lines       int     // of a datagram, if they fit
	rate        float64 // lines a second; where a search begins
	search      bool    // for the highest lossless rate, instead of measuring at one
}

// scenarios returns the loads, in the order of the tables.
func scenarios() []scenario {
	counters := workload.Spec{Seed: workSeed, Series: fewSeries, Mix: workload.CountersOnly()}
	tagged := workload.Spec{Seed: workSeed, Series: manySeries, Tags: 3, Mix: workload.RealisticMix()}
	taggedFew := tagged
	taggedFew.Series = fewSeries
	const mix = "3 tags, 60 % counters, 20 % timers, 15 % gauges, 5 % sets"
	return []scenario{
		{
			name: "tens", title: "75,000 lines/s, 10 lines a datagram, counters, 1,000 series, no tags",
			spec: counters, lines: 10, rate: 75_000,
		},
		{
			name: "ones", title: "100,000 lines/s, 1 line a datagram, counters, 1,000 series, no tags",
			spec: counters, lines: 1, rate: 100_000,
		},
		{
			name: "mixed", title: "100,000 lines/s, MTU-packed, " + mix + ", 10,000 series",
			spec: tagged, lines: packed, rate: 100_000,
		},
		{
			name: "mixed-fast", title: "600,000 lines/s, MTU-packed, " + mix + ", 10,000 series",
			spec: tagged, lines: packed, rate: 600_000,
		},
		{
			name: "highest", title: "Highest lossless rate, MTU-packed, counters, 1,000 series, no tags",
			spec: counters, lines: packed, rate: 250_000, search: true,
		},
		{
			name: "highest-mixed", title: "Highest lossless rate, MTU-packed, " + mix + ", 1,000 series",
			spec: taggedFew, lines: packed, rate: 250_000, search: true,
		},
	}
}

// load is the datagrams of a scenario, made once for all targets.
type load struct {
	warm sender.Ring // each series once, packed
	ring sender.Ring
}

// newLoad makes datagrams of spec with so many lines each.
func newLoad(spec workload.Spec, lines int) *load {
	l := &load{}
	g := workload.New(spec)
	for l.warm.Lines() < uint64(spec.Series) {
		l.warm.Generate(g, spec.Series-int(l.warm.Lines()), mtuBytes)
	}
	for l.ring.Lines() < max(ringLines, 2*uint64(spec.Series)) {
		l.ring.Generate(g, lines, mtuBytes)
	}
	return l
}

// effort is how long things are measured, and how often.
type effort struct {
	window, trial, idle time.Duration
	rounds              int
	trials              int // of one search, at most
	scrapes             int
	scrapeSeries        []int
	delaySeries         int
	lookedRate          float64 // lines a second while somebody looks
}

func fullEffort() effort {
	return effort{
		window: 3 * time.Second, trial: time.Second, idle: 5 * time.Second,
		rounds: 3, trials: 20, scrapes: 7, scrapeSeries: []int{10_000, 100_000}, delaySeries: 1_000_000,
		lookedRate: 500_000,
	}
}

// quickEffort shows that everything works; its numbers are worth little.
func quickEffort() effort {
	return effort{
		window: 500 * time.Millisecond, trial: 200 * time.Millisecond, idle: 500 * time.Millisecond,
		rounds: 1, trials: 10, scrapes: 2, scrapeSeries: []int{10_000}, delaySeries: 10_000,
		lookedRate: 100_000,
	}
}
