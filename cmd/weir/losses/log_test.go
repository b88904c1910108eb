package losses_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// Names that differ and become one metric are named.
func TestMergedNames(t *testing.T) {
	f := newFixture(nil)
	f.record(t, "web.hits:1|c\nweb-hits:1|c\nweb_hits:1|c")
	const want = "names that differ became one metric, which has the samples of both: web.hits and web_hits are both web_hits"
	if got := f.tick(t); len(got) != 1 || got[0].Message != want || got[0].Names != 2 {
		t.Errorf("the log has %+v, want %q and 2 names", got, want)
	}
}

// Senders choose names: nothing in them acts on a terminal that shows the log.
func TestMergedNamesAreHostile(t *testing.T) {
	f := newFixture(nil)
	f.record(t, "web\x1b[31mhits:1|c\nweb.\u202e31mhits:1|c\nweb__31mhits:1|c")
	got := f.tick(t)
	if len(got) != 1 || strings.ContainsAny(got[0].Message, "\x1b\u202e") || !strings.Contains(got[0].Message, `\`) {
		t.Errorf("the log has %+v", got)
	}
}

// A cause is in the log at once, then at most once a minute with the count since; and at the end.
func TestWarnsOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(nil)
		want := func(message string, datagrams, samples int64) {
			t.Helper()
			got := f.entries(t)
			if message == "" && len(got) == 0 {
				return
			}
			if len(got) != 1 || !strings.Contains(got[0].Message, message) || got[0].Datagrams != datagrams ||
				got[0].Samples != samples {
				t.Errorf("the log has %+v, want %q with %d datagrams and %d samples", got, message, datagrams, samples)
			}
		}
		f.Tick()
		want("", 0, 0)
		f.drop("udp://a", 5)
		f.drop("udp://a", 2) // another loop with the same listener
		f.Tick()
		want("the kernel dropped datagrams", 7, 0)
		f.drop("udp://b", 1)
		f.Tick()
		want("the kernel dropped datagrams", 1, 0)
		f.drop("udp://a", 3)
		time.Sleep(59 * time.Second)
		f.Tick()
		want("", 0, 0)
		time.Sleep(time.Second)
		f.Tick()
		want("the kernel dropped datagrams", 3, 0)
		f.record(t, "g:inf|g\nload:-inf|g|#host:a")
		f.Tick()
		if !strings.Contains(f.output.String(), `"gauge":"load{host=\"a\"}"`) {
			t.Errorf("the log does not name the gauge: %s", &f.output)
		}
		want("infinite value", 0, 2)
		f.record(t, "g:inf|g")
		f.Tick()
		want("", 0, 0)
		f.Last()
		want("infinite value", 0, 1)
	})
}
