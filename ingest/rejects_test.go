package ingest_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"weir/ingest"
	"weir/protocol"
)

// rejectLines returns the lines of rejects.
func rejectLines(rejects []ingest.Reject) []string {
	lines := make([]string, len(rejects))
	for i, r := range rejects {
		lines[i] = r.Line
	}
	return lines
}

func TestRejectRingNewestFirst(t *testing.T) {
	now := int64(1000)
	ring := ingest.NewRejectRing(3, func() int64 { return now })
	if got := ring.Last(); len(got) != 0 {
		t.Errorf("an empty ring holds %v", got)
	}
	for i := range 5 {
		ring.Add(ingest.Reject{Reason: protocol.ReasonBadValue}, fmt.Appendf(nil, "line %d", i))
		now++
	}
	got, want := rejectLines(ring.Last()), []string{"line 4", "line 3", "line 2"}
	if !slices.Equal(got, want) {
		t.Errorf("after 5 lines the last of 3 are %q, want %q", got, want)
	}
}

func TestRejectRingKeepsAll(t *testing.T) {
	ring := ingest.NewRejectRing(3, func() int64 { return 1000 })
	reject := ingest.Reject{
		Reason: protocol.ReasonBadRate, Offset: 7, Listener: "udp://127.0.0.1:9125", Sender: "127.0.0.1:4711",
		Detail: "rate 2",
	}
	line := []byte("a:1|c|@2")
	ring.Add(reject, line)
	copy(line, "XXXXXXXX") // it was borrowed
	reject.Line, reject.Time, reject.Seq, reject.IsNew = "a:1|c|@2", time.Unix(1000, 0), 1, true
	if diff := cmp.Diff([]ingest.Reject{reject}, ring.Last()); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}

	reject.Time = time.Unix(7, 8)
	ring.Add(reject, []byte(strings.Repeat("y", ingest.MaxRejectLine+1)))
	reject.Line, reject.IsCut, reject.Seq = strings.Repeat("y", ingest.MaxRejectLine), true, 2
	if diff := cmp.Diff(reject, ring.Last()[0]); diff != "" {
		t.Errorf("kept of a long line (-want +got):\n%s", diff)
	}
}

// A million lines in a second keep as many as the rate says, and the next second begins with none.
func TestRejectRingFlood(t *testing.T) {
	now := int64(1000)
	ring := ingest.NewRejectRing(64, func() int64 { return now })
	flood := func(reason protocol.Reason) (wanted int) {
		for range 1_000_000 {
			if ring.Wants(reason, []byte("x")) {
				wanted++
				ring.Add(ingest.Reject{Reason: reason}, []byte("x"))
			}
		}
		return wanted
	}
	f := func(reason protocol.Reason, want, wantKept int) {
		t.Helper()
		if got := flood(reason); got != want {
			t.Errorf("second %d: wanted %d lines of %v, want %d", now, got, reason, want)
		}
		if got := len(ring.Last()); got != wantKept {
			t.Errorf("second %d, after %v: %d lines are kept, want %d", now, reason, got, wantKept)
		}
	}
	f(protocol.ReasonBadValue, 10, 10)
	f(protocol.ReasonBadValue, 0, 10)
	f(protocol.ReasonEmptyName, 10, 20) // each reason has its own rate
	now++
	f(protocol.ReasonBadValue, 10, 30)
	now -= 100 // the clock was set back
	f(protocol.ReasonBadValue, 10, 40)
}

// A flood for one reason keeps the few lines of another.
func TestRejectRingFloodLeavesOthers(t *testing.T) {
	now := int64(1000)
	ring := ingest.NewRejectRing(8, func() int64 { return now })
	ring.Add(ingest.Reject{Reason: protocol.ReasonTypeConflict}, []byte("rare"))
	for i := range 100 {
		now++
		ring.Add(ingest.Reject{Reason: protocol.ReasonBadValue}, fmt.Appendf(nil, "%d", i))
	}
	got, want := rejectLines(ring.Last()), []string{"99", "98", "97", "96", "95", "94", "93", "rare"}
	if !slices.Equal(got, want) {
		t.Errorf("kept %q, want %q", got, want)
	}
}

// A line beyond the rate is kept when its name is new for its reason; so are all of forty that come at once.
func TestRejectRingKeepsNewNames(t *testing.T) {
	now := int64(1000)
	ring := ingest.NewRejectRing(1000, func() int64 { return now })
	add := func(reason protocol.Reason, line string) (wanted bool) {
		wanted = ring.Wants(reason, []byte(line))
		ring.Add(ingest.Reject{Reason: reason}, []byte(line))
		return wanted
	}
	const names = ingest.RejectsPerSecond + ingest.NewNamesPerSecond
	for round := range 3 { // of lines with a value, tags, or another dialect's tags behind the name
		for i := range names {
			end := []string{":x|c", ":x|c|#a:b", ",a=b:x|c"}[round]
			if got, want := add(protocol.ReasonBadValue, fmt.Sprint("n", i, end)), round == 0; got != want {
				t.Fatalf("round %d: name %d is wanted: %t, want %t", round, i, got, want)
			}
		}
	}
	kept := ring.Last()
	if len(kept) != names || kept[0].Seq != names || !kept[0].IsNew {
		t.Errorf("%d lines are kept, the last is %+v, want %d new ones", len(kept), kept[0], names)
	}
	if !add(protocol.ReasonBadRate, "n0:x|c") || !ring.Last()[0].IsNew {
		t.Error("a name that is known for one reason is not new for another")
	}
	now++
	if !add(protocol.ReasonBadValue, "n0:x|c") || ring.Last()[0].IsNew {
		t.Error("a name that is known is new a second later, or the line is not kept")
	}
}

// A flood of names that are all new keeps a bounded number a second, in bounded memory.
func TestRejectRingFloodOfNames(t *testing.T) {
	now := int64(1000)
	ring := ingest.NewRejectRing(1000, func() int64 { return now })
	for second := range 3 {
		for i := range 100_000 {
			line := fmt.Appendf(nil, "random%d.%d:x|c", second, i)
			if ring.Wants(protocol.ReasonBadValue, line) {
				ring.Add(ingest.Reject{Reason: protocol.ReasonBadValue}, line)
			}
		}
		want := (second + 1) * (ingest.RejectsPerSecond + ingest.NewNamesPerSecond)
		if got := len(ring.Last()); got != want {
			t.Errorf("second %d: %d lines are kept, want %d", second, got, want)
		}
		now++
	}
}

// However many call it at a time, the rate holds.
func TestRejectRingConcurrent(t *testing.T) {
	ring := ingest.NewRejectRing(64, func() int64 { return 1000 })
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for i := range 10_000 {
				reason := protocol.ReasonMalformedLine + protocol.Reason(i%3)
				if ring.Wants(reason, []byte("line")) {
					ring.Add(ingest.Reject{Reason: reason}, []byte("line"))
				}
				if i%1000 == 0 {
					ring.Last()
				}
			}
		})
	}
	group.Wait()
	if got, want := len(ring.Last()), 3*ingest.RejectsPerSecond; got != want {
		t.Errorf("%d lines of three reasons are kept, want %d", got, want)
	}
}
