package ingest

import (
	"context"
	"net/netip"
	"time"

	"github.com/rs/zerolog"
)

// ValidRelayTarget is validRelayTarget.
var ValidRelayTarget = validRelayTarget

// Relay is relay, for its unit tests.
type Relay struct{ r *relay }

// RelaySettings are what the tests change of a relay; a field of 0 changes nothing.
type RelaySettings struct {
	DatagramBytes, Queue       int
	ResolveEvery, ResolveApart time.Duration
	Lookup                     func(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// NewRelay returns a relay that is not started.
func NewRelay(s RelaySettings, targets ...string) *Relay {
	if s.DatagramBytes == 0 {
		s.DatagramBytes = relayDatagram
	}
	r := newRelay(targets, s.DatagramBytes, zerolog.Nop())
	for i, t := range r.targets {
		if s.Queue != 0 {
			t = newRelayTarget(t.target, s.Queue, s.DatagramBytes, zerolog.Nop())
			r.targets[i] = t
		}
		if s.ResolveEvery != 0 {
			t.resolveEvery = s.ResolveEvery
		}
		if s.ResolveApart != 0 {
			t.resolveApart = s.ResolveApart
		}
		if s.Lookup != nil {
			t.lookup = s.Lookup
		}
	}
	return &Relay{r}
}

// Start calls start.
func (r *Relay) Start() { r.r.start() }

// Close calls close.
func (r *Relay) Close(ctx context.Context) { r.r.close(ctx) }

// Stats calls stats.
func (r *Relay) Stats() []RelayStats { return r.r.stats() }

// DatagramsSent returns how many datagrams the first target sent, without an allocation.
func (r *Relay) DatagramsSent() uint64 { return r.r.targets[0].datagramsSent.Load() }

// RelayBuffer is relayBuffer, for its unit tests.
type RelayBuffer struct{ b *relayBuffer }

// NewBuffer calls newBuffer.
func (r *Relay) NewBuffer() *RelayBuffer { return &RelayBuffer{r.r.newBuffer()} }

// Line calls line.
func (b *RelayBuffer) Line(line []byte) { b.b.line(line) }

// Flush calls flush.
func (b *RelayBuffer) Flush() { b.b.flush() }
