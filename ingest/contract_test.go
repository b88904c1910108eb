//go:build !race

package ingest_test

import (
	"testing"

	"weir/aggregate"
	"weir/bench/workload"
	"weir/ingest"
)

// A known series costs no allocation from the socket's bytes to the cell: every kind, in every dialect, for
// every observer, with sample rates and several values a line.
func TestDatagramAllocatesNothing(t *testing.T) {
	f := func(dialect workload.Dialect, observer string) {
		t.Helper()
		datagram := workload.New(workload.Spec{
			Seed: 1, Series: 50, Tags: 3, Mix: workload.EveryKind(), SampledShare: 0.2, PackedShare: 0.2, Dialect: dialect,
		}).AppendDatagram(nil, 200, 1<<16)
		o := aggregate.DefaultOptions()
		o.Timers.Observer = observer
		take, count := ingest.NewTaker(aggregate.New(o))
		take(datagram)
		if got := testing.AllocsPerRun(20, func() { take(datagram) }); got != 0 {
			t.Errorf("%v, %s: a datagram of series that are known allocates %v times", dialect, observer, got)
		}
		if samples, recorded := count(); samples != recorded || samples == 0 {
			t.Errorf("%v, %s: %d of %d samples were recorded", dialect, observer, recorded, samples)
		}
	}
	for dialect := range workload.NumDialects {
		for _, observer := range []string{
			aggregate.ObserverHistogram, aggregate.ObserverNative, aggregate.ObserverBoth, aggregate.ObserverSummary,
		} {
			f(dialect, observer)
		}
	}
}

// Events and service checks cost no allocation, either.
func TestSpecialAllocatesNothing(t *testing.T) {
	take, count := ingest.NewTaker(aggregate.New(aggregate.DefaultOptions()))
	datagram := []byte("_e{5,4}:title|text|t:error|p:low|#a:b\n_sc|name|2|h:x|#a:b|m:message\ng:+1|g\n")
	take(datagram)
	if got := testing.AllocsPerRun(20, func() { take(datagram) }); got != 0 {
		t.Errorf("an event, a check and a move of a gauge allocate %v times", got)
	}
	if samples, recorded := count(); samples != recorded || samples == 0 {
		t.Errorf("%d of %d samples were recorded", recorded, samples)
	}
}
