package main

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"weir/bench/process"
)

const (
	stopLimit    = 5 * time.Second  // for a target to end before it is killed
	requestLimit = 30 * time.Second // for a target to say what it has taken
)

// instance is a running target.
type instance struct {
	*process.Process
	target *target
}

// anyCore is for targets that may run on every core.
const anyCore = -1

// start starts a target, on one core unless that is anyCore, and waits until it is ready. The caller stops
// it.
func start(ctx context.Context, t *target, core int) (*instance, error) {
	program := *t.program
	program.StopLimit = stopLimit
	if core != anyCore {
		program.Env = []string{"GOMAXPROCS=1"}
		program.Around = func(start func() error) error { return onCore(core, start) }
	}
	p, err := program.Start(ctx)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", t.name, err)
	}
	return &instance{p, t}, nil
}

// with starts a target, lets use work with it and stops it.
func with(ctx context.Context, t *target, core int, use func(*instance) error) error {
	i, err := start(ctx, t, core)
	if err != nil {
		return err
	}
	defer func() { _ = i.Stop() }() // how it ends does not matter
	if err := use(i); err != nil {
		return fmt.Errorf("%s: %w; its log:\n%s", t.name, err, i.Log())
	}
	return nil
}

// usage returns what the target has used so far.
func (i *instance) usage() (usage, error) { return readUsage(i.PID()) }

// families scrapes the target without compression, which would cost it more: these families, if the target
// can leave out the others, or all when there are no names.
func (i *instance) families(ctx context.Context, names ...string) (process.Families, error) {
	text, err := i.Get(ctx, "/metrics?"+url.Values{"name[]": names}.Encode(), "identity")
	if err != nil {
		return nil, err
	}
	return process.ParseFamilies(text)
}
