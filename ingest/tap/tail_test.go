package tap_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weir/ingest/tap"
	"weir/protocol"
)

// follow polls once, without waiting, and returns the texts of the lines with their reasons.
func (f *fixture) follow(t *testing.T, p *tap.Poll) (texts []string, page tap.Tail) {
	t.Helper()
	p.Limit = max(p.Limit, 100)
	page, err := f.Tail(f.ctx, *p)
	if err != nil {
		t.Fatal(err)
	}
	p.Since = page.Since
	for _, line := range page.Lines {
		text := line.Text
		if line.Reason != protocol.ReasonNone {
			text += fmt.Sprintf(" (%v at %d)", line.Reason, line.Offset)
		}
		texts = append(texts, text)
	}
	return texts, page
}

func TestTailFilters(t *testing.T) {
	f := func(filter tap.Filter, want ...string) {
		t.Helper()
		inBubble(t, nil, func(f *fixture) {
			l, poll := f.newLoop("udp"), tap.Poll{Filter: filter}
			f.follow(t, &poll)
			l.take(host("10.0.0.1:1"), "web.hits:1|c\r\nweb.time:1:x|ms\n\nMyApp::Job.run:1|c\n")
			l.take(host("10.0.0.2:7"), "db.hits:1|c\nweb.hits:1|g\n")
			l.lane.Lost(host("10.0.0.2:7"), "udp://x", protocol.ReasonTruncated, 3, []byte("web"))
			got, page := f.follow(t, &poll)
			if !slices.Equal(got, want) || page.Seen != 6 || page.Skipped != 0 {
				t.Errorf("%+v: lines %q, want %q; %d seen, %d skipped", filter, got, want, page.Seen, page.Skipped)
			}
		})
	}
	const time, job, gauge, cut = "web.time:1:x|ms (bad_value at 11)", "MyApp::Job.run:1|c (colon_in_name at 5)",
		"web.hits:1|g (type_conflict at 0)", "web (truncated at 3)"
	f(tap.Filter{}, "web.hits:1|c", time, job, "db.hits:1|c", gauge, cut)
	f(tap.Filter{Match: "hits"}, "web.hits:1|c", "db.hits:1|c", gauge)
	f(tap.Filter{Match: "web.*"}, "web.hits:1|c", time, gauge)
	f(tap.Filter{Match: "*.hits"}, "web.hits:1|c", "db.hits:1|c", gauge)
	f(tap.Filter{Match: "Job"}, job)
	f(tap.Filter{Match: "nothing"})
	f(tap.Filter{Match: "c"}) // a part of lines, of no name
	f(tap.Filter{Sender: "10.0.0.2"}, "db.hits:1|c", gauge, cut)
	f(tap.Filter{Sender: "10.0.0.2:7"}, "db.hits:1|c", gauge, cut)
	f(tap.Filter{Sender: "10.0.0.2:8"})
	f(tap.Filter{Sender: "pid 7"})
	f(tap.Filter{Sender: "php-fpm"})
	f(tap.Filter{Rejected: true}, time, job, gauge, cut)
	f(tap.Filter{Rejected: true, Match: "web", Sender: "10.0.0.2"}, gauge, cut)
}

func TestTailOfProcess(t *testing.T) {
	for _, sender := range []string{"pid 42", "42", "worker"} {
		inBubble(t, nil, func(f *fixture) {
			f.SetProgram(func(pid int32) string { return map[int32]string{42: "worker", 43: "other"}[pid] })
			l, poll := f.newLoop("unixgram"), tap.Poll{Filter: tap.Filter{Sender: sender}}
			f.follow(t, &poll)
			l.take(tap.Peer{PID: 42}, "a:1|c")
			l.take(tap.Peer{PID: 43}, "b:1|c")
			_, page := f.follow(t, &poll)
			if len(page.Lines) != 1 || page.Lines[0].Program != "worker" || page.Lines[0].From.PID != 42 {
				t.Errorf("lines of %s: %+v", sender, page.Lines)
			}
		})
	}
}

// A rejected line with several mistakes is shown once.
func TestTailShowsLineOnce(t *testing.T) {
	inBubble(t, nil, func(f *fixture) {
		l, poll := f.newLoop("udp"), tap.Poll{Filter: tap.Filter{Rejected: true}}
		f.follow(t, &poll)
		l.take(host("10.0.0.1:1"), "a:x|c:y|c:1|c\nb:z|g")
		if got, _ := f.follow(t, &poll); !slices.Equal(got, []string{"a:x|c:y|c:1|c (bad_value at 2)", "b:z|g (bad_value at 2)"}) {
			t.Errorf("lines %q", got)
		}
	})
}

