package ingest_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"weir/aggregate"
	"weir/ingest"
	"weir/ingest/dgram"
	"weir/protocol"
)

// A fifth transport is one file (here fifth_export_test.go) and one row of the table: the server starts,
// counts, drains and stops it like the others, without knowing it.
func TestFifthTransport(t *testing.T) {
	o := ingest.DefaultOptions()
	o.UDP, o.TCP, o.Loops = []string{"127.0.0.1:0"}, nil, 1
	fifth := &ingest.Fifth{Waiting: []string{"queued:1|c"}}
	registry := aggregate.New(aggregate.DefaultOptions())
	s := ingest.NewServerWithFifth(fifth, o, registry, zerolog.Nop())
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	fifth.Take("a:1|c\nbad")
	want := ingest.Listener{Transport: "fifth", Address: "memory"}
	if got := s.Listeners(); len(got) != 2 || got[1] != want {
		t.Errorf("listeners %v, want one of UDP and %v", got, want)
	}
	stop(t, s)

	if got := strings.Join(fifth.Calls, " "); got != "start stop drain" {
		t.Errorf("calls %s, want start stop drain", got)
	}
	if got := totals(registry); got["a"] != 1 || got["queued"] != 1 {
		t.Errorf("totals %v, want both datagrams", got)
	}
	stats := s.Stats()
	var names []string
	for i := range stats.Transports {
		names = append(names, stats.Transports[i].Name)
	}
	if got := strings.Join(names, " "); got != "udp tcp unixgram unix fifth" {
		t.Errorf("transports %s, want the fifth last", got)
	}
	for _, got := range []ingest.TransportStats{stats.Transport("fifth"), stats.Total()} {
		balanced(t, got.Ledger)
		if got.Ledger.Datagrams != 2 || got.Ledger.Lines != 3 || got.Connections.Opened != 2 {
			t.Errorf("stats %+v, want 2 datagrams with 3 lines, 2 connections", got)
		}
		if i := slices.IndexFunc(got.Sockets, func(s dgram.SocketStats) bool { return s.KernelDrops == 7 }); i < 0 {
			t.Errorf("sockets %+v, want the one of the fifth transport", got.Sockets)
		}
	}
	if r := s.Rejects(); len(r) != 1 || r[0].Listener != "fifth://memory" || r[0].Reason != protocol.ReasonMalformedLine {
		t.Errorf("rejects %+v, want the bad line", r)
	}
}

// Probe names everything that is in the way of a start, and leaves nothing open or removed.
func TestProbe(t *testing.T) {
	gram, stream := socketPath(t, "gram"), socketPath(t, "stream")
	first, _ := start(t, func(o *ingest.Options) { o.Unixgram, o.Unix = gram, stream })
	udp, tcp := addresses(first, "udp")[0].String(), addresses(first, "tcp")[0].String()
	o := ingest.DefaultOptions()
	o.UDP, o.TCP, o.Unixgram, o.Unix = []string{udp}, []string{"127.0.0.1:0", tcp}, gram, stream
	fifth := &ingest.Fifth{ProbeError: errors.New("no memory")}
	s := ingest.NewServerWithFifth(fifth, o, aggregate.New(aggregate.DefaultOptions()), zerolog.Nop())
	err := s.Probe()
	if err == nil {
		t.Fatal("nothing is in the way of a second server")
	}
	want := []string{"listen on udp " + udp, "listen on tcp " + tcp, "listen on unixgram " + gram, "listen on unix " + stream, "no memory"}
	got := strings.Split(err.Error(), "\n")
	if len(got) != len(want) {
		t.Fatalf("the error is %v, want a line for each of %q", err, want)
	}
	for i := range want {
		if !strings.HasPrefix(got[i], want[i]) {
			t.Errorf("line %d of the error is %q, want %q", i, got[i], want[i])
		}
	}
	stop(t, first)
	fifth.ProbeError = nil
	for range 2 {
		if err := s.Probe(); err != nil {
			t.Errorf("after the first server has ended: %v", err)
		}
	}
}

// When a transport cannot start, everything that was opened before is closed.
func TestTransportCannotStart(t *testing.T) {
	path := socketPath(t, "gram")
	o := ingest.DefaultOptions()
	o.UDP, o.TCP, o.Unixgram = nil, nil, path
	fifth := &ingest.Fifth{Err: errors.New("no memory")}
	s := ingest.NewServerWithFifth(fifth, o, aggregate.New(aggregate.DefaultOptions()), zerolog.Nop())
	if err := s.Start(); !errors.Is(err, fifth.Err) {
		t.Errorf("Start() = %v, want %v", err, fifth.Err)
	}
	if got := fmt.Sprint(fifth.Calls); got != "[start stop drain]" {
		t.Errorf("calls %s, want start stop drain", got)
	}
	again, _ := start(t, func(with *ingest.Options) { *with = o }) // the path is free
	stop(t, again)
}

// A server that was never started has every transport, with nothing counted.
func TestStatsBeforeStart(t *testing.T) {
	s := ingest.NewServer(ingest.DefaultOptions(), aggregate.New(aggregate.DefaultOptions()), zerolog.Nop())
	stats := s.Stats()
	if got := stats.Total(); got.Ledger != (ingest.Ledger{}) || len(stats.Transports) != 4 {
		t.Errorf("stats %+v, want four transports without counts", stats)
	}
	if got := stats.Transport("carrier pigeon"); got.Name != "carrier pigeon" || got.Ledger.Lines != 0 {
		t.Errorf("stats of an unknown transport: %+v", got)
	}
	if got := s.Listeners(); len(got) != 0 {
		t.Errorf("listeners %v, want none", got)
	}
}
