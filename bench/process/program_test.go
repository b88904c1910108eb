package process_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"weir/bench/process"
)

// A program is ready when it says so, or when it answers; it then is where it said, or where it was told.
func TestStart(t *testing.T) {
	for name, g := range map[string]*process.Program{"announced": server(t), "waited for": waitedFor(t)} {
		t.Run(name, func(t *testing.T) {
			p := process.Start(t, g)
			families, err := p.Scrape(t.Context())
			if err != nil || families.Sum("hits") != 12 {
				t.Errorf("sum of hits = %v, %v, want 12", families.Sum("hits"), err)
			}
			if !strings.HasPrefix(p.Log(), "a line before\nserving "+p.HTTP+"\n") {
				t.Errorf("the log is %q, want %s in it", p.Log(), p.HTTP)
			}
			process.MustStop(t, p)
			process.MustStop(t, p) // it has ended, and had when it ended
			if !strings.HasSuffix(p.Log(), "stopped\n") || p.ExitCode() != 0 {
				t.Errorf("exit code %d, log %q, want 0 and that it stopped", p.ExitCode(), p.Log())
			}
		})
	}
}

// Nothing that is set where the tests run reaches a program.
func TestEnvironment(t *testing.T) {
	t.Setenv("WEIR__CACHE__TTL", "7s")
	p := process.Start(t, server(t))
	if got, err := p.Get(t.Context(), "/environment", ""); err != nil || string(got) != "ROLE=server" {
		t.Errorf("the environment is %q, %v, want only ROLE", got, err)
	}
}

func TestStartFails(t *testing.T) {
	f := func(g *process.Program, want string) {
		t.Helper()
		p, err := g.Start(t.Context())
		if err == nil {
			t.Errorf("%s started: %v", g.Path, p.Stop())
			return
		}
		if !strings.Contains(err.Error(), want) {
			t.Errorf("start %s: %v, want %q in it", g.Path, err, want)
		}
	}
	f(&process.Program{Path: filepath.Join(t.TempDir(), "missing")}, "no such file")

	broken := script(t, "exit 0")
	broken.Args = func(process.Addresses) ([]string, error) { return nil, errors.New("no arguments") }
	f(broken, "start program: no arguments")

	never := func(string) (process.Addresses, bool) { return process.Addresses{}, false }
	ends := script(t, "echo what is wrong >&2; exit 3")
	ends.Announced = never
	f(ends, "the process has ended: exit status 3; its log:\nwhat is wrong")
	ends.Announced, ends.Ready = nil, func(context.Context, *process.Process) error { return errors.New("no answer") }
	f(ends, "the process has ended: exit status 3; the last try: no answer; its log:\nwhat is wrong")

	hangs := script(t, "exec sleep 60")
	hangs.Announced, hangs.StartLimit = never, 50*time.Millisecond
	f(hangs, "the process is not ready after 50ms")
}

// A port that another program takes in between costs an attempt, not the start; and then another one.
func TestStartTriesOtherPorts(t *testing.T) {
	attempts := filepath.Join(t.TempDir(), "attempts")
	g := script(t, `echo "$@" >>`+attempts+"; echo bind: address already in use >&2; exit 1")
	g.Args = func(at process.Addresses) ([]string, error) { return []string{at.UDP, at.TCP, at.HTTP}, nil }
	g.Ready = func(context.Context, *process.Process) error { return errors.New("no answer") }
	g.Ports = new(process.Ports)
	if _, err := g.Start(t.Context()); !errors.Is(err, process.ErrEnded) {
		t.Errorf("start = %v, want that it ended", err)
	}
	text, err := os.ReadFile(attempts)
	if err != nil {
		t.Fatal(err)
	}
	addresses := make(map[string]bool)
	for field := range strings.FieldsSeq(string(text)) {
		addresses[field] = true
	}
	const want = 5
	if got := strings.Count(string(text), "\n"); got != want || len(addresses) < 2*want { // UDP may have TCP's port
		t.Errorf("%d attempts at %d addresses, want %d at as many as there are ports:\n%s", got, len(addresses), want, text)
	}
}

// The end of a context ends a start at once, and the process.
func TestStartInterrupted(t *testing.T) {
	stopped := errors.New("stopped")
	ctx, cancel := context.WithCancelCause(t.Context())
	g := script(t, "echo begun; exec sleep 60")
	var started *process.Process
	g.Ready = func(ctx context.Context, p *process.Process) error {
		started = p
		if err := p.AwaitLog(ctx, "begun"); err != nil {
			return err
		}
		cancel(stopped)
		return errors.New("not yet")
	}
	if _, err := g.Start(ctx); !errors.Is(err, stopped) {
		t.Errorf("start = %v, want %v", err, stopped)
	}
	select {
	case <-started.Done():
	default:
		t.Error("the process runs")
	}
}

// Around is around the start of the process.
func TestAround(t *testing.T) {
	g, called := server(t), false
	g.Around = func(start func() error) error {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		called = true
		return start()
	}
	process.Start(t, g)
	if !called {
		t.Error("Around was not called")
	}
	refused := errors.New("refused")
	g.Around = func(func() error) error { return refused }
	if _, err := g.Launch(); !errors.Is(err, refused) {
		t.Errorf("launch = %v, want %v", err, refused)
	}
}
