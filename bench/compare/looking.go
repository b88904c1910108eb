package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"weir/bench/load/sender"
	"weir/bench/workload"
)

// pollEvery is how often an open page asks.
const pollEvery = 2 * time.Second

// polled are what an open page asks for, every pollEvery.
func polled() []string {
	return []string{
		"/api/v1/status", "/api/v1/families?sort=rate&limit=50", "/api/v1/senders", "/api/v1/rejects",
		"/api/v1/labels", "/api/v1/listeners", "/api/v1/status/tsdb",
	}
}

// The states of a viewer, in the order in which they are measured.
const (
	lookingAway   = "nobody"
	lookingAtPage = "an open page"
	lookingAtTail = "an open page with live lines of one name"
)

// looked is what a viewer in one state costs weir.
type looked struct {
	state   string
	windows []window
	first   time.Duration   // the slowest answer of a first poll, which sorts what is new
	answers []time.Duration // how long each other answer to the viewer took, over all windows
	bytes   int             // of all answers
}

// looking measures what somebody who looks costs weir with many series and many lines: the CPU time of a
// line, which has that of the answers, too, and how long the answers take. The states take turns.
type looking struct{ *bench }

func (b looking) run(ctx context.Context) error {
	for _, t := range b.targets {
		if t.name != nameWeir {
			continue
		}
		b.announce("%s of %d series: %s", namePage, b.effort.delaySeries, t.name)
		err := b.attempt(ctx, namePage, oneLoop(t), anyCore,
			func(i *instance) error { return b.of(ctx, i) })
		if err != nil {
			return err
		}
	}
	return nil
}

// oneLoop returns weir with room for a million series, and with one loop: every window comes from another
// port, and with several loops from time to time to one that has never met the series.
func oneLoop(t *target) *target { return t.with(append(roomy(), "--ingest.loops=1")...) }

func (b looking) of(ctx context.Context, i *instance) error {
	l := newLoad(workload.Spec{
		Seed: workSeed, Series: b.effort.delaySeries, Tags: 3, Mix: workload.RealisticMix(),
	}, packed)
	if err := i.warm(ctx, l); err != nil {
		return err
	}
	all := []looked{{state: lookingAway}, {state: lookingAtPage}, {state: lookingAtTail}}
	for range b.effort.rounds {
		for n := range all {
			if err := b.window(ctx, i, l, &all[n]); err != nil {
				return err
			}
		}
	}
	b.results.looked = all
	return nil
}

// window sends for a while with a viewer in one state. The window is as long as three polls, so that it has a
// fair part of them.
func (b looking) window(ctx context.Context, i *instance, l *load, state *looked) error {
	v := viewer{instance: i, state: state.state}
	if err := v.open(ctx); err != nil {
		return err
	}
	w, err := i.send(ctx, &l.ring,
		sender.Options{LinesPerSecond: b.effort.lookedRate, Duration: 2 * b.effort.window})
	if err := errors.Join(err, v.close()); err != nil {
		return err
	}
	w.linesPerSecond = b.effort.lookedRate
	slices.Sort(v.took)
	b.note("%s target=%s series=%d looks=%q rate=%.0f lines=%d lost=%.0f kernel_drops=%d lag_ms=%.1f "+
		"cpu_s_per_million=%.4f answers=%d answer_bytes=%d ms_first=%.2f ms_p99=%.2f rss=%d", namePage,
		i.target.name, b.effort.delaySeries, v.state, w.linesPerSecond, w.sent.Lines, w.lost, w.kernelDrops,
		w.sent.MaxLagSeconds*1000, w.cpuPerMillion(), len(v.took), v.bytes,
		milliseconds(v.first), milliseconds(percentile99(v.took)), w.used.resident)
	state.windows = append(state.windows, w)
	state.first = max(state.first, v.first)
	state.answers = append(state.answers, v.took...)
	state.bytes += v.bytes
	return nil
}

// percentile99 returns the 99th percentile of sorted durations; 0 when there are none.
func percentile99(sorted []time.Duration) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[len(sorted)*99/100]
}

// viewer polls as an open page does, until it is closed.
type viewer struct {
	*instance
	state string

	first time.Duration // the slowest answer of the first poll
	took  []time.Duration
	bytes int
	err   error

	cancel  context.CancelFunc
	polling sync.WaitGroup
}

// open polls once, and then goes on until close. An answer except 200 is an error.
func (v *viewer) open(ctx context.Context) error {
	ctx, v.cancel = context.WithCancel(ctx)
	if v.state == lookingAway {
		return nil
	}
	v.poll(ctx)
	if v.err != nil {
		return v.err
	}
	v.first, v.took = slices.Max(v.took), nil
	v.polling.Go(func() { // ends with close
		ticker := time.NewTicker(pollEvery)
		defer ticker.Stop()
		for v.err == nil {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				v.poll(ctx)
			}
		}
	})
	return nil
}

// close ends the polls, and returns the first error of one.
func (v *viewer) close() error {
	v.cancel()
	v.polling.Wait()
	if errors.Is(v.err, context.Canceled) {
		return nil
	}
	return v.err
}

// poll asks for everything that the page shows.
func (v *viewer) poll(ctx context.Context) {
	paths := polled()
	if v.state == lookingAtTail {
		paths = append(paths, "/api/v1/tail?match="+strings.Repeat("x", 8))
	}
	for _, path := range paths {
		began := time.Now()
		body, err := v.Get(ctx, path, "identity")
		if err != nil {
			v.err = err
			return
		}
		v.took, v.bytes = append(v.took, time.Since(began)), v.bytes+len(body)
	}
}
