package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"weir/bench/command"
)

func main() { command.Main(run) }

// run runs one command line, in the root of the source, and returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	return command.Code("compare", stderr, func() error {
		o, err := parse(args, stderr)
		if err != nil {
			return err
		}
		if o.machine {
			fmt.Fprint(stdout, describeMachine(ctx, time.Now()))
			return nil
		}
		return o.run(ctx, stdout, stderr)
	})
}

// options are a command line.
type options struct {
	weir      string
	name      string
	directory string
	targets   []string
	only      []string
	quick     bool
	machine   bool
	limit     time.Duration
}

func parse(args []string, stderr io.Writer) (*options, error) {
	o := &options{}
	flags := command.Flags("compare", stderr)
	flags.StringVar(&o.weir, "weir", "bin/weir", "path of the program")
	flags.StringVar(&o.name, "name", "compare", "name of the files with the results, without .txt and .md")
	flags.StringVar(&o.directory, "results", "bench/results", "directory of the results")
	flags.StringSliceVar(&o.targets, "targets", nil,
		"null-c, null-go, weir, statsd_exporter, statsd; all when empty")
	flags.StringSliceVar(&o.only, "only", nil,
		"what to measure: "+strings.Join(partNames(), ", ")+"; all when empty")
	flags.BoolVar(&o.quick, "quick", false, "measure only briefly, to see that everything works")
	flags.BoolVar(&o.machine, "machine", false, "measure nothing; print how results describe the machine")
	flags.DurationVar(&o.limit, "limit", 20*time.Minute, "give up after this")
	if err := command.Parse(flags, args); err != nil {
		return nil, err
	}
	if err := o.validate(); err != nil {
		return nil, err
	}
	return o, nil
}

// partNames returns the names of everything that can be measured.
func partNames() []string {
	var names []string
	for _, s := range scenarios() {
		names = append(names, s.name)
	}
	return append(names, nameScrape, nameIdle, nameDelay, namePage)
}

func (o *options) validate() error {
	known := make(map[string]bool)
	for _, name := range partNames() {
		known[name] = true
	}
	for _, name := range o.only {
		if !known[name] {
			return fmt.Errorf("only: %q: want some of %s", name, strings.Join(partNames(), ", "))
		}
	}
	if o.name == "" || o.name != filepath.Base(o.name) {
		return fmt.Errorf("name: %q: want the name of a file without a directory", o.name)
	}
	return nil
}

// run measures and writes the results, also when it ends early: every measurement made is valid.
func (o *options) run(ctx context.Context, stdout, stderr io.Writer) (err error) {
	ctx, cancel := context.WithTimeout(ctx, o.limit)
	defer cancel()
	scratch, err := os.MkdirTemp("", "weir-compare-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	fmt.Fprintln(stderr, "building the receivers")
	targets, err := kit{weir: o.weir, scratch: scratch}.prepare(ctx, o.targets)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(o.directory, 0o755); err != nil {
		return err
	}
	raw, err := os.Create(filepath.Join(o.directory, o.name+".txt"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, raw.Close()) }()
	r := &report{machine: describeMachine(ctx, time.Now()), targets: targets}
	if o.quick {
		r.machine += "QUICK: measured only briefly; these numbers are worth nothing\n"
	}
	fmt.Fprint(raw, r.machine)
	header := len(r.machine)
	b, err := o.newBench(targets, raw, stderr)
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
	return errors.Join(measured, os.WriteFile(filepath.Join(o.directory, o.name+".md"), []byte(text), 0o644))
}

func (o *options) newBench(targets []*target, raw, progress io.Writer) (*bench, error) {
	b := &bench{effort: fullEffort(), only: make(map[string]bool), raw: raw, progress: progress}
	if o.quick {
		b.effort = quickEffort()
	}
	for _, name := range o.only {
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
