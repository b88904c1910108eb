package listen_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"weir/internal/listen"
)

// The error of an address that is taken names the process that has it, by whatever address it has it.
func TestErrorNamesHolder(t *testing.T) {
	self := fmt.Sprintf("listen.test (process %d)", os.Getpid())
	f := func(network, address, want string) {
		t.Helper()
		err := listen.NewError(network, address, "some.key", os.NewSyscallError("bind", syscall.EADDRINUSE))
		if err.Holder != want {
			t.Errorf("the holder of %s %s is %q, want %q", network, address, err.Holder, want)
		}
		says := want + " has it: stop that process, or give another"
		if want == "" {
			says = "no process has it any more: try again, or give another"
		}
		if !strings.Contains(err.Error(), ": "+says) {
			t.Errorf("the error is %v", err)
		}
	}
	taken := func(network, address string) (port string) {
		t.Helper()
		var at net.Addr
		if network == "udp" {
			c, err := net.ListenPacket("udp", address)
			if err != nil {
				t.Skip(err)
			}
			t.Cleanup(func() { c.Close() })
			at = c.LocalAddr()
		} else {
			l, err := net.Listen("tcp", address)
			if err != nil {
				t.Skip(err)
			}
			t.Cleanup(func() { l.Close() })
			at = l.Addr()
		}
		_, port, err := net.SplitHostPort(at.String())
		if err != nil {
			t.Fatal(err)
		}
		return port
	}
	for _, network := range []string{"udp", "tcp"} {
		port := taken(network, "127.0.0.1:0")
		f(network, "127.0.0.1:"+port, self)
		f(network, ":"+port, self)
		f(network, "localhost:"+port, self)
		f(network, "127.0.0.2:"+port, "")
		port = taken(network, ":0")
		f(network, "127.0.0.1:"+port, self)
		f(network, "[::1]:"+port, self)
		port = taken(network, "[::1]:0")
		f(network, "[::1]:"+port, self)
	}
	f("http", "127.0.0.1:"+taken("tcp", "127.0.0.1:0"), self)

	path := filepath.Join(t.TempDir(), "s")
	c, err := net.ListenPacket("unixgram", path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	f("unixgram", path, self)
	f("unix", path+"x", "")
}

// A socket of this process whose path was removed does not hide the process that has the path now.
func TestErrorNamesOtherHolder(t *testing.T) {
	const pathKey = "LISTEN_TEST_PATH"
	if path := os.Getenv(pathKey); path != "" { // the other process
		if _, err := net.ListenPacket("unixgram", path); err != nil {
			t.Fatal(err)
		}
		_, _ = os.Stdout.WriteString("ready\n")
		_, _ = io.Copy(io.Discard, os.Stdin) // until the test ends it
		return
	}
	path := filepath.Join(t.TempDir(), "s")
	c, err := net.ListenPacket("unixgram", path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	other := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestErrorNamesOtherHolder$")
	other.Env = append(os.Environ(), pathKey+"="+path)
	stdin, stdinErr := other.StdinPipe()
	stdout, stdoutErr := other.StdoutPipe()
	if err := errors.Join(stdinErr, stdoutErr, other.Start()); err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = stdin.Close(), other.Wait() }()
	if line, err := bufio.NewReader(stdout).ReadString('\n'); line != "ready\n" {
		t.Fatalf("%q, %v", line, err)
	}
	found := listen.NewError("unixgram", path, "some.key", os.NewSyscallError("bind", syscall.EADDRINUSE))
	if want := fmt.Sprintf("listen.test (process %d)", other.Process.Pid); found.Holder != want {
		t.Errorf("the holder is %q, want %q", found.Holder, want)
	}
}

// A connection to a port keeps nobody from listening there, and is not its holder.
func TestConnectionsHoldNothing(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	accepted, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer accepted.Close()
	l.Close()
	got := listen.NewError("tcp", l.Addr().String(), "some.key", syscall.EADDRINUSE)
	if got.Holder != "" {
		t.Errorf("the holder is %q, but nobody listens", got.Holder)
	}
}
