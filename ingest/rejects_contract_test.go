//go:build !race

package ingest_test

import (
	"testing"

	"weir/ingest"
	"weir/protocol"
)

// A line that is not wanted costs no allocation.
func TestRejectAllocations(t *testing.T) {
	ring := ingest.NewRejectRing(64, func() int64 { return 1000 })
	line := []byte("a:x|c")
	for ring.Wants(protocol.ReasonBadValue, line) {
		ring.Add(ingest.Reject{Reason: protocol.ReasonBadValue}, line)
	}
	got := testing.AllocsPerRun(1000, func() {
		if ring.Wants(protocol.ReasonBadValue, line) {
			t.Error("wanted in a flood")
		}
		ring.Add(ingest.Reject{Reason: protocol.ReasonBadValue}, line) // lost the race after wants
	})
	if got != 0 {
		t.Errorf("a line that is not wanted costs %v allocations, want none", got)
	}
}
