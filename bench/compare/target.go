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
	lacks string // why it cannot be measured here and what to do; empty when it can
	// tags says that it reads DogStatsD tags; without it, it gets no lines with tags.
	tags bool
	// scraped says that it serves an exposition for Prometheus at /metrics.
	scraped bool

	program *process.Program
	// count asks the target what it has taken so far.
	count func(context.Context, *instance) (tally, error)
}

// The names of targets that the tables single out.
const (
	nameWeir  = "weir"
	nameNullC = "null-c"
)

// tally is what a target says it has taken.
type tally struct {
	datagrams uint64
	lines     uint64 // 0 from one that does not look into datagrams
}

// kit is what the targets are made from.
type kit struct {
	weir    string // path of the program
	scratch string // a directory for what is built
}

// prepare builds or finds the targets that are asked for by name, all when there are no names.
func (k kit) prepare(ctx context.Context, names []string) ([]*target, error) {
	makers := []struct {
		name string
		make func(context.Context, *target) error
	}{
		{nameNullC, k.makeNullC},
		{"null-go", k.makeNullGo},
		{nameWeir, k.makeWeir},
		{"statsd_exporter", k.makeExporter},
		{"statsd", k.makeNode},
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
		if err := maker.make(ctx, t); err != nil {
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