// At most 50 lines a second pass, and the others are counted.
func TestTailIsSlow(t *testing.T) {
	for _, filter := range []tap.Filter{{}, {Match: "a"}, {Match: "?"}, {Rejected: true}} {
		inBubble(t, nil, func(f *fixture) {
			l, poll := f.newLoop("udp"), tap.Poll{Filter: filter}
			f.follow(t, &poll)
			passed, skipped, seen := 0, uint64(0), uint64(0)
			for range 100 { // 10 s of 1,000 lines each
				l.take(host("10.0.0.1:1"), strings.Repeat("a:x|c\n", 100))
				f.pass(100 * time.Millisecond)
				got, page := f.follow(t, &poll)
				passed, skipped, seen = passed+len(got), skipped+page.Skipped, seen+page.Seen
			}
			if passed < 500 || passed > 550 || seen != 10_000 || uint64(passed)+skipped != seen {
				t.Errorf("%+v: %d lines pass, %d are skipped, %d seen", filter, passed, skipped, seen)
			}
		})
	}
}

// A slow viewer gets the newest lines, and the number of the others.
func TestTailOfSlowViewer(t *testing.T) {
	inBubble(t, nil, func(f *fixture) {
		l, poll := f.newLoop("udp"), tap.Poll{}
		f.follow(t, &poll)
		for second := range 20 {
			for n := range 40 {
				l.take(host("10.0.0.1:1"), fmt.Sprintf("a.%d:1|c", second*40+n))
			}
			f.pass(time.Second)
		}
		poll.Limit = 1000
		got, page := f.follow(t, &poll)
		if len(got) != tap.KeptLines || got[len(got)-1] != "a.799:1|c" || page.Skipped != 800-tap.KeptLines {
			t.Errorf("%d lines up to %s, %d skipped", len(got), got[len(got)-1], page.Skipped)
		}
	})
}

// With a limit, the rest comes with the next poll.
func TestTailLimit(t *testing.T) {
	inBubble(t, nil, func(f *fixture) {
		l := f.newLoop("udp")
		page, _ := f.Tail(f.ctx, tap.Poll{Limit: 2})
		l.take(host("10.0.0.1:1"), "a:1|c\nb:1|c\nc:1|c")
		var names []string
		for range 3 {
			page, _ = f.Tail(f.ctx, tap.Poll{Since: page.Since, Limit: 2})
			for _, line := range page.Lines {
				names = append(names, line.Text[:1])
			}
			names = append(names, ".")
		}
		if got := strings.Join(names, ""); got != "ab.c.." {
			t.Errorf("lines in three polls: %s", got)
		}
	})
}

// Of long lines the beginning is kept.
func TestTailCutsLines(t *testing.T) {
	inBubble(t, nil, func(f *fixture) {
		l, poll := f.newLoop("udp"), tap.Poll{}
		f.follow(t, &poll)
		l.take(host("10.0.0.1:1"), strings.Repeat("x", 8000)+":1|c\n<b>\xff\x1b[2J:1|c")
		_, page := f.follow(t, &poll)
		if len(page.Lines) != 2 || len(page.Lines[0].Text) != tap.KeptBytes || !page.Lines[0].IsCut ||
			page.Lines[1].Text != "<b>\xff\x1b[2J:1|c" || page.Lines[1].IsCut || page.Lines[1].Listener != "udp://127.0.0.1:9125" {
			t.Errorf("lines %.500s", fmt.Sprint(page.Lines))
		}
	})
}

// A poll waits for a line, and then a moment for more; otherwise 2 s at most, or until its viewer or weir
// goes.
func TestTailWaits(t *testing.T) {
	f := func(wait, cancel, closing, want time.Duration, lines int) {
		t.Helper()
		inBubble(t, nil, func(f *fixture) {
			l := f.newLoop("udp")
			page, _ := f.Tail(f.ctx, tap.Poll{})
			ctx, stop := context.WithCancel(f.ctx)
			defer stop()
			time.AfterFunc(cancel, stop)
			time.AfterFunc(closing, f.Close)
			if lines > 0 {
				time.AfterFunc(500*time.Millisecond, func() {
					l.take(host("10.0.0.1:1"), "a:1|c")
					time.Sleep(50 * time.Millisecond)
					l.take(host("10.0.0.1:1"), "b:1|c")
				})
			}
			began := time.Now()
			page, err := f.Tail(ctx, tap.Poll{Since: page.Since, Limit: 10, Wait: wait})
			if took := time.Since(began); err != nil || len(page.Lines) != lines || took != want {
				t.Errorf("%d lines after %v, %v; want %d after %v", len(page.Lines), took, err, lines, want)
			}
		})
	}
	const never = time.Hour
	f(0, never, never, 0, 0)
	f(-1, never, never, 0, 0)
	f(time.Second, never, never, time.Second, 0)
	f(time.Minute, never, never, 2*time.Second, 0)
	f(2*time.Second, never, never, 600*time.Millisecond, 2)
	f(2*time.Second, 300*time.Millisecond, never, 300*time.Millisecond, 0)
	f(2*time.Second, never, 400*time.Millisecond, 400*time.Millisecond, 0)
}

