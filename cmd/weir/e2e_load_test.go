package main_test

import (
	"testing"
	"time"

	"weir/bench/load/sender"
	"weir/bench/workload"
	"weir/bench/workload/verdict"
	"weir/protocol"
)

const (
	loadLinesPerSecond = 200_000
	loadSeries         = 10_000
)

// Under load, weir received each datagram sent, or the kernel reports it as dropped, and weir recorded all
// that it received: nothing is lost in silence. Without drops, every number in the scrape is the one sent.
func (e e2e) testLoad(t *testing.T) {
	duration := 10 * time.Second
	if testing.Short() {
		duration = 2 * time.Second
	}
	t.Run("one socket", func(t *testing.T) {
		e.startWeir(t).load(t, workload.EveryKind(), 1, duration)
	})
	t.Run("many sockets", func(t *testing.T) {
		mix := workload.EveryKind()
		mix[protocol.KindGauge] = 0 // the last line wins, and which is the last nobody knows
		e.startWeir(t).load(t, mix, 8, duration/2)
	})
}

// load sends lines of a mix from so many sockets, each line once, and looks at the ledger and the numbers.
func (w *weir) load(t *testing.T, mix workload.Mix, sockets int, duration time.Duration) {
	t.Helper()
	lines := workload.New(workload.Spec{
		Seed: 1, Series: loadSeries, Tags: 3, Mix: mix, SampledShare: 0.1, PackedShare: 0.1,
	})
	var ring sender.Ring
	for ring.Lines() < uint64(duration.Seconds()*loadLinesPerSecond) {
		ring.Generate(lines, 20, 1432)
	}
	sent, err := sender.Run(t.Context(), sender.Options{
		Target: "udp://" + w.UDP, Sockets: sockets, LinesPerSecond: loadLinesPerSecond, Datagrams: uint64(ring.Len()),
	}, &ring)
	if err != nil {
		t.Fatal(err)
	}
	p := w.awaitTaken(t, int(sent.Datagrams))
	dropped := p.sum("weir_kernel_drops_total")
	t.Logf("%v; the kernel dropped %v datagrams", &sent, dropped)
	if got := p.taken(); got != float64(sent.Datagrams) {
		t.Errorf("sent %d datagrams, weir received or the kernel dropped %v", sent.Datagrams, got)
	}
	if err := p.balance(); err != nil {
		t.Error(err)
	}
	received := p.sum("weir_samples_received_total")
	if recorded := p.sum("weir_samples_recorded_total"); recorded != received {
		t.Errorf("%v samples received, but %v recorded: the lines are all good", received, recorded)
	}
	if dropped == 0 {
		w.wantAll(t, &sent, lines)
	}
}

// wantAll holds that a scrape shows everything that was sent.
func (w *weir) wantAll(t *testing.T, sent *sender.Report, lines *workload.Generator) {
	t.Helper()
	p := w.scrape(t)
	want := map[string]float64{
		`weir_series`: loadSeries, `weir_lines_received_total{transport="udp"}`: float64(sent.Lines),
		`weir_samples_recorded_total{transport="udp"}`: float64(sent.Samples),
		`weir_bytes_received_total{transport="udp"}`:   float64(sent.Bytes),
	}
	if err := p.compare(want); err != nil {
		t.Error(err)
	}
	differences := verdict.Compare(lines.Expected(), p.families)
	for _, difference := range differences[:min(len(differences), 10)] {
		t.Error(difference)
	}
	if len(differences) > 10 {
		t.Errorf("and %d more", len(differences)-10)
	}
}
