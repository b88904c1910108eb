package process

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

const (
	// startAttempts is how often a program is started when another one takes the ports picked for it.
	startAttempts = 5

	defaultStartLimit = 20 * time.Second
	defaultStopLimit  = 10 * time.Second

	// pipeLimit is how long the log of a program that has ended may be kept open by a child of it.
	pipeLimit = 5 * time.Second
)

// Errors of a start.
var (
	// ErrEnded says that a process has ended, and how.
	ErrEnded = errors.New("the process has ended")
	// ErrNotReady says that a process was not ready in time.
	ErrNotReady = errors.New("the process is not ready")
)

// Program says how a program is started.
type Program struct {
	// Path is the executable: its path, or a name to look up in PATH.
	Path string
	// Args returns the command line of a process that listens at these addresses; nil means no arguments.
	Args func(Addresses) ([]string, error)
	// Env is the whole environment: nothing that is set where the caller runs changes the program.
	Env []string

	// Announced reads from a line of its log where a process listens; it is ready then. Args gets addresses
	// with the port 0. When it is nil, Args gets free ports, and Ready says when the process is ready.
	Announced func(line string) (Addresses, bool)
	// Ready returns nil when the process is ready. It is called until then; nil means: once it runs.
	Ready func(context.Context, *Process) error
	// Ports are what free ports are picked from; nil means all. Programs that are started at once share one,
	// so that no two get the same.
	Ports *Ports
	// Around calls start, which starts the process; nil means nothing around it. For settings of the calling
	// thread that the process inherits.
	Around func(start func() error) error

	// StartLimit is how long the process may take to be ready; 0 means 20 s.
	StartLimit time.Duration
	// StopLimit is how long the process may take to end after SIGTERM; 0 means 10 s.
	StopLimit time.Duration
}

// Start starts the program and returns when it is ready. The caller ends it with Stop or Kill. With an error
// it has ended already, and the error has the end of its log.
func (g *Program) Start(ctx context.Context) (*Process, error) { return g.start(ctx, nil) }

// start is Start, at given addresses unless they are nil. Addresses that were picked may be taken by another
// program in the meantime, and others are picked then.
func (g *Program) start(ctx context.Context, at *Addresses) (*Process, error) {
	for attempt := 1; ; attempt++ {
		p, err := g.launch(at)
		if err != nil {
			return nil, fmt.Errorf("start %s: %w", g.name(), err)
		}
		if err = p.AwaitReady(ctx); err == nil {
			return p, nil
		}
		p.Kill()
		err = fmt.Errorf("start %s: %w; its log:\n%s", g.name(), err, p.log.tail())
		inUse := strings.Contains(p.Log(), syscall.EADDRINUSE.Error())
		if !inUse || at != nil || attempt == startAttempts || ctx.Err() != nil {
			return nil, err
		}
	}
}

// Launch starts the program and does not wait until it is ready.
func (g *Program) Launch() (*Process, error) {
	p, err := g.launch(nil)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", g.name(), err)
	}
	return p, nil
}

func (g *Program) launch(at *Addresses) (*Process, error) {
	addresses, err := g.pick(at)
	if err != nil {
		return nil, err
	}
	var args []string
	if g.Args != nil {
		if args, err = g.Args(addresses); err != nil {
			return nil, err
		}
	}
	cmd := exec.Command(g.Path, args...)
	cmd.Env = append([]string{}, g.Env...) // empty, not nil, which would mean the caller's
	cmd.WaitDelay = pipeLimit
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is for the caller, who ends the process
	p := newProcess(g, cmd, addresses)
	around := g.Around
	if around == nil {
		around = func(start func() error) error { return start() }
	}
	if err := around(cmd.Start); err != nil {
		return nil, err
	}
	go p.wait() // ends with the process, which the caller ends
	return p, nil
}

// pick returns the addresses that Args gets.
func (g *Program) pick(at *Addresses) (Addresses, error) {
	switch {
	case at != nil:
		return *at, nil
	case g.Announced != nil:
		return Addresses{UDP: anyPort, TCP: anyPort, HTTP: anyPort}, nil
	case g.Ports != nil:
		return g.Ports.pick()
	default:
		return new(Ports).pick()
	}
}

func (g *Program) name() string { return filepath.Base(g.Path) }

func (g *Program) startLimit() time.Duration { return cmp.Or(g.StartLimit, defaultStartLimit) }

func (g *Program) stopLimit() time.Duration { return cmp.Or(g.StopLimit, defaultStopLimit) }
