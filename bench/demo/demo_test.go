package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/bench/process"
)

// TestDemo runs the demo with weir as it is. All that is sent fits in the smallest usual receive buffer, so
// that however slow the machine is, the kernel drops nothing.
func TestDemo(t *testing.T) {
	if os.Getenv("WEIR_E2E") == "skip" {
		t.Skip("WEIR_E2E=skip")
	}
	binary := process.BuildWeir(t)
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

// What is wrong with weir, or is not weir at all, fails the demo with the reason, and the log of it.
func TestFailures(t *testing.T) {
	f := func(binary, want string) {
		t.Helper()
		var stdout, stderr bytes.Buffer
		d := mustParse(t, "--weir", binary, "--rate=1000", "--duration=10ms", "--series=10")
		d.timeout, d.stdout, d.stderr = 2*time.Second, &stdout, &stderr
		problems, err := d.run(t.Context())
		if got := fmt.Sprint(problems, err, &stderr); (err == nil && len(problems) == 0) || !strings.Contains(got, want) {
			t.Errorf("demo with %s: %s, want %q in it", binary, got, want)
		}
	}
	f(filepath.Join(t.TempDir(), "missing"), "no such file")
	f(script(t, "echo what is wrong >&2; exit 3"), "exit status 3; its log:\nwhat is wrong")
	f(script(t, "exec sleep 60"), "not ready")
	address := serveText(t, "# TYPE other counter\nother 1\n")
	f(script(t, announce(t, address)+"exec sleep 60"), "the exposition has no weir_datagrams_received_total")
	f(script(t, announce(t, serveText(t, "{"))+"exec sleep 60"), "the exposition is invalid")
	f(script(t, announce(t, address)+"exit 4"), "exit status 4")
}

func mustParse(t *testing.T, args ...string) *demo {
	t.Helper()
	d, err := parse(args, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// announce returns a line of a script that says, as weir does, where it listens. Nobody reads the lines.
func announce(t *testing.T, http string) string {
	t.Helper()
	packets, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = packets.Close() })
	return fmt.Sprintf(`echo '{"message":"ready","udp":"%s","http":"%s/metrics"}'; `, packets.LocalAddr(), http)
}

// serveText serves a text as the exposition and returns its address.
func serveText(t *testing.T, text string) (address string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, text) // the demo sees what is missing
	}))
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// A weir that does its work and then does not end as it should fails the demo.
func TestUncleanStop(t *testing.T) {
	d := mustParse(t, "--rate=1000", "--duration=10ms", "--series=10")
	s := newStream(d.spec, d.lines())
	var stdout, stderr bytes.Buffer
	d.timeout, d.stdout, d.stderr = time.Minute, &stdout, &stderr
	d.binary = script(t, announce(t, serveText(t, exposition(s)))+"trap 'exit 5' TERM; while :; do sleep 0.01; done")
	problems, err := d.run(t.Context())
	if want := "weir did not stop cleanly: exit status 5"; err != nil || !slices.Equal(problems, []string{want}) {
		t.Errorf("problems %q, %v, want %q", problems, err, want)
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
	if took := time.Since(started); took > 5*time.Second {
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
