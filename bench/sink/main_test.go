package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"weir/bench/process"
)

// TestMain makes the test binary the sink, too.
func TestMain(m *testing.M) {
	if os.Getenv("SINK") != "" {
		main()
	}
	os.Exit(m.Run())
}

func TestBadCommandLine(t *testing.T) {
	for _, args := range [][]string{nil, {""}, {"0"}, {"65536"}, {"x"}, {"9125", "9126"}} {
		var stdout, stderr bytes.Buffer
		code := run(args, &stdout, &stderr)
		if code != 1 || stdout.Len() > 0 || !strings.Contains(stderr.String(), errUsage.Error()) {
			t.Errorf("run %q = %d, stdout %q, stderr %q, want 1 and the usage", args, code, &stdout, &stderr)
		}
	}
}

// sinks returns the sink in Go, and the one in C where there is a compiler.
func sinks(t *testing.T) map[string]*process.Program {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("needs Linux")
	}
	all := map[string]*process.Program{"go": {Path: os.Args[0], Env: []string{"SINK=yes"}}}
	if compiler, err := exec.LookPath("cc"); err == nil {
		path := filepath.Join(t.TempDir(), "sink")
		if output, err := exec.Command(compiler, "-O2", "-o", path, "c/sink.c").CombinedOutput(); err != nil {
			t.Fatalf("compile c/sink.c: %v\n%s", err, output)
		}
		all["c"] = &process.Program{Path: path}
	}
	for _, program := range all {
		program.Args = func(at process.Addresses) ([]string, error) {
			return []string{strconv.Itoa(process.Port(at.UDP))}, nil
		}
		program.Ready = func(ctx context.Context, p *process.Process) error {
			return p.AwaitLine(ctx, func(line string) bool { return line == "ready" })
		}
	}
	return all
}

// A sink counts every datagram, empty and largest ones included, says so when asked, and ends with SIGTERM.
func TestCounts(t *testing.T) {
	for name, program := range sinks(t) {
		t.Run(name, func(t *testing.T) {
			p := process.Start(t, program)
			conn, err := net.Dial("udp", p.UDP)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			datagrams, bytes := 0, 0
			f := func(sizes ...int) {
				t.Helper()
				for _, size := range sizes {
					if _, err := conn.Write(make([]byte, size)); err != nil {
						t.Fatal(err)
					}
					datagrams, bytes = datagrams+1, bytes+size
				}
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
				defer cancel()
				want := fmt.Sprintf("%d %d", datagrams, bytes)
				if err := p.Poll(ctx, func(ctx context.Context) error { return ask(ctx, p, want) }); err != nil {
					t.Error(err)
				}
			}
			f()
			f(1)
			f(0, 65_507, 0)
			f(10, 20, 30, 40)
			if err := p.Stop(); err == nil || err.Error() != "signal: terminated" {
				t.Errorf("after SIGTERM: %v, want it to end by that", err)
			}
		})
	}
}

// ask asks a sink what it has taken. It is an error when that is not what is wanted.
func ask(ctx context.Context, p *process.Process, want string) error {
	p.SkipLog()
	if err := p.Signal(syscall.SIGUSR1); err != nil {
		return err
	}
	got := ""
	if err := p.AwaitLine(ctx, func(line string) bool { got = line; return true }); err != nil {
		return err
	}
	if got != want {
		return fmt.Errorf("the sink took %s, want %s", got, want)
	}
	return nil
}

// A port that another program has is an error that names it.
func TestPortInUse(t *testing.T) {
	for name, program := range sinks(t) {
		t.Run(name, func(t *testing.T) {
			first := process.Start(t, program)
			second := *program
			second.Args = func(process.Addresses) ([]string, error) { return program.Args(first.Addresses) }
			if _, err := second.Start(t.Context()); err == nil || !strings.Contains(err.Error(), "already in use") {
				t.Errorf("start on the port of another sink: %v, want that it is in use", err)
			}
		})
	}
}
