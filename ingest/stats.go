package ingest

import (
	"slices"

	"weir/ingest/dgram"
	"weir/ingest/relay"
)

// Stats are the counts of a server.
type Stats struct {
	// Transports has an entry for every transport that weir knows, in a fixed order: a transport without an
	// address has counts of 0.
	Transports []TransportStats
	// Relay has an entry for each target of the relay.
	Relay []relay.Stats
}

// TransportStats are the counts of one transport.
type TransportStats struct {
	// Name is the transport as self-metrics and log name it: "udp", "tcp", "unixgram" or "unix".
	Name string
	// Ledger is the sum over the loops of the transport.
	Ledger Ledger
	// Sockets has an entry for each datagram socket: every loop has a socket on each address.
	Sockets []dgram.SocketStats
	// Connections are the counts of stream connections.
	Connections ConnectionStats
	// Reopened is how often a unix socket was opened again because its path was removed.
	Reopened uint64
}

// add adds the counts of a loop.
func (s *TransportStats) add(o *TransportStats) {
	s.Ledger.add(&o.Ledger)
	s.Sockets = append(s.Sockets, o.Sockets...)
	s.Connections.add(&o.Connections)
	s.Reopened += o.Reopened
}

// ConnectionStats are counts of stream connections; all but Active and UnfinishedBytes count since the start.
type ConnectionStats struct {
	// Active is how many connections are open.
	Active int64
	// Opened is how many were accepted; Refused is how many came while Options.MaxConnections were open.
	Opened, Refused uint64
	// IdleClosed were closed after Options.IdleTimeout, FramesBad because a packet was longer than
	// Options.MaxDatagram.
	IdleClosed, FramesBad uint64
	// UnfinishedBytes is how many bytes are kept of lines and packets whose end has not come yet.
	UnfinishedBytes int64
}

func (s *ConnectionStats) add(o *ConnectionStats) {
	s.Active += o.Active
	s.Opened += o.Opened
	s.Refused += o.Refused
	s.IdleClosed += o.IdleClosed
	s.FramesBad += o.FramesBad
	s.UnfinishedBytes += o.UnfinishedBytes
}

// Total returns the sum over all transports, without a name.
func (s *Stats) Total() (sum TransportStats) {
	for i := range s.Transports {
		sum.add(&s.Transports[i])
	}
	return sum
}

// Transport returns the counts of one transport; all are 0 for a name that weir does not know.
func (s *Stats) Transport(name string) TransportStats {
	i := slices.IndexFunc(s.Transports, func(t TransportStats) bool { return t.Name == name })
	if i < 0 {
		return TransportStats{Name: name}
	}
	return s.Transports[i]
}
