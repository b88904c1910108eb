package workload_test

import (
	"strings"
	"testing"

	"weir/bench/workload"
	"weir/protocol"
)

func TestParseMix(t *testing.T) {
	f := func(text string, want workload.Mix) {
		t.Helper()
		if got, err := workload.ParseMix(text); err != nil || got != want {
			t.Errorf("ParseMix(%q) = %v, %v, want %v", text, got, err, want)
		}
	}
	f("realistic", workload.RealisticMix())
	f("every", workload.EveryKind())
	f("counters", workload.CountersOnly())
	f("c=60,ms=20,g=15,s=5", workload.RealisticMix())
	f("d=1", workload.Mix{protocol.KindDistribution: 1})
}

func TestParseMixError(t *testing.T) {
	for _, text := range []string{
		"", "odd", "c", "c=", "c=0", "c=-1", "c=1.5", "c=1000001", "c=1,", "c=1,c=2", "x=1", "=1", "C=1", "m=1", "_sc=1", "_e=1",
	} {
		if got, err := workload.ParseMix(text); err == nil || !strings.Contains(err.Error(), "mix: ") {
			t.Errorf("ParseMix(%q) = %v, %v, want an error of mix", text, got, err)
		}
	}
}
