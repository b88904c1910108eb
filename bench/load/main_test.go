package main

import (
	"bytes"
	"encoding/json"
	"net"
	"strings"
	"testing"

	"weir/bench/load/sender"
)

func listen(t *testing.T) (target string) {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return "udp://" + conn.LocalAddr().String()
}

func TestRun(t *testing.T) {
	target := listen(t)
	var stdout, stderr bytes.Buffer
	args := []string{"--target", target, "--rate=5000", "--duration=100ms", "--lines=5", "--mix=every", "--json"}
	if code := run(t.Context(), args, &stdout, &stderr); code != 0 {
		t.Fatalf("exit code %d: %s", code, &stderr)
	}
	var report sender.Report
	if err := json.Unmarshal(stdout.Bytes(), &report); err != nil {
		t.Fatalf("%v in %q", err, &stdout)
	}
	if report.Lines != 500 || report.Datagrams != 100 || report.Samples != 500 {
		t.Errorf("report = %+v, want 500 lines in 100 datagrams", report)
	}
	stdout.Reset()
	if code := run(t.Context(), args[:len(args)-1], &stdout, &stderr); code != 0 {
		t.Fatalf("exit code %d: %s", code, &stderr)
	}
	if want := "sent 500 lines (500 samples, 100 datagrams, "; !strings.HasPrefix(stdout.String(), want) {
		t.Errorf("stdout = %q, want %q at its start", &stdout, want)
	}
}

// Several sockets take turns; what is printed names the target.
func TestSockets(t *testing.T) {
	target := listen(t)
	var stdout, stderr bytes.Buffer
	args := []string{"--target", target, "--rate=0", "--duration=20ms", "--sockets=3", "--packed=1", "--json"}
	if code := run(t.Context(), args, &stdout, &stderr); code != 0 {
		t.Fatalf("exit code %d: %s", code, &stderr)
	}
	var report sender.Report
	if err := json.Unmarshal(stdout.Bytes(), &report); err != nil {
		t.Fatalf("%v in %q", err, &stdout)
	}
	if report.Sockets != 3 || report.Target != target || report.Samples <= report.Lines {
		t.Errorf("report = %+v, want 3 sockets to %s and several samples a line", report, target)
	}
}

// Help is no error, and describes each flag.
func TestHelp(t *testing.T) {
	var stdout, stderr bytes.Buffer
	code := run(t.Context(), []string{"--help"}, &stdout, &stderr)
	if code != 0 || !strings.Contains(stderr.String(), "--max-datagram") {
		t.Errorf("exit code %d, stderr %q, want 0 and the flags", code, &stderr)
	}
}

func TestNobodyListens(t *testing.T) {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	target := "udp://" + conn.LocalAddr().String()
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	args := []string{"--target", target, "--rate=5000", "--duration=50ms"}
	if code := run(t.Context(), args, &stdout, &stderr); code != 1 || !strings.Contains(stdout.String(), "nobody") {
		t.Errorf("exit code %d, stdout %q, want 1 and that nobody listened", code, &stdout)
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
	f("not a loopback address", "--target=udp://192.0.2.1:9125")
	f("series: 0", "--series=0")
	f("tags: 9", "--tags=9")
	f("lines: 0", "--lines=0")
	f("max-datagram: 65508", "--max-datagram=65508")
	f(`mix: "odd"`, "--mix=odd")
	f(`mix: "c=60,x=40"`, "--mix=c=60,x=40")
	f("rate: -1", "--rate=-1")
	f("duration: 0s", "--duration=0s")
	f("unknown flag", "--bad")
	f("unexpected argument", "udp://127.0.0.1:9125")
}
