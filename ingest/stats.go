package ingest

import (
	"weir/ingest/dgram"
	"weir/ingest/relay"
)

// Stats are the counts of a server.
type Stats struct {
	// UDP, TCP, Unixgram and Unix are the ledgers of the transports, of all loops together.
	UDP, TCP, Unixgram, Unix Ledger
	// Sockets has an entry for each datagram socket: a loop has one on each address.
	Sockets []dgram.SocketStats
	// Relay has an entry for each target of the relay.
	Relay []relay.Stats
	// ConnectionsActive is how many stream connections there are; ConnectionsOpened, ConnectionsRefused
	// (over the cap) and ConnectionsIdleClosed count them since the start.
	ConnectionsActive                                            int64
	ConnectionsOpened, ConnectionsRefused, ConnectionsIdleClosed uint64
	// FramesBad counts the connections closed because a packet's length was beyond Options.MaxDatagram.
	FramesBad uint64
}

// Each calls yield with every transport and its ledger.
func (s *Stats) Each(yield func(transport string, l *Ledger)) {
	yield("udp", &s.UDP)
	yield("tcp", &s.TCP)
	yield("unixgram", &s.Unixgram)
	yield("unix", &s.Unix)
}

// Total returns the sum of the ledgers.
func (s *Stats) Total() (sum Ledger) {
	s.Each(func(_ string, l *Ledger) { sum.add(l) })
	return sum
}

// Stats returns the counts now. It may be called from any goroutine once Start has returned, also after
// Close.
func (s *Server) Stats() Stats {
	var stats Stats
	for _, loop := range s.udp {
		stats.addDrainer(&stats.UDP, &loop.drainer)
	}
	if s.unixgram != nil {
		stats.addDrainer(&stats.Unixgram, &s.unixgram.drainer)
	}
	for _, loop := range s.streams {
		into := &stats.TCP
		if loop.network == "unix" {
			into = &stats.Unix
		}
		ledger := loop.in.published.load()
		into.add(&ledger)
		stats.ConnectionsOpened += loop.opened.Load()
		stats.ConnectionsRefused += loop.refused.Load()
		stats.ConnectionsIdleClosed += loop.idleClosed.Load()
		stats.FramesBad += loop.badFrames.Load()
	}
	if s.shared != nil {
		stats.ConnectionsActive = s.shared.active.Load()
	}
	if s.relay != nil {
		stats.Relay = s.relay.Stats()
	}
	return stats
}

func (s *Stats) addDrainer(into *Ledger, d *drainer) {
	ledger := d.in.published.load()
	into.add(&ledger)
	for _, socket := range d.sockets {
		s.Sockets = append(s.Sockets, socket.Stats())
	}
}
