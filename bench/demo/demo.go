package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"weir/bench/load/sender"
	"weir/bench/workload"
	"weir/bench/workload/verdict"
)

const (
	// maxLines bounds the stream, which is made before it is sent: about 80 bytes a line.
	maxLines = 10_000_000

	// maxDuration keeps all members of the sets within sets.window, a minute.
	maxDuration = 30 * time.Second

	// pollInterval is how often weir is asked whether it is ready, or has everything.
	pollInterval = 100 * time.Millisecond

	// progressInterval is how often the progress is told.
	progressInterval = time.Second
)

// demo is one run.
type demo struct {
	binary         string
	linesPerSecond int
	duration       time.Duration
	spec           workload.Spec
	patience       time.Duration // for weir to be ready, and to take what was sent
	stdout, stderr io.Writer
}

func (d *demo) validate() error {
	var errs []error
	if d.duration <= 0 || d.duration > maxDuration {
		err := fmt.Errorf("duration: %v: want more than 0s, at most %v", d.duration, maxDuration)
		errs = append(errs, err)
	}
	if d.linesPerSecond < 1 || d.linesPerSecond > maxLines || d.lines() > maxLines {
		err := fmt.Errorf("rate: %d: want at least 1 and at most %d lines in all", d.linesPerSecond, maxLines)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// lines returns how many lines to generate, at least one.
func (d *demo) lines() uint64 {
	return max(1, uint64(float64(d.linesPerSecond)*d.duration.Seconds()))
}

// run shows weir at work and returns what is wrong with what it did, or why it could not be shown. Either
// way weir was stopped.
func (d *demo) run(ctx context.Context) (problems []string, err error) {
	p, err := startWeir(ctx, d.binary, d.patience)
	if err != nil {
		return nil, err
	}
	problems, err = d.show(ctx, p)
	if stopErr := p.stop(); err == nil && stopErr != nil {
		problems = append(problems, fmt.Sprintf("weir did not stop cleanly: %v", stopErr))
	}
	if err != nil || len(problems) > 0 {
		fmt.Fprintf(d.stderr, "demo: the log of weir:\n%s", p.log)
	}
	return problems, err
}

// show sends, scrapes, prints and compares.
func (d *demo) show(ctx context.Context, p *process) ([]string, error) {
	fmt.Fprintf(d.stderr, "demo: %s takes lines at %s and scrapes at %s\n", d.binary, p.udp, p.http)
	s := newStream(d.spec, d.lines())
	report, err := d.send(ctx, p, s)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(d.stderr, "demo: %v\n", &report)
	scraped, err := d.await(ctx, p, s)
	if err != nil {
		return nil, err
	}
	rows, err := ledger(s, scraped)
	if err != nil {
		return nil, err
	}
	printFamilies(d.stdout, scraped)
	printLedger(d.stdout, rows)
	return judge(rows, verdict.Compare(s.families, scraped)), nil
}

// send sends the stream once.
func (d *demo) send(ctx context.Context, p *process, s *stream) (sender.Report, error) {
	told := 0.0
	report, err := sender.Run(ctx, sender.Options{
		Target:         "udp://" + p.udp,
		LinesPerSecond: float64(d.linesPerSecond),
		Datagrams:      uint64(s.ring.Len()),
		Progress: func(r sender.Report) {
			if r.ElapsedSeconds-told < progressInterval.Seconds() {
				return
			}
			told = r.ElapsedSeconds
			fmt.Fprintf(d.stderr, "demo: sent %s of %s lines\n", grouped(r.Lines), grouped(s.ring.Lines()))
		},
	}, &s.ring)
	return report, errors.Join(err, ctx.Err())
}

// await scrapes until everything that was sent has arrived, or patience has run out, and returns one scrape
// more: the first with everything may have read the series before the ledger.
func (d *demo) await(ctx context.Context, p *process, s *stream) (families, error) {
	deadline := time.Now().Add(d.patience)
	for {
		scraped, err := p.scrape(ctx)
		if err != nil {
			return nil, err
		}
		if s.arrived(scraped) || time.Now().After(deadline) {
			return p.scrape(ctx)
		}
		if err := p.sleep(ctx, pollInterval); err != nil {
			return nil, err
		}
	}
}
