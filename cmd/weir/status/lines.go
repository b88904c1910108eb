package status

import (
	"context"
	"errors"
	"time"

	"weir/expose/status/explore"
	"weir/expose/status/wire"
	"weir/ingest"
	"weir/ingest/tap"
)

// Ingest is what Lines asks of an ingest.Server.
type Ingest interface {
	Tap() *tap.Tap
	Rejects() []ingest.Reject
	Stats() ingest.Stats
}

// Lines answers questions about what comes in.
type Lines struct {
	from    Ingest
	rejects rejectHistory
	rates   lineRates
}

// NewLines returns a Lines that has no history yet.
func NewLines(from Ingest) *Lines { return &Lines{from: from} }

// Tick remembers the counts of rejects and of lines. Call it about once a second.
func (x *Lines) Tick(now time.Time) {
	if x.rejects.isDue(now) {
		stats := x.from.Stats()
		total := stats.Total()
		x.rejects.add(now, &total.Ledger.Outcomes)
		x.rates.add(now, &stats)
	}
}

// Bytes returns about how much memory live lines, senders, rates and histories use.
func (x *Lines) Bytes() int { return x.from.Tap().Bytes() + rejectHistoryBytes }

// Listeners returns where lines come in, with the lines a second of the last 10 s; see [Listeners].
func (x *Lines) Listeners(bound []ingest.Listener, o *ingest.Options, now time.Time) wire.Listeners {
	stats := x.from.Stats()
	answer := Listeners(&stats, bound, o)
	for i := range answer.Listeners {
		l := &answer.Listeners[i]
		l.LinesPerSecond = x.rates.of(l.Transport, l.Lines, now)
	}
	return answer
}

// Tail returns lines as they come. The error says that too many viewers follow lines already.
func (x *Lines) Tail(ctx context.Context, q wire.TailQuery) (wire.Tail, error) {
	found, err := x.from.Tap().Tail(ctx, tap.Poll{
		Since: q.Since, Limit: q.Limit, Wait: q.Wait,
		Filter: tap.Filter{Match: q.Match, Sender: q.Sender, Rejected: q.Rejected},
	})
	if errors.Is(err, tap.ErrTooManyTails) {
		return wire.Tail{}, &wire.Error{Type: wire.Unavailable, Text: err.Error()}
	}
	answer := wire.Tail{
		Lines: make([]wire.Line, 0, len(found.Lines)), Since: found.Since, Seen: found.Seen,
		Skipped: found.Skipped,
	}
	for i := range found.Lines {
		answer.Lines = append(answer.Lines, lineOf(&found.Lines[i]))
	}
	return answer, err
}

func lineOf(l *tap.Line) wire.Line {
	line := wire.Line{Seq: l.Seq, At: seconds(l.Time), Reason: reasonText(l.Reason), Offset: l.Offset}
	line.Listener, line.Sender, line.PID = l.Listener, l.From.String(), l.From.PID
	line.LineTruncated = l.IsCut
	line.Line, line.LineEscaped = wire.Text(l.Text)
	line.Program, _ = wire.Text(l.Program)
	return line
}

// Rates returns the rates of families and series, nil while none are known.
func (x *Lines) Rates() explore.Rates {
	if found := x.from.Tap().Rates(); found != nil {
		return rates{found}
	}
	return nil
}

// Senders returns who sends, in the order asked for. The error says what is wrong with the question.
func (x *Lines) Senders(q wire.SendersQuery) (wire.Senders, error) {
	all, others, folded := x.from.Tap().Senders()
	answer, err := pageOfSenders(q, all, others, folded)
	answer.Since = seconds(x.from.Tap().Since())
	return answer, err
}

// Rejects returns what was rejected, refused or dropped, and why.
func (x *Lines) Rejects(q wire.RejectsQuery, now time.Time) wire.Rejects {
	stats := x.from.Stats()
	total := stats.Total()
	kept := x.from.Rejects() // newest first
	answer := wire.Rejects{
		Since: q.Since, Rejects: []wire.Reject{},
		Reasons: x.rejects.reasons(q.Reason, &total.Ledger.Outcomes, kept, now),
	}
	for i := range kept {
		r := &kept[i]
		answer.Since = max(answer.Since, r.Seq)
		if r.Seq > q.Since && (q.Reason == "" || q.Reason == r.Reason.String()) &&
			len(answer.Rejects) < max(1, q.Limit) {
			answer.Rejects = append(answer.Rejects, rejectOf(r))
		}
	}
	return answer
}

// Reasons returns the reasons for which samples were rejected, refused or dropped, most samples first.
func (x *Lines) Reasons() []wire.RejectReason {
	return x.Rejects(wire.RejectsQuery{Limit: 1}, time.Now()).Reasons
}

// Since returns since when lines are counted by sender; nil while they are not.
func (x *Lines) Since() *float64 {
	if since := x.from.Tap().Since(); !since.IsZero() {
		return new(seconds(since))
	}
	return nil
}
