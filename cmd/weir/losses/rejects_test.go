package losses_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"weir/cmd/weir/explain"
	"weir/ingest"
	"weir/protocol"
)

// lines returns the lines that entries of the log show.
func lines(list []entry) (all []string) {
	for _, e := range list {
		all = append(all, e.Line)
	}
	return all
}

// Whoever tries one line after the other sees each of them at the next look.
func TestRejectsAreLoggedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(nil)
		for i := range 10 {
			line := fmt.Sprintf("web.hits:%d|x", i)
			f.reject(ingest.Reject{
				Reason: protocol.ReasonUnknownType, Line: line, Offset: len(line) - 1,
				Listener: "udp://a", Sender: "b",
			})
			want := entry{
				Message: `rejected: at "x": ` + explain.Advice(protocol.ReasonUnknownType), Line: line,
				Reason: "unknown_type", Listener: "udp://a", Sender: "b",
			}
			if got := f.tick(t); !slices.Equal(got, []entry{want}) {
				t.Errorf("line %d: the log has %+v, want %+v", i, got, want)
			}
			time.Sleep(time.Second)
		}
		f.reject(ingest.Reject{Reason: protocol.ReasonUnknownType, Line: "web.hits:11|x"})
		if got := f.tick(t); len(got) != 0 {
			t.Errorf("the eleventh line within a minute is in the log: %+v", got)
		}
		f.reject(ingest.Reject{Reason: protocol.ReasonTypeConflict, Line: "other", Detail: "other is a counter"})
		if got := f.tick(t); len(got) != 1 || got[0].Message != "rejected: other is a counter" {
			t.Errorf("the first line of another reason: %+v", got)
		}
		f.reject(ingest.Reject{Reason: protocol.ReasonUnknownType, Line: "db.time:1|x", IsNew: true})
		if got := lines(f.tick(t)); !slices.Equal(got, []string{"db.time:1|x"}) {
			t.Errorf("the first line of a new name: %q", got)
		}
	})
}

// In a flood the log has some lines at once, and then one a minute; together with left_out they are all.
func TestRejectsInAFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(nil)
		const perSecond, seconds = 1000, 181
		logged, leftOut := 0, int64(0)
		for second := range seconds {
			for i := range perSecond {
				reject := ingest.Reject{Reason: protocol.ReasonBadValue}
				if i < 40 { // the others are not kept
					reject.Line, reject.IsNew = fmt.Sprintf("random%d.%d:x|c", second, i), true
				}
				f.reject(reject)
			}
			got := f.tick(t)
			logged += len(got)
			for _, e := range got {
				leftOut += e.LeftOut
			}
			time.Sleep(time.Second)
		}
		// 10 of the reason and 50 new names at once, then each comes back once a minute.
		if want := 10 + 50 + 2*3; logged > want || logged < want-2 {
			t.Errorf("%d lines are in the log, want %d", logged, want)
		}
		f.Last()
		for _, e := range f.entries(t) {
			logged++
			leftOut += e.LeftOut
		}
		if total := int64(logged) + leftOut; total != perSecond*seconds {
			t.Errorf("%d lines and %d left out are %d, want %d", logged, leftOut, total, perSecond*seconds)
		}
	})
}

// What was left out is in the log a minute later, also when nothing comes any more.
func TestRejectsLeftOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(nil)
		f.reject(ingest.Reject{Reason: protocol.ReasonBadValue, Line: "a:x|c"})
		f.reject(ingest.Reject{Reason: protocol.ReasonBadRate}) // its line was not kept
		got := f.tick(t)
		if len(got) != 2 || got[0].Line != "a:x|c" || got[1].Line != "" || got[1].Reason != "bad_rate" {
			t.Errorf("the log has %+v", got)
		}
		for range 5 {
			f.reject(ingest.Reject{Reason: protocol.ReasonBadValue})
		}
		time.Sleep(59 * time.Second)
		if got := f.tick(t); len(got) != 0 {
			t.Errorf("after 59 s: %+v", got)
		}
		time.Sleep(time.Second)
		got = f.tick(t)
		if len(got) != 1 || got[0].Line != "a:x|c" || got[0].LeftOut != 5 {
			t.Errorf("after a minute: %+v, want the line that is kept, and 5 left out", got)
		}
		f.Last()
		if got := f.entries(t); len(got) != 0 {
			t.Errorf("at the end: %+v, want nothing twice", got)
		}
	})
}

// A count that is published after its line was kept makes no second line.
func TestRejectsBeforeTheirCount(t *testing.T) {
	f := newFixture(nil)
	f.reject(ingest.Reject{Reason: protocol.ReasonBadValue, Line: "a:x|c"})
	outcomes := &f.from.stats.Transports[0].Ledger.Outcomes
	outcomes[protocol.ReasonBadValue] = 0
	if got := f.tick(t); len(got) != 1 {
		t.Errorf("the log has %+v, want the line", got)
	}
	outcomes[protocol.ReasonBadValue] = 1
	f.Last()
	if got := f.entries(t); len(got) != 0 {
		t.Errorf("the log has %+v, want nothing more", got)
	}
}

// Another protocol on a StatsD port is said once, not once for each of its lines.
func TestRejectsOfOtherProtocols(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(nil)
		request := func(sender string) {
			for _, line := range []string{"GET /metrics HTTP/1.1", "Host: 127.0.0.1:9125", "Accept: */*"} {
				reason := protocol.ReasonMissingType
				if !strings.Contains(line, ":") {
					reason = protocol.ReasonMalformedLine
				}
				f.reject(ingest.Reject{Reason: reason, Line: line, Listener: "tcp://a", Sender: sender, IsNew: true})
			}
		}
		request("b:1")
		f.reject(ingest.Reject{Reason: protocol.ReasonMissingType, Line: "mine:1", Listener: "tcp://a", Sender: "c:1"})
		got := f.tick(t)
		if len(got) != 2 || !strings.Contains(got[0].Message, "looks like HTTP") || got[0].Line != "GET /metrics HTTP/1.1" ||
			got[1].Line != "mine:1" {
			t.Errorf("after a request and another line: %+v", got)
		}
		for i := range 30 { // a probe, say
			time.Sleep(time.Second)
			request(fmt.Sprint("b:", i))
			if got := f.tick(t); len(got) != 0 {
				t.Errorf("after %d s: %+v, want nothing for a minute", i+1, got)
			}
		}
		time.Sleep(30 * time.Second)
		got = f.tick(t)
		if len(got) != 1 || !strings.Contains(got[0].Message, "looks like HTTP") || got[0].LeftOut != 29 {
			t.Errorf("after a minute: %+v, want one line, and 29 left out", got)
		}
	})
}

// Bytes that are not UTF-8 are escaped; everything else is as it was sent, and the log quotes it.
func TestRejectedLineIsReadable(t *testing.T) {
	f := newFixture(nil)
	for _, line := range []string{`"quoted" a:x|c`, "a\x00b:x|c", "k\xffb\\:x|c", "ünï:x|c"} {
		f.reject(ingest.Reject{Reason: protocol.ReasonBadValue, Line: line, Offset: strings.Index(line, "x|c")})
	}
	want := []string{`"quoted" a:x|c`, "a\x00b:x|c", `k\xffb\:x|c`, "ünï:x|c"}
	got := f.tick(t)
	if !slices.Equal(lines(got), want) {
		t.Errorf("the lines are %q, want %q", lines(got), want)
	}
	for _, e := range got {
		if !strings.HasPrefix(e.Message, `rejected: at "x": `) {
			t.Errorf("the message is %q", e.Message)
		}
	}
}
