package listen

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
)

// Error says that an address cannot be listened on, why, and what to do.
type Error struct {
	// Network is the kind of socket, like "udp", "http" or "unixgram". A network that begins with "unix"
	// has paths, any other has addresses.
	Network string
	// Address is the address or path as configured.
	Address string
	// Key is the configuration key that holds the address, like "ingest.udp".
	Key string
	// Advice is what to do besides giving another address; when empty, Error derives it from Err.
	Advice string
	// Holder is the program that has the address, like "weir (process 4711)"; empty when it is not known.
	Holder string
	// Err is the cause. Of a *net.OpError only the cause is shown: it repeats the address.
	Err error
}

// NewError returns the error of a socket of network that cannot listen at address, which the configuration
// has under key. If another process has the address, it finds out which.
func NewError(network, address, key string, err error) *Error {
	e := &Error{Network: network, Address: address, Key: key, Err: err}
	if !errors.Is(err, syscall.EADDRINUSE) {
		return e
	}
	process, isFree := holder(network, address)
	if e.Holder = process; isFree {
		e.Advice = "no process has it any more: try again"
	}
	return e
}

// Error returns one line: the network, the address, the cause and what to do.
func (e *Error) Error() string {
	cause := e.Err
	if op, ok := errors.AsType[*net.OpError](cause); ok {
		cause = op.Err
	}
	return fmt.Sprintf("listen on %s %s: %v: %s", e.Network, e.Address, cause, e.advice())
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

func (e *Error) advice() string {
	isPath := strings.HasPrefix(e.Network, "unix")
	another := "give another address in " + e.Key
	if isPath {
		another = "give another path in " + e.Key
	}
	if e.Advice != "" {
		return e.Advice + ", or " + another
	}
	_, isDNS := errors.AsType[*net.DNSError](e.Err)
	switch {
	case errors.Is(e.Err, syscall.EADDRINUSE):
		return cmp.Or(e.Holder, "another process") + " has it: stop that process, or " + another
	case isPath:
		return another
	case errors.Is(e.Err, os.ErrPermission):
		return "ports below 1024 need CAP_NET_BIND_SERVICE: " + another
	case errors.Is(e.Err, syscall.EADDRNOTAVAIL):
		return "this machine does not have that address: " + another
	case isDNS:
		return "the host cannot be resolved: " + another
	default:
		return another
	}
}
