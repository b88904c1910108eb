//go:build !race

package workload_test

import (
	"testing"

	"weir/bench/workload"
)

// A generator that allocates would be measured in every benchmark that uses it.
func TestGenerateAllocatesNothing(t *testing.T) {
	g := workload.New(everything(1))
	buffer := make([]byte, 0, 4096)
	if got := testing.AllocsPerRun(5000, func() { buffer = g.AppendLine(buffer[:0]) }); got != 0 {
		t.Errorf("a line allocates %v times", got)
	}
	f := func() { buffer = g.AppendDatagram(buffer[:0], 50, 1432) }
	if got := testing.AllocsPerRun(1000, f); got != 0 {
		t.Errorf("a datagram allocates %v times", got)
	}
}