// Viewers do not take lines from each other, and there are at most eight.
func TestTailsAreIndependent(t *testing.T) {
	inBubble(t, nil, func(f *fixture) {
		l := f.newLoop("udp")
		polls := make([]tap.Poll, tap.MaxTails)
		for i := range polls {
			polls[i].Filter.Match = []string{"a", "b"}[i%2]
			f.follow(t, &polls[i])
		}
		if _, err := f.Tail(f.ctx, tap.Poll{}); !errors.Is(err, tap.ErrTooManyTails) {
			t.Errorf("one viewer more: %v", err)
		}
		l.take(host("10.0.0.1:1"), "a:1|c\nb:1|c")
		for i := range polls {
			if got, _ := f.follow(t, &polls[i]); len(got) != 1 || got[0][:1] != polls[i].Filter.Match {
				t.Errorf("viewer %d sees %q", i, got)
			}
		}
		f.pass(7 * time.Second)
		for i := range polls[1:] { // the first has gone
			f.follow(t, &polls[1+i])
		}
		last := tap.Poll{}
		f.follow(t, &last)
		l.take(host("10.0.0.1:1"), "a:1|c")
		if got, _ := f.follow(t, &last); len(got) != 1 {
			t.Errorf("the viewer that took a place sees %q", got)
		}
		if _, err := f.Tail(f.ctx, polls[0]); !errors.Is(err, tap.ErrTooManyTails) {
			t.Errorf("the viewer that lost its place: %v", err)
		}
	})
}

// Another filter begins another tail in the place of the first; so does a cursor of long ago.
func TestTailBeginsAgain(t *testing.T) {
	inBubble(t, nil, func(f *fixture) {
		l, poll := f.newLoop("udp"), tap.Poll{}
		for i := range 3 * tap.MaxTails { // somebody types
			poll.Filter.Match = strings.Repeat("a", i+1)
			f.follow(t, &poll)
		}
		poll.Filter.Match = "a"
		f.follow(t, &poll)
		before := poll.Since
		f.pass(61 * time.Second)
		if l.lane.IsWatched() {
			t.Error("watched a minute after the last poll")
		}
		f.follow(t, &poll)
		l.take(host("10.0.0.1:1"), "a:1|c")
		if got, _ := f.follow(t, &poll); len(got) != 1 || poll.Since == before {
			t.Errorf("after a pause: %q, cursor %d", got, poll.Since)
		}
		if poll.Since >= 1<<53 {
			t.Errorf("the cursor %d is not exact in JavaScript", poll.Since)
		}
	})
}

// Viewers that wait do not keep loops from taking lines, nor each other from seeing them.
func TestTailWaitsWithoutLock(t *testing.T) {
	inBubble(t, nil, func(f *fixture) {
		l := f.newLoop("udp")
		var viewing sync.WaitGroup
		for range 4 {
			viewing.Go(func() {
				page, err := f.Tail(f.ctx, tap.Poll{Limit: 10, Wait: 2 * time.Second})
				if err != nil || len(page.Lines) != 1 {
					t.Errorf("%d lines, %v", len(page.Lines), err)
				}
			})
		}
		time.Sleep(time.Second)
		l.take(host("10.0.0.1:1"), "a:1|c")
		viewing.Wait()
	})
}

// Whatever is sent and polled, a viewer sees each line once and in order, and all are seen or skipped.
func TestTailProperty(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f := newFixture(nil)
		defer f.Close()
		l := f.newLoop("udp")
		page, _ := f.Tail(f.ctx, tap.Poll{Filter: tap.Filter{Match: "a"}, Limit: 5})
		sent, matching, got, skipped, seen := 0, 0, 0, uint64(0), uint64(0)
		last := -1
		for range rapid.IntRange(1, 30).Draw(rt, "steps") {
			var lines []string
			for range rapid.IntRange(0, 8).Draw(rt, "lines") {
				name := rapid.SampledFrom([]string{"a", "b", "ba", "b:a"}).Draw(rt, "name")
				lines = append(lines, fmt.Sprintf("%s:%d|g", name, sent))
				if strings.Contains(name, "a") {
					matching++
				}
				sent++
			}
			l.take(host("10.0.0.1:1"), strings.Join(lines, "\n"))
			page, _ = f.Tail(f.ctx, tap.Poll{Since: page.Since, Filter: tap.Filter{Match: "a"}, Limit: 5})
			skipped, seen, got = skipped+page.Skipped, seen+page.Seen, got+len(page.Lines)
			for _, line := range page.Lines {
				n := 0
				text := strings.TrimSuffix(line.Text, "|g")
				fmt.Sscan(text[strings.LastIndex(text, ":")+1:], &n)
				if n <= last {
					rt.Errorf("line %d came after line %d", n, last)
				}
				last = n
			}
		}
		for len(page.Lines) > 0 {
			page, _ = f.Tail(f.ctx, tap.Poll{Since: page.Since, Filter: tap.Filter{Match: "a"}, Limit: 5})
			got += len(page.Lines)
		}
		if seen != uint64(sent) || got+int(skipped) != matching {
			rt.Errorf("%d lines, %d match; %d seen, %d shown, %d skipped", sent, matching, seen, got, skipped)
		}
	})
}
