package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/bench/process"
)

// The driver measures weir and the null sink, from building them to the tables, for moments.
func TestRun(t *testing.T) {
	needLinux(t)
	t.Chdir("../..")
	directory := t.TempDir()
	weir := process.BuildWeir(t)
	var stdout, stderr bytes.Buffer
	code := run(t.Context(), []string{
		"--weir", weir, "--results", directory, "--name=smoke", "--quick", "--targets=null-go,weir", "--only=tens,idle,delay",
	}, &stdout, &stderr)
	if code != 0 {
		t.Fatalf("exit code %d\n%s", code, &stderr)
	}
	tables, err := os.ReadFile(filepath.Join(directory, "smoke.md"))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(directory, "smoke.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if stdout.String() != string(tables) {
		t.Error("what is printed is not what is kept")
	}
	for _, want := range []string{"| receiver | lines/s | CPU s per", "\n| null-go | ", "\n| weir | ", "## Idle", "## Delay of a line", "QUICK"} {
		if !strings.Contains(string(tables), want) {
			t.Errorf("the tables have no %q:\n%s", want, tables)
		}
	}
	for _, want := range []string{"cpu: ", "\ntens target=weir rate=75000 lines=37500 ", "\nidle target=null-go ", "\ndelay target=weir series=10000 during=\"no scrape\" "} {
		if !strings.Contains(string(raw), want) {
			t.Errorf("the raw output has no %q:\n%s", want, raw)
		}
	}
}

