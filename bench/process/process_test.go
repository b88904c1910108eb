package process_test

import (
	"context"
	"errors"
	"strings"
	"syscall"
	"testing"
	"time"

	"weir/bench/process"
)

// Stop tells how a process ended, and kills one that does not end.
func TestStopFails(t *testing.T) {
	f := func(text, want string, code int) {
		t.Helper()
		g := script(t, text)
		g.StopLimit = 50 * time.Millisecond
		p := process.Launch(t, g)
		if err := p.AwaitLog(t.Context(), "begun"); err != nil {
			t.Fatal(err)
		}
		if err := p.Stop(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("stop of %q = %v, want %q", text, err, want)
		}
		if p.ExitCode() != code {
			t.Errorf("exit code of %q = %d, want %d", text, p.ExitCode(), code)
		}
	}
	f("echo begun; exec sleep 60", "signal: terminated", -1)
	f("trap 'exit 7' TERM; echo begun; while :; do sleep 0.01; done", "exit status 7", 7)
	f("trap '' TERM; echo begun; while :; do sleep 0.01; done", "program did not end within 50ms, and was killed", -1)
}

// Kill ends a process that ignores everything else; a signal to one that has ended is an error.
func TestKill(t *testing.T) {
	p := process.Launch(t, script(t, "trap '' TERM; echo begun; while :; do sleep 0.01; done"))
	if err := p.AwaitLog(t.Context(), "begun"); err != nil {
		t.Fatal(err)
	}
	if err := p.Signal(syscall.Signal(0)); err != nil || p.PID() <= 1 {
		t.Errorf("process %d: %v, want it to run", p.PID(), err)
	}
	p.Kill()
	p.Kill()
	if err := p.Signal(syscall.Signal(0)); err == nil {
		t.Error("the process runs")
	}
	if err := p.Wait(); err == nil || err.Error() != "signal: killed" {
		t.Errorf("wait = %v, want that it was killed", err)
	}
}

// Restart starts a process where the last one was, after a clean end and after a kill, and never beside it.
func TestRestart(t *testing.T) {
	for name, g := range map[string]*process.Program{"announced": server(t), "waited for": waitedFor(t)} {
		t.Run(name, func(t *testing.T) {
			first := process.Start(t, g)
			if _, err := first.Restart(t.Context()); err == nil || !strings.Contains(err.Error(), "the process runs") {
				t.Errorf("restart of a process that runs: %v, want an error", err)
			}
			first.Kill()
			second := process.Restart(t, first)
			process.MustStop(t, second)
			third := process.Restart(t, second)
			if third.HTTP != first.HTTP || third.PID() == first.PID() {
				t.Errorf("process %d at %s, want another one than %d at %s", third.PID(), third.HTTP, first.PID(), first.HTTP)
			}
			if _, err := third.Scrape(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// Each wait for a line of the log begins behind the last one, and ends with the process.
func TestAwaitLog(t *testing.T) {
	p := process.Launch(t, script(t, "echo one; echo two; echo one >&2; read never <&0; echo two"))
	f := func(text, want string) {
		t.Helper()
		err := p.AwaitLog(t.Context(), text)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("await %q = %v, want %q", text, err, want)
		}
	}
	f("one", "")
	f("one", "")
	f("two", "")
	f("two", `no line of the log with "two": the process has ended: exit status 0`)
	p = process.Launch(t, script(t, "echo one; exec sleep 60"))
	f("one", "")
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := p.AwaitLog(ctx, "one"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("await a line that never comes = %v, want that the context ended", err)
	}
}

// SkipLog makes the next wait see only what is written then.
func TestSkipLog(t *testing.T) {
	p := process.Launch(t, script(t, "trap 'echo answer' USR1; echo begun; echo answer; echo asked; while :; do sleep 0.01; done"))
	if err := p.Poll(t.Context(), func(context.Context) error {
		if !strings.HasSuffix(p.Log(), "asked\n") {
			return errors.New("not yet")
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	p.SkipLog()
	if err := p.Signal(syscall.SIGUSR1); err != nil {
		t.Fatal(err)
	}
	if err := p.AwaitLine(t.Context(), func(string) bool { return true }); err != nil {
		t.Fatal(err)
	}
	if got, want := p.Log(), "begun\nanswer\nasked\nanswer\n"; got != want {
		t.Errorf("the log is %q, want %q", got, want)
	}
}

// Waiting for something else ends with the process, too, and with the context.
func TestPollAndSleep(t *testing.T) {
	p := process.Launch(t, script(t, "exec sleep 60"))
	if err := p.Sleep(t.Context(), time.Millisecond); err != nil {
		t.Error(err)
	}
	never := errors.New("not yet")
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := p.Poll(ctx, func(context.Context) error { return never }); !errors.Is(err, context.DeadlineExceeded) ||
		!errors.Is(err, never) {
		t.Errorf("poll = %v, want that the context ended, and %v", err, never)
	}
	if err := p.Sleep(ctx, time.Minute); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("sleep = %v, want that the context ended", err)
	}
	tries := 0
	err := p.Poll(t.Context(), func(context.Context) error {
		if tries++; tries == 2 {
			p.Kill()
		}
		return never
	})
	if !errors.Is(err, process.ErrEnded) {
		t.Errorf("poll = %v, want that the process ended", err)
	}
	if err := p.Sleep(t.Context(), time.Minute); !errors.Is(err, process.ErrEnded) {
		t.Errorf("sleep = %v, want that the process ended", err)
	}
}
