package tap_test

import (
	"bytes"
	"context"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"weir/aggregate"
	"weir/ingest/tap"
	"weir/protocol"
)

// loop is what a loop of ingest does with its lane.
type loop struct {
	lane  *tap.Lane
	shard *aggregate.Shard
	from  tap.Peer
}

// fixture is a tap with loops that record into one registry.
type fixture struct {
	*tap.Tap

	registry *aggregate.Registry
	ctx      context.Context // of the test
	log      *bytes.Buffer
}

func newFixture(change func(*aggregate.Options)) *fixture {
	o := aggregate.DefaultOptions()
	if change != nil {
		change(&o)
	}
	registry := aggregate.New(o)
	log := &bytes.Buffer{}
	return &fixture{registry: registry, ctx: context.Background(), log: log, Tap: tap.New(tap.Options{
		Registry: registry, Tagging: aggregate.Tagging{Dialects: protocol.AllDialects},
		Programs: tap.NewPrograms(registry.Now), Log: zerolog.New(log),
	})}
}

// inBubble runs a test with a fixture in a bubble, whose time stands still while anything runs.
func inBubble(t *testing.T, change func(*aggregate.Options), run func(f *fixture)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(change)
		defer f.Close()
		f.ctx = t.Context()
		run(f)
		f.Close()
		if f.log.Len() > 0 {
			t.Errorf("the log has %s", f.log)
		}
	})
}

// pass lets time pass, and the clock of the registry tick.
func (f *fixture) pass(d time.Duration) {
	time.Sleep(d)
	f.registry.Tick(time.Now())
	synctest.Wait()
}

func (f *fixture) newLoop(transport string) *loop {
	l := &loop{lane: f.NewLane(transport), shard: f.registry.NewShard()}
	l.shard.OnCreate(func() { l.lane.Created(l.from) })
	return l
}

// take records a datagram as a loop does.
func (l *loop) take(from tap.Peer, datagram string) {
	l.from = from
	isWatched := l.lane.IsWatched()
	lines, samples := uint64(0), uint64(0)
	var d protocol.Decoder
	b := []byte(datagram)
	d.Reset(b)
	for d.Next() {
		lines++
		for m, err := d.Sample(); m != nil || err != nil; m, err = d.Sample() {
			switch {
			case err != nil:
				samples += uint64(err.Samples)
				l.lane.Rejected(from, err.Reason, err.Samples, err.Offset, d.Line())
			default:
				samples++
				if reason := l.shard.Record(m); reason != protocol.ReasonNone {
					l.lane.Rejected(from, reason, 1, 0, d.Line())
				}
			}
		}
	}
	if isWatched {
		l.lane.Take(from, "udp://127.0.0.1:9125", b, lines, samples)
	}
	l.lane.Publish()
	for i := range b { // they were borrowed
		b[i] = '!'
	}
}

func host(text string) tap.Peer { return tap.Peer{Address: netip.MustParseAddrPort(text)} }

// senders returns the counts of every sender by transport and name.
func (f *fixture) senders() map[string]tap.Counts {
	all := make(map[string]tap.Counts)
	list, _, _ := f.Senders()
	for _, c := range list {
		all[c.Transport+" "+c.Sender.String()] = c
	}
	return all
}
