package status

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"weir/expose/status/wire"
	"weir/ingest"
	"weir/ingest/dgram"
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
	smallest, asked := 0, int(o.ReceiveBuffer)*dgram.BufferFactor
	for i := range t.Sockets {
		s := &t.Sockets[i]
		if s.Listener != x.Listener {
			continue
		}
		x.Sockets++
		x.QueuedBytes += uint64(s.QueuedBytes)
		x.BufferBytes += uint64(s.BufferBytes)
		x.BufferAskedBytes += uint64(asked)
		x.KernelDrops += s.KernelDrops
		x.ReceiveErrors += s.ReceiveErrors
		if smallest == 0 || s.BufferBytes < smallest {
			smallest = s.BufferBytes
		}
	}
	switch isSmall := x.Sockets > 0 && smallest < asked; {
	case x.KernelDrops > 0 && isSmall:
		x.Advice = fmt.Sprintf("the kernel dropped datagrams because the receive buffer was full: "+
			"sysctl -w net.core.rmem_max=%d", int64(o.ReceiveBuffer))
	case x.KernelDrops > 0:
		x.Advice = "the kernel dropped datagrams because the receive buffer was full: " +
			"raise ingest.receive_buffer and net.core.rmem_max, or give weir more CPU"
	case isSmall:
		x.Advice = fmt.Sprintf("the system granted less than ingest.receive_buffer: "+
			"sysctl -w net.core.rmem_max=%d", int64(o.ReceiveBuffer))
	}
}

// lineRates remember how many lines had come over each transport at the last three ticks, which are 5 s
// apart.
type lineRates struct {
	mu    sync.Mutex
	steps [3]lineCounts // the newest first; guarded by mu
}

// lineCounts are how many lines had come at one time, by transport.
type lineCounts struct {
	at    time.Time
	lines map[string]uint64
}

func (r *lineRates) add(now time.Time, stats *ingest.Stats) {
	lines := make(map[string]uint64)
	for i := range stats.Transports {
		lines[stats.Transports[i].Name] = stats.Transports[i].Ledger.Lines
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.steps = [3]lineCounts{{now, lines}, r.steps[0], r.steps[1]}
}

// of returns the lines a second that came over a transport in the last 10 s, of so many until now; nil before
// the first tick.
func (r *lineRates) of(transport string, until uint64, now time.Time) *float64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, step := range slices.Backward(r.steps[:]) {
		if took := now.Sub(step.at).Seconds(); !step.at.IsZero() && took >= 1 {
			return new(float64(until-step.lines[transport]) / took)
		}
	}
	return nil
}
