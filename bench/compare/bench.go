package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"weir/bench/load/sender"
	"weir/bench/workload"
)

// bench measures targets, one at a time.
type bench struct {
	effort   effort
	targets  []*target       // without targets that are missing
	only     map[string]bool // what to measure; everything when empty
	raw      io.Writer       // gets every measurement as it is made, a line each
	progress io.Writer
	results  results

	failures []error // of measurements; the others go on

	cores   []int // two or more, or none: then nothing is pinned
	started time.Time
	step    int
	steps   int
}

// The names of what is measured besides the scenarios.
const (
	nameScrape = "scrape"
	nameIdle   = "idle"
	nameDelay  = "delay"
	namePage   = "page"
)

// part is something to measure: a scenario, scrapes, idleness, delays or viewers.
type part struct {
	name  string
	steps int // measurements, for the progress
	run   func(context.Context) error
}

// parts returns the parts that were asked for, in the order of the tables.
func (b *bench) parts() []part {
	var all []part
	add := func(name string, steps int, run func(context.Context) error) {
		if len(b.only) == 0 || b.only[name] {
			all = append(all, part{name, steps, run})
		}
	}
	for _, s := range scenarios() {
		takers := b.takers(s.spec)
		if s.search {
			add(s.name, len(takers), func(ctx context.Context) error { return b.search(ctx, s, takers) })
		} else {
			add(s.name, len(takers)*b.effort.rounds,
				func(ctx context.Context) error { return b.measure(ctx, s, takers) })
		}
	}
	add(nameScrape, len(b.scraped())*len(b.effort.scrapeSeries), scraping{b}.run)
	add(nameIdle, len(b.targets), b.idle)
	add(nameDelay, 1, delaying{b}.run)
	add(namePage, 1, looking{b}.run)
	return all
}

// run measures everything. A failure with one target does not keep the others from being measured; the error
// has every failure.
func (b *bench) run(ctx context.Context) error {
	parts := b.parts()
	for _, p := range parts {
		b.steps += p.steps
	}
	b.started = time.Now()
	for _, p := range parts {
		if err := p.run(ctx); err != nil {
			return errors.Join(append(b.failures, err)...)
		}
	}
	return errors.Join(b.failures...)
}

// takers returns the targets that can read the lines of spec.
func (b *bench) takers(spec workload.Spec) []*target {
	var takers []*target
	for _, t := range b.targets {
		if spec.Tags == 0 || t.tags {
			takers = append(takers, t)
		}
	}
	return takers
}

func (b *bench) scraped() []*target {
	var scraped []*target
	for _, t := range b.targets {
		if t.scraped {
			scraped = append(scraped, t)
		}
	}
	return scraped
}

// announce says what is measured next.
func (b *bench) announce(format string, args ...any) {
	b.step++
	fmt.Fprintf(b.progress, "%4.0f s %3d/%d  %s\n", time.Since(b.started).Seconds(), b.step, b.steps,
		fmt.Sprintf(format, args...))
}

// note keeps a measurement in the raw output.
func (b *bench) note(format string, args ...any) { fmt.Fprintf(b.raw, format+"\n", args...) }

// attempt calls with for a part, and keeps a failure of it. It returns an error only when ctx has ended.
func (b *bench) attempt(
	ctx context.Context, part string, t *target, core int, use func(*instance) error,
) error {
	if err := with(ctx, t, core, use); err != nil && ctx.Err() == nil {
		err = fmt.Errorf("%s: %w", part, err)
		b.failures = append(b.failures, err)
		fmt.Fprintln(b.progress, "FAILED:", err)
	}
	return ctx.Err()
}

// measure sends the lines of a scenario at its rate. The targets take turns.
func (b *bench) measure(ctx context.Context, s scenario, takers []*target) error {
	l := newLoad(s.spec, s.lines)
	rates := make(map[*target]float64) // at which the targets kept up so far
	for round := range b.effort.rounds {
		for _, t := range takers {
			if round == 0 {
				rates[t] = s.rate
			}
			b.announce("%s, round %d: %s", s.name, round+1, t.name)
			var err error
			if rates[t], err = b.keepUp(ctx, s, t, l, rates[t]); err != nil {
				return err
			}
		}
	}
	return nil
}

