package status

import (
	"fmt"

	"weir/expose/status/wire"
	"weir/ingest"
	"weir/protocol"
)

// Listeners returns where lines come in. bound are the addresses, o is how they are configured. What only a
// transport counts is shown for its only address; addresses that share a transport say so.
func Listeners(stats *ingest.Stats, bound []ingest.Listener, o *ingest.Options) wire.Listeners {
	shared := make(map[string]int)
	for _, l := range bound {
		shared[l.Transport]++
	}
	answer := wire.Listeners{Listeners: []wire.Listener{}}
	for _, l := range bound {
		t := stats.Transport(l.Transport)
		x := wire.Listener{
			Listener: l.Transport + "://" + l.Address, Transport: l.Transport,
			SharesLines: shared[l.Transport] > 1,
			Datagrams:   t.Ledger.Datagrams, Bytes: t.Ledger.Bytes, Lines: t.Ledger.Lines,
			Truncated: t.Ledger.DatagramsTruncated, Connections: t.Connections.Active,
		}
		for reason, n := range t.Ledger.Outcomes {
			if protocol.Reason(reason).Rejected() {
				x.Rejected += n
			}
		}
		if l.Transport == "tcp" || l.Transport == "unix" {
			x.MaxConnections = o.MaxConnections
		}
		addSockets(&x, &t, o)
		answer.Listeners = append(answer.Listeners, x)
	}
	return answer
}

// addSockets adds what the sockets of a listener say: each loop has one.
func addSockets(x *wire.Listener, t *ingest.TransportStats, o *ingest.Options) {
	smallest := 0
	for i := range t.Sockets {
		s := &t.Sockets[i]
		if s.Listener != x.Listener {
			continue
		}
		x.Sockets++
		x.QueuedBytes += uint64(s.QueuedBytes)
		x.BufferBytes += uint64(s.BufferBytes)
		x.BufferAskedBytes += uint64(o.ReceiveBuffer)
		x.KernelDrops += s.KernelDrops
		x.ReceiveErrors += s.ReceiveErrors
		if smallest == 0 || s.BufferBytes < smallest {
			smallest = s.BufferBytes
		}
	}
	switch {
	case x.KernelDrops > 0:
		x.Advice = fmt.Sprintf("the kernel dropped datagrams because the receive buffer was full: "+
			"sysctl -w net.core.rmem_max=%d", int64(o.ReceiveBuffer))
	case smallest > 0 && int64(smallest) < int64(o.ReceiveBuffer):
		x.Advice = fmt.Sprintf("the system granted less than ingest.receive_buffer: "+
			"sysctl -w net.core.rmem_max=%d", int64(o.ReceiveBuffer))
	}
}
