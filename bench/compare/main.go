package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/pflag"
)

func main() {
	ctx, release := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	release()
	os.Exit(code)
}

// run runs one command line, in the root of the source, and returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	c, err := parse(args, stderr)
	if errors.Is(err, pflag.ErrHelp) {
		return 0
	}
	switch {
	case err != nil:
	case c.machine:
		fmt.Fprint(stdout, describeMachine(ctx, time.Now()))
	default:
		err = c.run(ctx, stdout, stderr)
	}
	if err != nil {
		fmt.Fprintln(stderr, "compare:", err)
		return 1
	}
	return 0
}

// command is a command line.
type command struct {
	weir      string
	name      string
	directory string
	targets   []string
	only      []string
	quick     bool
	machine   bool
	limit     time.Duration
}

func parse(args []string, stderr io.Writer) (*command, error) {
	c := &command{}
	flags := pflag.NewFlagSet("compare", pflag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.SortFlags = false
	flags.StringVar(&c.weir, "weir", "bin/weir", "path of the program")
	flags.StringVar(&c.name, "name", "compare", "what the files of results are called, without their ends")
	flags.StringVar(&c.directory, "results", "bench/results", "directory of the results")
	flags.StringSliceVar(&c.targets, "targets", nil,
		"null-c, null-go, weir, statsd_exporter, statsd; all when empty")
	flags.StringSliceVar(&c.only, "only", nil,
		"what to measure: "+strings.Join(partNames(), ", ")+"; all when empty")
	flags.BoolVar(&c.quick, "quick", false, "measure for moments, to see that everything works")
	flags.BoolVar(&c.machine, "machine", false, "measure nothing; print what a result says of the machine")
	flags.DurationVar(&c.limit, "limit", 20*time.Minute, "give up after this")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	if flags.NArg() > 0 {
		return nil, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if err := c.validate(); err != nil {
		return nil, err
	}
	return c, nil
}

// partNames returns what can be measured.
func partNames() []string {
	var names []string
	for _, s := range scenarios() {
		names = append(names, s.name)
	}
	return append(names, nameScrape, nameIdle, nameDelay)
}

func (c *command) validate() error {
	known := make(map[string]bool)
	for _, name := range partNames() {
		known[name] = true
	}
	for _, name := range c.only {
		if !known[name] {
			return fmt.Errorf("only: %q: want some of %s", name, strings.Join(partNames(), ", "))
		}
	}
	if c.name == "" || c.name != filepath.Base(c.name) {
		return fmt.Errorf("name: %q: want the name of a file without a directory", c.name)
	}
	return nil
}

// run measures, and writes the results also when it ends early: what was measured is true.
func (c *command) run(ctx context.Context, stdout, stderr io.Writer) (err error) {
	ctx, cancel := context.WithTimeout(ctx, c.limit)
	defer cancel()
	scratch, err := os.MkdirTemp("", "weir-compare-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	fmt.Fprintln(stderr, "building the receivers")
	targets, err := kit{weir: c.weir, scratch: scratch}.prepare(ctx, c.targets)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(c.directory, 0o755); err != nil {
		return err
	}
	raw, err := os.Create(filepath.Join(c.directory, c.name+".txt"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, raw.Close()) }()
	r := &report{machine: describeMachine(ctx, time.Now()), targets: targets}
	if c.quick {
		r.machine += "QUICK: measured for moments; these numbers are worth nothing\n"
	}
	fmt.Fprint(raw, r.machine)
	header := len(r.machine)
	b, err := c.newBench(targets, raw, stderr)
	if err != nil {
		return err
	}
	measured := b.run(ctx)
	r.machine += "load after: " + contents("/proc/loadavg") + "\n"
	for _, failure := range b.failures {
		r.machine += "FAILED: " + firstLine([]byte(failure.Error())) + "\n"
	}
	if ctx.Err() != nil {
		r.machine += "INCOMPLETE: " + context.Cause(ctx).Error() + "\n"
	}
	fmt.Fprint(raw, r.machine[header:])
	r.results = &b.results
	text := r.markdown()
	fmt.Fprint(stdout, text)
	return errors.Join(measured, os.WriteFile(filepath.Join(c.directory, c.name+".md"), []byte(text), 0o644))
}

func (c *command) newBench(targets []*target, raw, progress io.Writer) (*bench, error) {
	b := &bench{effort: fullEffort(), only: make(map[string]bool), raw: raw, progress: progress}
	if c.quick {
		b.effort = quickEffort()
	}
	for _, name := range c.only {
		b.only[name] = true
	}
	for _, t := range targets {
		if t.lacks == "" {
			b.targets = append(b.targets, t)
			continue
		}
		fmt.Fprintf(progress, "not measured: %s: %s\n", t.name, t.lacks)
	}
	var err error
	b.cores, err = cores()
	return b, err
}
