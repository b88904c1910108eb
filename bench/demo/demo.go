package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"weir/bench/load/sender"
	"weir/bench/process"
	"weir/bench/workload"
	"weir/bench/workload/verdict"
	"weir/internal/digits"
)

const (
	// maxLines bounds the stream, which is made before it is sent. A line takes about 80 bytes.
	maxLines = 10_000_000

	// maxDuration keeps all members of the sets within sets.window, a minute.
	maxDuration = 30 * time.Second

	// progressInterval is how often the progress is printed.
	progressInterval = time.Second
)

// demo is one run.
type demo struct {
	binary         string
	linesPerSecond int
	duration       time.Duration
	spec           workload.Spec
	timeout        time.Duration // for weir to be ready, and to take what was sent
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

// lines returns the number of lines to generate, at least one.
func (d *demo) lines() uint64 {
	return max(1, uint64(float64(d.linesPerSecond)*d.duration.Seconds()))
}

// run shows weir at work and returns what is wrong with the result, or why there is no result. weir has ended
// in every case.
func (d *demo) run(ctx context.Context) (problems []string, err error) {
	program := process.Weir(d.binary, "--cache.enabled=false") // a cache would delay what scrapes show
	program.StartLimit = d.timeout
	weir, err := program.Start(ctx)
	if err != nil {
		return nil, err
	}
	problems, err = d.show(ctx, weir)
	if stopErr := weir.Stop(); err == nil && stopErr != nil {
		problems = append(problems, fmt.Sprintf("weir did not stop cleanly: %v", stopErr))
	}
	if err != nil || len(problems) > 0 {
		fmt.Fprintf(d.stderr, "demo: the log of weir:\n%s", weir.Log())
	}
	return problems, err
}

// show sends, scrapes, prints and compares.
func (d *demo) show(ctx context.Context, weir *process.Process) ([]string, error) {
	fmt.Fprintf(d.stderr, "demo: %s takes lines at %s and scrapes at %s\n", d.binary, weir.UDP, weir.HTTP)
	s := newStream(d.spec, d.lines())
	report, err := d.send(ctx, weir.UDP, s)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(d.stderr, "demo: %v\n", &report)
	scraped, err := d.await(ctx, weir, s)
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
func (d *demo) send(ctx context.Context, address string, s *stream) (sender.Report, error) {
	reported := 0.0
	report, err := sender.Run(ctx, sender.Options{
		Target:         "udp://" + address,
		LinesPerSecond: float64(d.linesPerSecond),
		Datagrams:      uint64(s.ring.Len()),
		Progress: func(r sender.Report) {
			if r.ElapsedSeconds-reported < progressInterval.Seconds() {
				return
			}
			reported = r.ElapsedSeconds
			fmt.Fprintf(d.stderr, "demo: sent %s of %s lines\n",
				digits.Grouped(r.Lines), digits.Grouped(s.ring.Lines()))
		},
	}, &s.ring)
	return report, errors.Join(err, ctx.Err())
}

var errMissing = errors.New("not everything that was sent has arrived")

// await scrapes until everything that was sent has arrived, or the timeout has passed, and returns one scrape
// more: the first one with everything may have read the series before the ledger.
func (d *demo) await(ctx context.Context, weir *process.Process, s *stream) (process.Families, error) {
	limited, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	err := weir.Poll(limited, func(context.Context) error {
		// The end of the wait does not cut the last scrape.
		whole, cancel := context.WithTimeout(ctx, d.timeout)
		defer cancel()
		scraped, err := weir.Scrape(whole)
		if err == nil && !s.arrived(scraped) {
			err = errMissing
		}
		return err
	})
	select {
	case <-weir.Done():
		return nil, err // it says how weir ended
	default:
	}
	if err != nil && !errors.Is(err, errMissing) { // the verdict says what is missing
		return nil, err
	}
	return weir.Scrape(ctx)
}
