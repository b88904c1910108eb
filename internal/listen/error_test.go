package listen_test

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"weir/internal/listen"
)

func ExampleError() {
	cause := &net.OpError{Op: "listen", Net: "tcp", Err: os.NewSyscallError("bind", syscall.EADDRINUSE)}
	err := error(&listen.Error{Network: "tcp", Address: "127.0.0.1:9125", Key: "ingest.tcp", Err: cause})
	fmt.Println(strings.ReplaceAll(err.Error(), ": ", ":\n  "))
	fmt.Println(errors.Is(err, syscall.EADDRINUSE))
	// Output:
	// listen on tcp 127.0.0.1:9125:
	//   bind:
	//   address already in use:
	//   another process has it:
	//   stop that process, or give another address in ingest.tcp
	// true
}

// An error names the address, the cause, the key, and what to do.
func TestErrorAdvises(t *testing.T) {
	f := func(network string, cause error, advice string) {
		t.Helper()
		err := &listen.Error{
			Network: network, Address: "some:1", Key: "endpoint.listen", Err: &net.OpError{Op: "listen", Err: cause},
		}
		for _, want := range []string{"listen on " + network + " some:1: " + cause.Error() + ": ", "endpoint.listen", advice} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("error of %v = %q, want it to contain %q", cause, err, want)
			}
		}
		if !errors.Is(err, cause) {
			t.Errorf("%q does not wrap its cause", err)
		}
	}
	f("http", os.NewSyscallError("bind", syscall.EADDRINUSE), "stop that process, or give another address in")
	f("udp", os.NewSyscallError("bind", syscall.EACCES), "CAP_NET_BIND_SERVICE: give another address in")
	f("tcp", os.NewSyscallError("bind", syscall.EADDRNOTAVAIL), "does not have that address: give another")
	f("http", &net.DNSError{Err: "no such host", Name: "some"}, "cannot be resolved: give another")
	f("http", errors.New("odd"), "odd: give another address in")
	f("unix", os.NewSyscallError("bind", syscall.EADDRINUSE), "stop that process, or give another path in")
	f("unixgram", fs.ErrPermission, "permission denied: give another path in") // a path has no port
}

// Advice of the caller comes before the one that always helps.
func TestErrorAdviceOfCaller(t *testing.T) {
	err := &listen.Error{
		Network: "unix", Address: "/run/weir", Key: "ingest.unix", Advice: "remove it", Err: errors.New("a file is there"),
	}
	const want = "listen on unix /run/weir: a file is there: remove it, or give another path in ingest.unix"
	if err.Error() != want {
		t.Errorf("Error() = %q, want %q", err, want)
	}
}
