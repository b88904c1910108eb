package status_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/rs/zerolog"

	"weir/aggregate"
	"weir/cmd/weir/status"
	"weir/expose/status/wire"
	"weir/ingest"
	"weir/ingest/tap"
	"weir/internal/poll"
	"weir/protocol"
)

// start starts a server that takes lines over TCP, and returns what answers of it, and a connection to it.
func start(t *testing.T) (*status.Lines, *ingest.Server, net.Conn) {
	t.Helper()
	o := ingest.DefaultOptions()
	o.UDP, o.TCP = nil, []string{"127.0.0.1:0"}
	server := ingest.NewServer(o, aggregate.New(aggregate.DefaultOptions()), zerolog.Nop())
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	client, err := net.Dial("tcp", server.Listeners()[0].Address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		client.Close()
		if err := server.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return status.NewLines(server), server, client
}

// send sends lines, and waits until they have come.
func send(t *testing.T, server *ingest.Server, client net.Conn, text string) {
	t.Helper()
	stats := server.Stats()
	want := stats.Total().Ledger.Lines + uint64(strings.Count(text, "\n"))
	if _, err := client.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	poll.Within(t, 10*time.Second, func() error {
		stats := server.Stats()
		if total := stats.Total(); total.Ledger.Lines < want {
			return fmt.Errorf("%d lines have come, want %d", total.Ledger.Lines, want)
		}
		return nil
	})
}

// hostile are lines that do harm to whoever shows them carelessly.
func hostile() []string {
	return []string{
		"<script>alert(1)</script>:1|c", "</td><img src=x onerror=alert(1)>:1|c", "a\x1b[2J\x07\x00:1|c",
		"\u202egnp.exe\u2066:1|c", "\xff\xfe\x80:1|c", "a:1|c|#k:\"'&\u2028\u2029", `back\xffslash:1|c`,
		strings.Repeat("x", 8000) + ":1|c", "<b>\xff:x|c", strings.Repeat("\xff", 300),
	}
}

// Live lines and rejects are JSON that any client reads, whatever was sent, and are bounded.
func TestHostileLines(t *testing.T) {
	x, server, client := start(t)
	q := wire.TailQuery{Limit: 100}
	page, err := x.Tail(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	send(t, server, client, strings.Join(hostile(), "\n")+"\n")
	q.Since = page.Since
	page, err = x.Tail(t.Context(), q)
	if err != nil || len(page.Lines) != len(hostile()) || page.Seen != uint64(len(hostile())) {
		t.Fatalf("%d live lines of %d seen, %v", len(page.Lines), page.Seen, err)
	}
	rejects := x.Rejects(wire.RejectsQuery{Limit: 100}, time.Now())
	encoded, err := json.Marshal([]any{page, rejects})
	if err != nil || !utf8.Valid(encoded) || len(encoded) > 20_000 || strings.ContainsAny(string(encoded), "<>\x1b\x07\u2028") {
		t.Errorf("%d bytes of JSON, %v: %.1000q", len(encoded), err, encoded)
	}
	for i, sent := range hostile() {
		line := page.Lines[i]
		switch {
		case line.LineTruncated != (len(sent) > 1024), line.LineEscaped == utf8.ValidString(sent):
			t.Errorf("%.100q: %.100q, escaped: %t, truncated: %t", sent, line.Line, line.LineEscaped, line.LineTruncated)
		case utf8.ValidString(sent) && !line.LineTruncated && line.Line != sent:
			t.Errorf("%q came as %q", sent, line.Line)
		}
	}
	last := page.Lines[8]
	if last.Line != `<b>\xff:x|c` || last.Reason != "bad_value" || last.Offset != 5 || last.Sender != client.LocalAddr().String() {
		t.Errorf("the rejected line: %+v", last)
	}
	isLong := func(r wire.Reject) bool {
		return r.LineTruncated && r.LineEscaped && r.Line == strings.Repeat(`\xff`, 256)
	}
	if !slices.ContainsFunc(rejects.Rejects, isLong) {
		t.Errorf("the long reject is not there: %+v", rejects.Rejects)
	}
}

func TestTooManyTails(t *testing.T) {
	x, _, _ := start(t)
	for range 8 {
		if _, err := x.Tail(t.Context(), wire.TailQuery{}); err != nil {
			t.Fatal(err)
		}
	}
	_, err := x.Tail(t.Context(), wire.TailQuery{})
	if found, ok := errors.AsType[*wire.Error](err); !ok || found.Type != wire.Unavailable || !strings.Contains(found.Text, "eight viewers") {
		t.Errorf("one tail more: %v", err)
	}
	if x.Bytes() < 30_000 {
		t.Errorf("%d bytes", x.Bytes())
	}
}

func TestRejects(t *testing.T) {
	x, server, client := start(t)
	began := time.Now()
	x.Tick(began)
	send(t, server, client, "depth:1|g\ndepth:1|c\na:x|c\nGET / HTTP/1.1\na:y|c\n")
	got := x.Rejects(wire.RejectsQuery{Limit: 2}, began.Add(10*time.Second))
	if len(got.Reasons) != 3 || got.Reasons[0].Reason != "bad_value" || got.Reasons[0].Samples != 2 || got.Since != 4 {
		t.Fatalf("%+v", got)
	}
	bad := got.Reasons[0]
	if bad.PerSecond != 0.2 || bad.TenMinutes != 2 || bad.Newest == nil || bad.Newest.Line != "a:y|c" || bad.Newest.Offset != 2 ||
		!strings.HasPrefix(bad.Newest.Advice, `at "y": `) || bad.Advice == "" {
		t.Errorf("the first reason: %+v, newest %+v", bad, bad.Newest)
	}
	if len(got.Rejects) != 2 || got.Rejects[0].Seq != 4 || got.Rejects[1].Seq != 3 {
		t.Errorf("the newest two: %+v", got.Rejects)
	}
	if http := x.Rejects(wire.RejectsQuery{Reason: "malformed_line"}, began).Rejects; len(http) != 1 ||
		!strings.HasPrefix(http[0].Foreign, "this looks like HTTP") {
		t.Errorf("a line of HTTP: %+v", http)
	}
	conflict := x.Rejects(wire.RejectsQuery{Limit: 10, Reason: "type_conflict"}, began)
	if len(conflict.Rejects) != 1 || len(conflict.Reasons) != 1 || conflict.Rejects[0].Detail != "depth is a gauge; a counter was sent" ||
		conflict.Rejects[0].Sender != client.LocalAddr().String() || !conflict.Rejects[0].IsNew {
		t.Errorf("of one reason: %+v", conflict)
	}
	if next := x.Rejects(wire.RejectsQuery{Since: got.Since, Limit: 10}, began); len(next.Rejects) != 0 || next.Since != 4 {
		t.Errorf("since the last: %+v", next)
	}
}

// fake is an ingest whose counts are told.
type fake struct{ outcomes [protocol.NumReasons]uint64 }

func (*fake) Tap() *tap.Tap            { return nil }
func (*fake) Rejects() []ingest.Reject { return nil }
func (f *fake) Stats() ingest.Stats {
	return ingest.Stats{Transports: []ingest.TransportStats{{Ledger: ingest.Ledger{Outcomes: f.outcomes}}}}
}

// Counts of the last ten minutes, and the rate of the last ten seconds.
func TestRejectHistory(t *testing.T) {
	var f fake
	x, now := status.NewLines(&f), time.Unix(1_000_000, 0)
	for second := range 1500 {
		x.Tick(now)
		f.outcomes[protocol.ReasonNaN] += 2
		now = now.Add(time.Second)
		got := x.Rejects(wire.RejectsQuery{}, now).Reasons[0]
		want := min(2*uint64(second+1), 1200)
		if got.TenMinutes < want || got.TenMinutes > want+12 || got.PerSecond != 2 || got.Samples != 2*uint64(second+1) {
			t.Fatalf("after %d s: %+v, want %d in ten minutes, 2 a second", second+1, got, want)
		}
	}
	for range 20 {
		x.Tick(now)
		now = now.Add(time.Second)
	}
	if got := x.Rejects(wire.RejectsQuery{}, now).Reasons[0]; got.PerSecond != 0 || got.TenMinutes > 1200-20 {
		t.Errorf("20 s later: %+v", got)
	}
}

func TestSenders(t *testing.T) {
	x, server, client := start(t)
	if answer, err := x.Senders(wire.SendersQuery{}); err != nil || answer.Since == 0 || len(answer.Senders) != 0 {
		t.Fatalf("%+v, %v", answer, err)
	}
	send(t, server, client, "a:1|c\na:1:2|ms\nbad\nb:x|c\n")
	answer, err := x.Senders(wire.SendersQuery{Sort: "rejected", Limit: 10})
	if err != nil || answer.Total != 1 {
		t.Fatalf("%+v, %v", answer, err)
	}
	s := answer.Senders[0]
	if s.Sender != "127.0.0.1" || s.Transport != "tcp" || s.Lines != 4 || s.Samples != 5 || s.Rejected != 4 || s.SeriesCreated != 1 ||
		s.RejectReasons["type_conflict"] != 2 || s.RejectReasons["malformed_line"] != 1 || s.LinesPerSecond != nil || s.LastSeenAt == 0 {
		t.Errorf("%+v", s)
	}
	for _, q := range []wire.SendersQuery{{Sort: "color"}, {After: "x"}, {After: "-1"}} {
		if _, err := x.Senders(q); err == nil {
			t.Errorf("%+v is no error", q)
		}
	}
}

// Pages of senders have each sender once, in order, and the others last.
func TestSendersPages(t *testing.T) {
	all := make([]tap.Counts, 0, 25)
	for n := range 25 {
		all = append(all, tap.Counts{Sender: tap.Sender{PID: int32(n + 1)}, Transport: "unix", Created: uint64(n * 7 % 25)})
	}
	var got []wire.Sender
	q := wire.SendersQuery{Sort: "created", Limit: 10}
	for {
		page, err := status.PageOfSenders(q, all, tap.Counts{Lines: 9}, 3)
		if err != nil {
			t.Fatal(err)
		}
		if got = append(got, page.Senders...); page.Next == "" {
			break
		}
		q.After = page.Next
	}
	if len(got) != 26 || got[25].Sender != "others" || got[25].Lines != 9 {
		t.Fatalf("%d senders, the last %+v", len(got), got[len(got)-1])
	}
	for i := range 24 {
		if got[i].SeriesCreated != uint64(24-i) {
			t.Errorf("sender %d created %d series", i, got[i].SeriesCreated)
		}
	}
}

func ExampleLines_Senders() {
	o := ingest.DefaultOptions()
	server := ingest.NewServer(o, aggregate.New(aggregate.DefaultOptions()), zerolog.Nop())
	_, err := status.NewLines(server).Senders(wire.SendersQuery{Sort: "size"})
	fmt.Println(err)
	// Output: sort: "size": want rate, rejected, created or name
}