// A null sink in C is asked and counted as the one in Go is.
func TestNullC(t *testing.T) {
	needLinux(t)
	if _, err := exec.LookPath("cc"); err != nil {
		t.Skip("needs a C compiler:", err)
	}
	t.Chdir("../..")
	targets, err := kit{scratch: t.TempDir()}.prepare(t.Context(), []string{nameNullC})
	if err != nil {
		t.Fatal(err)
	}
	s := scenarios()[0]
	l := newLoad(s.spec, s.lines)
	err = with(t.Context(), targets[0], anyCore, func(i *instance) error {
		if err := i.warm(t.Context(), l); err != nil { // an error when a line is lost
			return err
		}
		taken, err := i.target.count(t.Context(), i)
		if want := uint64(l.warm.Len()); taken.datagrams != want {
			t.Errorf("the sink took %d datagrams, want %d", taken.datagrams, want)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A target that is missing says what it lacks; nothing is made up for it.
func TestLacks(t *testing.T) {
	needLinux(t)
	t.Chdir("../..")
	t.Setenv("PATH", t.TempDir())
	targets, err := kit{scratch: t.TempDir()}.prepare(t.Context(), []string{nameNullC, "statsd_exporter", "statsd"})
	if err != nil {
		t.Fatal(err)
	}
	for _, target := range targets {
		if target.lacks == "" {
			t.Errorf("%s lacks nothing, though there are no programs at all", target.name)
		}
	}
}

// A failure with one target is reported, and the other target is measured all the same.
func TestFailure(t *testing.T) {
	needLinux(t)
	t.Chdir("../..")
	targets, err := kit{scratch: t.TempDir()}.prepare(t.Context(), []string{"null-go"})
	if err != nil {
		t.Fatal(err)
	}
	broken := *targets[0]
	broken.name = "broken"
	broken.program = &process.Program{Path: targets[0].program.Path, Ready: targets[0].program.Ready} // its usage, and an end
	var raw, progress bytes.Buffer
	b := bench{
		effort: quickEffort(), targets: []*target{&broken, targets[0]}, only: map[string]bool{nameIdle: true},
		raw: &raw, progress: &progress,
	}
	if err := b.run(t.Context()); !errors.Is(err, process.ErrEnded) || !strings.Contains(err.Error(), "usage: sink PORT") {
		t.Errorf("run = %v, want that broken ended, and what it wrote", err)
	}
	if _, is := b.results.idle["null-go"]; !is {
		t.Errorf("null-go was not measured: %s", &progress)
	}
	if _, is := b.results.idle["broken"]; is {
		t.Error("broken was measured")
	}
}

// A target that loses lines twice in a row is measured at half of the rate; all that was measured is kept.
func TestKeepUp(t *testing.T) {
	needLinux(t)
	t.Chdir("../..")
	targets, err := kit{scratch: t.TempDir()}.prepare(t.Context(), []string{"null-go"})
	if err != nil {
		t.Fatal(err)
	}
	calls, last := 0, tally{}
	targets[0].count = func(ctx context.Context, i *instance) (tally, error) {
		if calls++; calls == 4 || calls == 8 { // before and after the warm-up, before and after the window
			return last, nil
		}
		var err error
		last, err = countNull(ctx, i)
		return last, err
	}
	b := bench{effort: effort{window: 20 * time.Millisecond}, raw: io.Discard, progress: io.Discard}
	s := scenarios()[0]
	rate, err := b.keepUp(t.Context(), s, targets[0], newLoad(s.spec, s.lines), s.rate)
	if want := s.rate / 2; err != nil || rate != want {
		t.Fatalf("kept up with %v lines/s, %v, want %v", rate, err, want)
	}
	var got []float64
	for _, w := range b.results.windows[key{s.name, "null-go"}] {
		got = append(got, w.linesPerSecond)
	}
	if want := []float64{s.rate, s.rate, s.rate / 2}; !slices.Equal(got, want) {
		t.Errorf("measured at %v lines/s, want %v", got, want)
	}
}

// A target that is given a core has no other.
func TestPinned(t *testing.T) {
	needLinux(t)
	t.Chdir("../..")
	targets, err := kit{scratch: t.TempDir()}.prepare(t.Context(), []string{"null-go"})
	if err != nil {
		t.Fatal(err)
	}
	usable, err := cores()
	if err != nil {
		t.Fatal(err)
	}
	core := usable[len(usable)-1]
	err = with(t.Context(), targets[0], core, func(i *instance) error {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", i.PID()))
		if want := fmt.Sprintf("\nCpus_allowed_list:\t%d\n", core); !strings.Contains(string(status), want) {
			t.Errorf("want %q in\n%s", want, status)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Results are written also when a target fails, or the bench is interrupted: what was measured is true. They
// say so.
func TestRunEndsEarly(t *testing.T) {
	needLinux(t)
	broken := filepath.Join(t.TempDir(), "weir")
	script := "#!/bin/sh\nif [ $1 = --version ]; then echo weir 1; else echo what is wrong >&2; exit 3; fi\n"
	if err := os.WriteFile(broken, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	f := func(until, want string) {
		t.Helper()
		directory := t.TempDir()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var stdout bytes.Buffer
		stderr := watched{until: until, call: cancel}
		args := []string{"--weir", broken, "--results", directory, "--name=early", "--quick", "--targets=weir", "--only=idle"}
		if code := run(ctx, args, &stdout, &stderr); code != 1 {
			t.Errorf("exit code %d, want 1: %s", code, &stderr)
		}
		for _, file := range []string{"early.txt", "early.md"} {
			text, err := os.ReadFile(filepath.Join(directory, file))
			if err != nil || !strings.Contains(string(text), "\nload after: ") || !strings.Contains(string(text), "\n"+want) {
				t.Errorf("%s has no %q, %v:\n%s", file, want, err, text)
			}
		}
		if !strings.Contains(stdout.String(), "- weir: weir 1, defaults") {
			t.Errorf("the tables that are printed do not name weir: %s", &stdout)
		}
	}
	f("never", "FAILED: idle: weir: start weir: the process has ended: exit status 3; its log:\n")
	f("1/1  idle: weir", "INCOMPLETE: context canceled\n")
}

// watched keeps what is written to it, and calls a function when there is some text.
type watched struct {
	bytes.Buffer

	until string
	call  func()
}

// Write implements io.Writer.
func (w *watched) Write(text []byte) (int, error) {
	if strings.Contains(string(text), w.until) {
		w.call()
	}
	return w.Buffer.Write(text)
}

// What other results are headed with can be had alone.
func TestMachine(t *testing.T) {
	var stdout, stderr bytes.Buffer
	code := run(t.Context(), []string{"--machine"}, &stdout, &stderr)
	for _, key := range []string{"date: ", "weir: ", "go: go", "cpu: ", "cores: ", "kernel: "} {
		if !strings.Contains("\n"+stdout.String(), "\n"+key) || code != 0 {
			t.Errorf("exit code %d, no %q in\n%s", code, key, &stdout)
		}
	}
}

func TestBadCommandLine(t *testing.T) {
	f := func(want string, args ...string) {
		t.Helper()
		var stdout, stderr bytes.Buffer
		code := run(t.Context(), append(args, "--results", t.TempDir()), &stdout, &stderr)
		if code != 1 || !strings.Contains(stderr.String(), want) {
			t.Errorf("run %q = %d, stderr %q, want 1 and %q", args, code, &stderr, want)
		}
	}
	f(`only: "odd"`, "--only=odd")
	f(`targets: "odd"`, "--targets=odd")
	f(`name: "../x"`, "--name=../x")
	f("unexpected argument", "x")
	f("prepare weir", "--targets=weir", "--weir=/nonexistent/weir")
}
