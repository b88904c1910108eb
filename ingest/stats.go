package ingest

// Stats are the counts of a server.
type Stats struct {
	// UDP and TCP are the ledgers of the transports, of all loops together.
	UDP, TCP Ledger
	// Sockets has an entry for each UDP socket: a loop has one on each address.
	Sockets []SocketStats
	// Relay has an entry for each target of the relay.
	Relay []RelayStats
	// ConnectionsActive is how many stream connections there are; ConnectionsOpened, ConnectionsRefused
	// (over the cap) and ConnectionsIdleClosed count them since the start.
	ConnectionsActive                                            int64
	ConnectionsOpened, ConnectionsRefused, ConnectionsIdleClosed uint64
}

// SocketStats are the counts of one UDP socket.
type SocketStats struct {
	// Listener is the address, like "udp://127.0.0.1:9125".
	Listener string
	// KernelDrops is how many datagrams the kernel dropped because the receive buffer was full; 0 where the
	// system does not tell (anything but Linux).
	KernelDrops uint64
	// QueuedBytes is how much of the kernel's memory holds datagrams that wait, BufferBytes how much there
	// is.
	QueuedBytes, BufferBytes int
	// ReceiveErrors is how often reading failed.
	ReceiveErrors uint64
}

// Stats returns the counts now. It may be called from any goroutine once Start has returned, also after
// Close.
func (s *Server) Stats() Stats {
	var stats Stats
	for _, loop := range s.udp {
		ledger := loop.in.published.load()
		stats.UDP.add(&ledger)
		for _, socket := range loop.sockets {
			drops, queued := socket.account()
			stats.Sockets = append(stats.Sockets, SocketStats{
				Listener:      socket.listener,
				KernelDrops:   drops,
				QueuedBytes:   queued,
				BufferBytes:   socket.granted,
				ReceiveErrors: socket.receiveErrors.Load(),
			})
		}
	}
	if s.relay != nil {
		stats.Relay = s.relay.stats()
	}
	if s.tcp != nil {
		stats.TCP = s.tcp.in.published.load()
		stats.ConnectionsActive = s.tcp.active.Load()
		stats.ConnectionsOpened = s.tcp.opened.Load()
		stats.ConnectionsRefused = s.tcp.refused.Load()
		stats.ConnectionsIdleClosed = s.tcp.idleClosed.Load()
	}
	return stats
}
