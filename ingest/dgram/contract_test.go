//go:build !race

package dgram_test

import (
	"testing"

	"weir/ingest/dgram"
)

// Receiving costs no allocation, however much waits.
func TestReceiveAllocations(t *testing.T) {
	server, client := pair()
	defer client.Close()
	defer server.Close()
	batch, payload := dgram.NewBatch(512, false), []byte("a:1|c")
	received := 0
	got := testing.AllocsPerRun(100, func() {
		for range 10 {
			if _, err := client.Write(payload); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 {
			n, err := server.Receive(batch)
			if err != nil {
				t.Fatal(err)
			}
			for i := range n {
				datagram, _ := batch.Datagram(i)
				received += len(datagram)
			}
		}
	})
	if got != 0 || received == 0 {
		t.Errorf("receiving %d bytes costs %v allocations a run, want none", received, got)
	}
}
