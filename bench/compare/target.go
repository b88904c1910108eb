package main

import (
	"context"
	"fmt"

	"weir/bench/process"
)

// target is a receiver that is measured.
type target struct {
	name  string
	about string // its version and settings, for the notes under the tables
	lacks string // why it cannot be measured here, and what to do; empty when it can be
	// tags says that it reads DogStatsD tags. Otherwise it gets no lines with tags.
	tags bool
	// scraped says that it serves an exposition for Prometheus at /metrics.
	scraped bool

	program *process.Program
	// count asks the target what it has taken so far.
	count func(context.Context, *instance) (tally, error)
}

// with returns the target with more flags.
func (t *target) with(flags ...string) *target {
	program, other := *t.program, *t
	other.program = &program
	program.Args = func(at process.Addresses) ([]string, error) {
		args, err := t.program.Args(at)
		return append(args, flags...), err
	}
	return &other
}

// The names of targets that the tables single out.
const (
	nameWeir  = "weir"
	nameNullC = "null-c"
)

// tally is how much a target has taken, as it reports.
type tally struct {
	datagrams uint64
	lines     uint64 // 0 when the target does not look into datagrams
}

// kit has what the targets are made from.
type kit struct {
	weir    string // path of the program
	scratch string // a directory for what is built
}

// prepare builds or finds the targets with these names, all targets when there are no names. Only weir must
// be there; another target that cannot be made says what it lacks.
func (k kit) prepare(ctx context.Context, names []string) ([]*target, error) {
	makers := []struct {
		name string
		make func(context.Context, kit, *target) error
	}{
		{nameNullC, makeNullC},
		{"null-go", makeNullGo},
		{nameWeir, makeWeir},
		{"statsd_exporter", makeExporter},
		{"statsd", makeNode},
	}
	wanted := make(map[string]bool)
	for _, name := range names {
		wanted[name] = true
	}
	var all []*target
	for _, maker := range makers {
		if len(names) > 0 && !wanted[maker.name] {
			continue
		}
		delete(wanted, maker.name)
		t := &target{name: maker.name}
		if err := maker.make(ctx, k, t); err != nil {
			if t.name == nameWeir || ctx.Err() != nil {
				return nil, fmt.Errorf("prepare %s: %w", t.name, err)
			}
			t.lacks = err.Error()
		}
		all = append(all, t)
	}
	for name := range wanted {
		return nil, fmt.Errorf("targets: %q: no such target", name)
	}
	return all, nil
}
