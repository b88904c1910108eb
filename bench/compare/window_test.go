package main

import (
	"math"
	"testing"
	"time"

	"weir/bench/load/sender"
)

func TestLost(t *testing.T) {
	f := func(before, after tally, want float64) {
		t.Helper()
		sent := sender.Report{Lines: 1000, Datagrams: 100}
		if got := lost(&sent, before, after); got != want {
			t.Errorf("lost of %+v and %+v = %v, want %v", before, after, got, want)
		}
	}
	f(tally{7, 70}, tally{107, 1070}, 0)
	f(tally{7, 70}, tally{106, 1060}, 10)
	f(tally{7, 0}, tally{107, 0}, 0)
	f(tally{7, 0}, tally{97, 0}, 100) // ten datagrams of ten lines
	f(tally{0, 0}, tally{0, 0}, 1000)
	f(tally{0, 0}, tally{101, 1001}, -1) // it took what was not sent: not none lost
}

func TestCPUPerMillion(t *testing.T) {
	w := window{sent: sender.Report{Lines: 2_000_000}, cpu: time.Second}
	if got := w.cpuPerMillion(); got != 0.5 {
		t.Errorf("CPU of a million lines = %v, want 0.5", got)
	}
	if w.lost = 1_000_000; w.cpuPerMillion() != 1 {
		t.Errorf("CPU of a million lines taken = %v, want 1", w.cpuPerMillion())
	}
	if w.lost = 2_000_000; !math.IsNaN(w.cpuPerMillion()) {
		t.Errorf("CPU of a million lines when none was taken = %v, want none", w.cpuPerMillion())
	}
}

func TestParseNull(t *testing.T) {
	if got, err := parseNull("30 40"); err != nil || got != (tally{datagrams: 30}) {
		t.Errorf("parseNull = %+v, %v, want 30 datagrams", got, err)
	}
	if got, err := parseNull("ready"); err == nil {
		t.Errorf("parseNull of no counts = %+v, want an error", got)
	}
}

func TestParseNode(t *testing.T) {
	text := "{\n  'statsd.bad_lines_seen': 1,\n  'statsd.packets_received': 20,\n  'statsd.metrics_received': 300,\n  a: 4\n}\n\n"
	if got, err := parseNode(text); err != nil || got != (tally{20, 300}) {
		t.Errorf("parseNode = %+v, %v, want 20 and 300", got, err)
	}
	if got, err := parseNode("ERROR\n"); err == nil {
		t.Errorf("parseNode of no counts = %+v, want an error", got)
	}
}

func TestProbeNumber(t *testing.T) {
	f := func(line string, want int, is bool) {
		t.Helper()
		if got, ok := probeNumber([]byte(line)); ok != is || got != want {
			t.Errorf("probeNumber(%q) = %d, %t, want %d, %t", line, got, ok, want, is)
		}
	}
	f("bench.probe:12|g", 12, true)
	f("bench.probe:|g", 0, false)
	f("bench.probes:12|g", 0, false)
	f("", 0, false)
}

func TestMedian(t *testing.T) {
	f := func(want int, values ...int) {
		t.Helper()
		if got := median(values); got != want {
			t.Errorf("median(%v) = %d, want %d", values, got, want)
		}
	}
	f(7, 7)
	f(1, 2, 1)
	f(2, 3, 1, 2)
	f(2, 4, 3, 2, 1)
}
