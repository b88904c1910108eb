package ingest_test

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/ingest"
	"weir/protocol"
)

// A rejected line is kept with its reason, its listener and its sender.
func TestRejectsTellWhereFrom(t *testing.T) {
	s, _ := start(t, nil)
	for _, network := range []string{"udp", "tcp"} {
		at := address(t, s, "udp")
		if network == "tcp" {
			at = address(t, s, "tcp")
		}
		c := dial(t, network, at)
		send(t, c, "good:1|c\nbad line\nhits:-1|c\n")
		want := []string{"bad line malformed_line 8", "hits:-1|c negative_counter 0"}
		eventually(t, func() (bool, string) {
			var got []string
			for _, r := range s.Rejects() {
				if r.Listener == network+"://"+at.String() && r.Sender == c.LocalAddr().String() {
					got = append(got, fmt.Sprintf("%s %v %d", r.Line, r.Reason, r.Offset))
				}
			}
			slices.Sort(got)
			return slices.Equal(got, want), fmt.Sprintf("%s rejects %+v, want %q", network, s.Rejects(), want)
		})
	}
}

// A segment with a bad value is lost whole: each of its values is counted, and the line is kept once.
func TestRejectedSegments(t *testing.T) {
	s, registry := start(t, nil)
	lines := []string{"ten:1:2:3:4:5:x:7:8:9:10|ms", "ns:foo:5|g", "MyApp::Worker.run:1|c", "both:1:y|c:2|c"}
	send(t, dial(t, "udp", address(t, s, "udp")), strings.Join(lines, "\n"))
	eventuallyTotals(t, registry, "both:2")
	l := ledger(s, "udp")
	balanced(t, l)
	bad, colon := l.Outcomes[protocol.ReasonBadValue], l.Outcomes[protocol.ReasonColonInName]
	if l.Lines != 4 || l.Samples != 17 || bad != 12 || colon != 4 {
		t.Errorf("%d lines, %d samples, %d bad values, %d names with a colon; want 4, 17, 12, 4", l.Lines, l.Samples, bad, colon)
	}
	kept := s.Rejects()
	for _, line := range lines {
		if n := len(slices.DeleteFunc(slices.Clone(kept), func(r ingest.Reject) bool { return r.Line != line })); n != 1 {
			t.Errorf("%s is kept %d times, want once", line, n)
		}
	}
}

// The relay copies lines with a sample that was recorded, or all lines.
func TestRelayAcceptedOrAll(t *testing.T) {
	for _, which := range []string{ingest.RelayAccepted, ingest.RelayAll} {
		sink, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer sink.Close()
		s, _ := start(t, func(o *ingest.Options) {
			o.Relay, o.RelayLines = []string{"udp://" + sink.LocalAddr().String()}, which
		})
		send(t, dial(t, "udp", address(t, s, "udp")), "a:1|c\nbad\na:x|c:2|c\n_e{1,1}:a|b")
		send(t, dial(t, "tcp", address(t, s, "tcp")), "b:1|c\nb:-1|c\n")
		want := "_e{1,1}:a|b a:1|c a:x|c:2|c b:1|c"
		if which == ingest.RelayAll {
			want = "_e{1,1}:a|b a:1|c a:x|c:2|c b:-1|c b:1|c bad"
		}
		var got []string
		b := make([]byte, 1<<16)
		_ = sink.SetReadDeadline(time.Now().Add(10 * time.Second))
		for len(got) < strings.Count(want, " ")+1 {
			n, _, err := sink.ReadFrom(b)
			if err != nil {
				t.Fatalf("%s: relayed %q, want %s", which, got, want)
			}
			got = append(got, strings.Split(strings.TrimSuffix(string(b[:n]), "\n"), "\n")...)
		}
		slices.Sort(got)
		if joined := strings.Join(got, " "); joined != want {
			t.Errorf("%s: relayed %s, want %s", which, joined, want)
		}
		eventually(t, func() (bool, string) { // lines are counted after they were sent
			stats := s.Stats().Relay
			return len(stats) == 1 && stats[0].LinesSent == uint64(len(got)), fmt.Sprintf("%s: %+v", which, stats)
		})
	}
}

// Samples with a bad rate count once when the rate is ignored, and the rates are counted.
func TestBadRatesIgnored(t *testing.T) {
	s, registry := start(t, func(o *ingest.Options) { o.BadRates = ingest.BadRatesIgnore })
	send(t, dial(t, "udp", address(t, s, "udp")), "a:1|c|@0\na:2|c|@x\na:4|c|@0.5\nb:1|g|@7")
	eventuallyTotals(t, registry, "a:11 b:1")
	l := ledger(s, "udp")
	balanced(t, l)
	if l.RatesIgnored != 3 || l.Outcomes[protocol.ReasonNone] != 4 {
		t.Errorf("ledger %+v, want 3 rates ignored, 4 samples recorded", l)
	}
}

func TestEventsChecksAndTimestamps(t *testing.T) {
	s, registry := start(t, nil)
	c := dial(t, "udp", address(t, s, "udp"))
	now := time.Now().Unix()
	send(t, c, fmt.Sprintf("_e{1,1}:a|b|t:error|p:low\n_sc|redis|2\n"+
		"a:1|c|T%d\na:1|c|T%d\na:1|c|T%d\na:1|c|Tx", now, now-3600, now+3600))
	eventuallyTotals(t, registry, "a:4 weir_service_check_status:2")
	l := ledger(s, "udp")
	balanced(t, l)
	if l.Events[protocol.AlertError][protocol.PriorityLow] != 1 || l.TimestampsOff != 2 || l.FieldsIgnored != 1 {
		t.Errorf("ledger %+v, want one event, two timestamps off, one field ignored", l)
	}
}
