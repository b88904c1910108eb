package tap

import (
	"net/netip"
	"strconv"
)

// Peer is where bytes came from: an address, or a process in case of unix sockets. The zero Peer is not
// known.
type Peer struct {
	// Address is that of a sender over UDP or TCP, otherwise the zero AddrPort.
	Address netip.AddrPort
	// PID is the process that sent over a unix socket, otherwise 0.
	PID int32
}

// Sender returns what is counted of a peer: it has no port.
func (p Peer) Sender() Sender { return Sender{Address: p.Address.Addr().Unmap(), PID: p.PID} }

// String returns the peer like "127.0.0.1:4711" or "pid 4711"; empty when it is not known.
func (p Peer) String() string {
	if p.Address.IsValid() {
		return netip.AddrPortFrom(p.Address.Addr().Unmap(), p.Address.Port()).String()
	}
	return p.Sender().String()
}

// Sender is a host or a process that sends lines. The zero Sender is not known.
type Sender struct {
	// Address is that of a sender over UDP or TCP, otherwise the zero Addr.
	Address netip.Addr
	// PID is the process that sends over a unix socket, otherwise 0.
	PID int32
}

// String returns the sender like "127.0.0.1" or "pid 4711"; empty when it is not known.
func (s Sender) String() string {
	switch {
	case s.Address.IsValid():
		return s.Address.String()
	case s.PID != 0:
		return "pid " + strconv.Itoa(int(s.PID))
	default:
		return ""
	}
}