// keepUp measures a target at a rate. A target that loses lines twice in a row is measured at half of the
// rate, and so on. keepUp returns the rate of the last window; all windows are kept.
func (b *bench) keepUp(
	ctx context.Context, s scenario, t *target, l *load, linesPerSecond float64,
) (float64, error) {
	for losses := 0; ; {
		var lost float64
		err := b.attempt(ctx, s.name, t, anyCore, func(i *instance) error {
			w, err := i.warmAndSend(ctx, l,
				sender.Options{LinesPerSecond: linesPerSecond, Duration: b.effort.window})
			if err != nil {
				return err
			}
			lost, w.linesPerSecond = w.lost, linesPerSecond
			b.noteWindow(s, t, &w)
			b.results.addWindow(s.name, t.name, w)
			return nil
		})
		if err != nil || lost <= 0 {
			return linesPerSecond, err
		}
		losses++
		if losses%2 == 1 {
			continue
		}
		if linesPerSecond < 2*slowest {
			return linesPerSecond, nil
		}
		linesPerSecond /= 2
	}
}

func (b *bench) noteWindow(s scenario, t *target, w *window) {
	b.note("%s target=%s rate=%.0f lines=%d datagrams=%d seconds=%.3f lag_ms=%.1f unsent=%d lost=%.0f "+
		"kernel_drops=%d drain_ms=%.0f cpu_s=%.6f cpu_s_per_million=%.4f "+
		"total_user_s=%.2f total_system_s=%.2f rss=%d peak_rss=%d",
		s.name, t.name, w.linesPerSecond, w.sent.Lines, w.sent.Datagrams, w.sent.ElapsedSeconds,
		w.sent.MaxLagSeconds*1000,
		w.sent.UnsentLines, w.lost, w.kernelDrops, milliseconds(w.drain), w.cpu.Seconds(), w.cpuPerMillion(),
		w.used.user.Seconds(), w.used.system.Seconds(), w.used.resident, w.used.peak)
}

// search looks for the highest rate at which a target loses nothing of a scenario.
func (b *bench) search(ctx context.Context, s scenario, takers []*target) error {
	l := newLoad(s.spec, s.lines)
	for _, t := range takers {
		b.announce("%s: %s", s.name, t.name)
		core := anyCore
		if len(b.cores) > 1 {
			core = b.cores[0]
		}
		err := b.attempt(ctx, s.name, t, core, func(i *instance) error {
			if err := i.warm(ctx, l); err != nil {
				return err
			}
			found, err := search(s.rate, b.effort.trials, func(rate float64) (outcome, float64, error) {
				return b.try(ctx, s, i, l, rate)
			})
			if err == nil {
				b.results.addHighest(s.name, t.name, found)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// try sends at a rate for a moment, from a core of its own.
func (b *bench) try(
	ctx context.Context, s scenario, i *instance, l *load, rate float64,
) (result outcome, achieved float64, err error) {
	var w window
	send := func() (err error) {
		w, err = i.send(ctx, &l.ring, sender.Options{LinesPerSecond: rate, Duration: b.effort.trial})
		return err
	}
	if len(b.cores) > 1 {
		err = onCore(b.cores[len(b.cores)-1], send)
	} else {
		err = send()
	}
	if err != nil {
		return lossy, 0, err
	}
	w.linesPerSecond = rate
	b.noteWindow(s, i.target, &w)
	switch {
	case w.lost != 0, w.drain > drainLimit: // a queue that grows hides a loss to come
		return lossy, 0, nil
	case w.sent.LinesPerSecond*tolerance < rate:
		return late, w.sent.LinesPerSecond, nil
	default:
		return lossless, rate, nil
	}
}

// idle measures what a target costs while it has nothing to do.
func (b *bench) idle(ctx context.Context) error {
	for _, t := range b.targets {
		b.announce("%s: %s", nameIdle, t.name)
		err := b.attempt(ctx, nameIdle, t, anyCore, func(i *instance) error {
			before, err := i.settle(ctx)
			if err != nil {
				return err
			}
			if err := i.Sleep(ctx, b.effort.idle); err != nil {
				return err
			}
			after, err := i.usage()
			if err != nil {
				return err
			}
			used := after.cpu - before.cpu
			b.note("%s target=%s seconds=%.1f cpu_s=%.6f rss=%d", nameIdle, t.name, b.effort.idle.Seconds(),
				used.Seconds(), after.resident)
			b.results.addIdle(t.name, idleness{
				share: float64(used) / float64(b.effort.idle), resident: after.resident,
			})
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
