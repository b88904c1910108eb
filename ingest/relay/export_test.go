package relay

import (
	"context"
	"net/netip"
	"time"

	"github.com/rs/zerolog"
)

// Settings are what the tests change of a relay; a field of 0 changes nothing.
type Settings struct {
	DatagramBytes, Queue     int
	ResolveEvery, RetryAfter time.Duration
	WriteTimeout             time.Duration
	TLS                      TLS
	Lookup                   func(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// NewTest returns a relay that is not started.
func NewTest(s Settings, targets ...string) *Relay {
	if s.DatagramBytes == 0 {
		s.DatagramBytes = DefaultDatagramBytes
	}
	r := New(Options{Targets: targets, DatagramBytes: s.DatagramBytes, TLS: s.TLS}, zerolog.Nop())
	for i, t := range r.targets {
		if s.Queue != 0 {
			t = newTarget(t.url, s.Queue, &r.options, zerolog.Nop())
			r.targets[i] = t
		}
		if s.ResolveEvery != 0 {
			t.resolveEvery = s.ResolveEvery
		}
		if s.RetryAfter != 0 {
			t.retryAfter = s.RetryAfter
		}
		if s.WriteTimeout != 0 {
			t.writeTimeout = s.WriteTimeout
		}
		if s.Lookup != nil {
			t.dialer.lookup = s.Lookup
		}
	}
	return r
}

// DatagramsSent returns how many datagrams the first target sent, without an allocation.
func (r *Relay) DatagramsSent() uint64 { return r.targets[0].datagramsSent.Load() }
