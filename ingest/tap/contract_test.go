//go:build !race

package tap_test

import (
	"os/exec"
	"strings"
	"testing"

	"weir/ingest/tap"
	"weir/protocol"
)

// A datagram costs no allocation while somebody looks, except for the few lines that are shown; nor does a
// reject.
func TestTakeAllocations(t *testing.T) {
	f := newFixture(nil)
	defer f.Close()
	lane, from, datagram := f.NewLane("udp"), host("10.0.0.1:1"), []byte("a:1|c\nb:1|c\n")
	f.Senders()
	page, _ := f.Tail(f.ctx, tap.Poll{Filter: tap.Filter{Match: "nothing"}})
	take := func() {
		lane.Rejected(from, protocol.ReasonBadValue, 1, 0, datagram[:5])
		lane.Take(from, "udp://x", datagram, 2, 2)
		lane.Publish()
	}
	for range 3000 { // until the sample is full
		take()
	}
	if got := testing.AllocsPerRun(100, take); got > 0.5 || page.Since == 0 { // a drain may fall into it
		t.Errorf("a datagram allocates %v times while somebody looks", got)
	}
}

// Nobody looking costs an atomic load: the question is inlined.
func TestInlining(t *testing.T) {
	out, err := exec.Command("go", "build", "-gcflags=-m", ".").CombinedOutput()
	if err != nil {
		t.Skipf("no compiler to ask: %v", err)
	}
	for _, want := range []string{"can inline (*Lane).IsWatched", "can inline (*Lane).Publish"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("the compiler does not say: %s", want)
		}
	}
}
