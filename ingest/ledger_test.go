package ingest_test

import (
	"reflect"
	"sync"
	"testing"

	"weir/ingest"
	"weir/protocol"
)

// Sums and snapshots of a ledger take it for an array of uint64.
func TestLedgerIsMadeOfCounts(t *testing.T) {
	counts := uintptr(0)
	var look func(name string, of reflect.Type)
	look = func(name string, of reflect.Type) {
		switch of.Kind() {
		case reflect.Uint64:
			counts++
		case reflect.Array:
			for range of.Len() {
				look(name, of.Elem())
			}
		default:
			t.Errorf("%s is made of %v, want uint64", name, of)
		}
	}
	ledger := reflect.TypeFor[ingest.Ledger]()
	for field := range ledger.Fields() {
		look(field.Name, field.Type)
	}
	if want := ledger.Size() / reflect.TypeFor[uint64]().Size(); counts != want || want != ingest.LedgerWords {
		t.Errorf("%d counts in %d words, LedgerWords is %d", counts, want, ingest.LedgerWords)
	}
}

// A reader sees the counts of one moment, whatever the owner is doing.
func TestLedgerIsReadWhole(t *testing.T) {
	var p ingest.PublishedLedger
	const publishes = 20_000
	var publishing sync.WaitGroup
	publishing.Go(func() { // ends after so many publishes
		for range publishes {
			tally := ingest.Ledger{Lines: 1, Samples: 3}
			tally.Outcomes[protocol.ReasonNone], tally.Outcomes[protocol.ReasonBadValue] = 2, 1
			tally.Recorded[protocol.KindCounter] = 2
			p.Publish(&tally)
		}
	})
	for lines := uint64(0); lines < publishes; {
		l := p.Load()
		balanced(t, l)
		if l.Samples != 3*l.Lines || l.Lines < lines {
			t.Fatalf("after %d lines: %d lines and %d samples, want three samples each", lines, l.Lines, l.Samples)
		}
		lines = l.Lines
	}
	publishing.Wait()
}
