package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestDemo runs the demo with weir as it is. All that is sent fits in the smallest usual receive buffer, so
// that however slow the machine is, the kernel drops nothing.
func TestDemo(t *testing.T) {
	if os.Getenv("WEIR_E2E") == "skip" {
		t.Skip("WEIR_E2E=skip")
	}
	binary := filepath.Join(t.TempDir(), "weir")
	build := exec.Command("go", "build", "-o", binary, "weir/cmd/weir")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", build, err, output)
	}
	var stdout, stderr bytes.Buffer
	args := []string{"--weir", binary, "--rate=5000", "--duration=100ms", "--series=100"}
	if code := run(t.Context(), args, &stdout, &stderr); code != 0 {
		t.Fatalf("exit code %d, want 0\n%s\n%s", code, &stdout, &stderr)
	}
	if !strings.HasSuffix(stdout.String(), "\nOK: sent = recorded\n") {
		t.Errorf("stdout = %s\nwant OK at its end", &stdout)
	}
}

// script returns a program that is not weir.
func script(t *testing.T, text string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "weir")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestStartFails(t *testing.T) {
	f := func(binary, want string) {
		t.Helper()
		p, err := startWeir(t.Context(), binary, 200*time.Millisecond)
		if err == nil {
			t.Errorf("%s started: %v", binary, p.stop())
			return
		}
		if !strings.Contains(err.Error(), want) {
			t.Errorf("start %s: %v, want %q in it", binary, err, want)
		}
	}
	f(filepath.Join(t.TempDir(), "missing"), "no such file")
	f(script(t, "echo what is wrong >&2; exit 3"), "exit status 3; its log:\nwhat is wrong")
	f(script(t, "exec sleep 60"), "not ready")
	f(script(t, "echo address already in use >&2; exit 1"), "address already in use")
}

// A port that another program takes in between costs an attempt, not the demo.
func TestStartTriesOtherPorts(t *testing.T) {
	attempts := filepath.Join(t.TempDir(), "attempts")
	binary := script(t, "echo $2 $* >>"+attempts+"; echo address already in use >&2; exit 1")
	if _, err := startWeir(t.Context(), binary, time.Second); err == nil {
		t.Error("no error")
	}
	text, err := os.ReadFile(attempts)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(string(text), "\n"); got != startAttempts {
		t.Errorf("%d attempts, want %d", got, startAttempts)
	}
}

// Ctrl-C while weir starts stops it at once.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stdout, stderr bytes.Buffer
	started := time.Now()
	code := run(ctx, []string{"--weir", script(t, "exec sleep 60")}, &stdout, &stderr)
	if code != 1 || !strings.Contains(stderr.String(), context.Canceled.Error()) {
		t.Errorf("exit code %d, stderr %q, want 1 and %v", code, &stderr, context.Canceled)
	}
	if took := time.Since(started); took > stopLimit/2 {
		t.Errorf("stopping took %v", took)
	}
}

func TestBadCommandLine(t *testing.T) {
	f := func(want string, args ...string) {
		t.Helper()
		var stdout, stderr bytes.Buffer
		if code := run(t.Context(), args, &stdout, &stderr); code != 1 || stdout.Len() > 0 {
			t.Errorf("run %q = %d, stdout %q, want 1 and none", args, code, &stdout)
		}
		if !strings.Contains(stderr.String(), want) {
			t.Errorf("run %q: stderr %q, want %q in it", args, &stderr, want)
		}
	}
	f("rate: 0", "--rate=0")
	f("rate: 1000000", "--rate=1000000", "--duration=30s")
	f("duration: 31s", "--duration=31s")
	f("series: 0", "--series=0")
	f("unexpected argument", "bin/weir")
}

func TestTailKeepsTheEnd(t *testing.T) {
	var log tail
	for range 10 {
		if n, err := log.Write(bytes.Repeat([]byte("a"), 5000)); n != 5000 || err != nil {
			t.Fatal(n, err)
		}
	}
	_, _ = log.Write([]byte("end")) // never fails
	if got := log.String(); len(got) != maxTail || !strings.HasSuffix(got, "end") {
		t.Errorf("%d bytes, ending in %q, want %d, ending in end", len(got), got[len(got)-5:], maxTail)
	}
}
