package main

import (
	"encoding/json"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"weir/bench/process"
)

// A target that cannot be started, or fails, is reported with its name and its log.
func TestInstanceFails(t *testing.T) {
	target := doubles(t)[nameWeir]
	program := *target.program
	target.program = &program
	broken := errors.New("broken")
	err := with(t.Context(), target, anyCore, func(*instance) error { return broken })
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), "weir: broken; its log:\n{\"message\":\"ready\"") {
		t.Errorf("with = %v, want %v, and the log", err, broken)
	}
	program.Path = filepath.Join(t.TempDir(), "missing")
	err = with(t.Context(), target, anyCore, func(*instance) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "weir: start missing: ") {
		t.Errorf("with = %v, want that it does not start", err)
	}
}

// A target on one core has GOMAXPROCS=1, and the program that it is made of has not.
func TestOneCore(t *testing.T) {
	target := doubles(t)[nameWeir]
	usable, err := cores()
	if err != nil {
		t.Fatal(err)
	}
	i, err := start(t.Context(), target, usable[0])
	if err != nil {
		t.Fatal(err)
	}
	environment, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(i.PID()), "environ"))
	if err != nil || string(environment) != "GOMAXPROCS=1\x00" {
		t.Errorf("the environment is %q, %v, want GOMAXPROCS=1", environment, err)
	}
	if err := i.Stop(); err != nil {
		t.Error(err)
	}
	if target.program.Env != nil || target.program.Around != nil {
		t.Error("the target was changed")
	}
}

// onCore leaves the thread as it found it, whatever it calls.
func TestOnCore(t *testing.T) {
	needLinux(t)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before, err := cores()
	if err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	err = onCore(before[0], func() error {
		if during, err := cores(); err != nil || !slices.Equal(during, before[:1]) {
			t.Errorf("on core %d it may use %v, %v", before[0], during, err)
		}
		return broken
	})
	if !errors.Is(err, broken) {
		t.Errorf("onCore = %v, want %v", err, broken)
	}
	if after, err := cores(); err != nil || !slices.Equal(after, before) {
		t.Errorf("after onCore it may use %v, %v, want %v", after, err, before)
	}
	if err := onCore(1<<10-1, func() error { return nil }); err == nil {
		t.Error("a core that is not there is no error")
	}
}

// The statsd of npm gets its addresses by a file, beside the program.
func TestNodeArgs(t *testing.T) {
	directory := t.TempDir()
	args, err := nodeArgs(directory, process.Addresses{UDP: "127.0.0.1:8125", TCP: "127.0.0.1:8126"})
	want := []string{filepath.Join(directory, "node_modules", "statsd", "stats.js"), filepath.Join(directory, "config.js")}
	if err != nil || !slices.Equal(args, want) {
		t.Fatalf("args = %q, %v, want %q", args, err, want)
	}
	text, err := os.ReadFile(args[1])
	if err != nil {
		t.Fatal(err)
	}
	var c map[string]any
	if err := json.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]any{
		"address": "127.0.0.1", "port": 8125.0, "mgmt_address": "127.0.0.1", "mgmt_port": 8126.0, "flushInterval": 3.6e6,
	} {
		if c[key] != want {
			t.Errorf("%s = %v, want %v", key, c[key], want)
		}
	}
}

// A management interface that is not there, or hangs up, is an error.
func TestCountNodeFails(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	go func() { // ends with the listener
		for c, err := listener.Accept(); err == nil; c, err = listener.Accept() {
			_ = c.Close()
		}
	}()
	if got, err := countNode(t.Context(), address); err == nil {
		t.Errorf("count of what hangs up = %+v, want an error", got)
	}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	if got, err := countNode(t.Context(), address); err == nil {
		t.Errorf("count of what is not there = %+v, want an error", got)
	}
}

// The error of a command has the command, and what it wrote.
func TestOutput(t *testing.T) {
	needLinux(t)
	if got, err := output(exec.Command("sh", "-c", "echo a; echo b >&2")); err != nil || string(got) != "a\n" {
		t.Errorf("output = %q, %v, want a", got, err)
	}
	_, err := output(exec.Command("sh", "-c", "echo what is wrong >&2; exit 3"))
	if want := "sh -c echo what is wrong >&2; exit 3: exit status 3: what is wrong"; err == nil || err.Error() != want {
		t.Errorf("output = %v, want %q", err, want)
	}
}
