package tap

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"weir/protocol"
)

const (
	// maxTails is how many tails there may be, each with a viewer.
	maxTails = 8

	// tailIdle is after how long without a poll a tail gives its place to another, and tailFor after how long
	// it ends by itself.
	tailIdle, tailFor = 6 * time.Second, time.Minute

	// maxWait bounds how long a poll waits for a line.
	maxWait = 2 * time.Second

	// A cursor is the number of a tail, and in its low bits the number of a line: together they are exact in
	// JavaScript's numbers.
	seqBits = 32
	maxID   = 1<<20 - 1
)

// ErrTooManyTails says that as many viewers as there may be follow lines.
var ErrTooManyTails = errors.New("eight viewers follow lines already, and there is no place for another: " +
	"end one of them, or try again in a few seconds")

// Tail is the answer to a poll for live lines.
type Tail struct {
	// Lines are the lines behind the cursor of the poll, oldest first.
	Lines []Line
	// Since is the cursor for the next poll.
	Since uint64
	// Seen is how many lines were looked at since the last poll, and Skipped how many of them the filter
	// would show, but there were more than 50 a second, or the viewer was slow.
	Seen, Skipped uint64
}

// Poll is one poll of a viewer for live lines.
type Poll struct {
	// Since is Tail.Since of the last poll of this viewer; 0 begins a tail.
	Since  uint64
	Filter Filter
	// Limit is the most lines to return, at least 1.
	Limit int
	// Wait is how long to wait for the first line; at most 2 s.
	Wait time.Duration
}

// Tail returns lines as they come. A tail begins with the first poll of a viewer, or with another filter, and
// ends a minute after the last one, or when another needs its place; a poll after that begins another. The
// error is ErrTooManyTails. It holds no lock while it waits; Close ends the wait.
func (t *Tap) Tail(ctx context.Context, p Poll) (Tail, error) {
	now := time.Now()
	t.look(now)
	found, err := t.tailOf(p, now)
	if err != nil {
		return Tail{}, err
	}
	since := p.Since
	if since>>seqBits != found.id {
		since = found.id << seqBits
	}
	ctx, cancel := context.WithTimeout(ctx, min(max(p.Wait, 0), maxWait))
	defer cancel()
	answer := Tail{Lines: found.wait(ctx, since, max(1, p.Limit)), Since: since}
	if n := len(answer.Lines); n > 0 {
		answer.Since = answer.Lines[n-1].Seq
	}
	answer.Seen, answer.Skipped = found.seen.Swap(0), found.skipped.Swap(0)
	return answer, nil
}

// tailOf returns the tail of a poll.
func (t *Tap) tailOf(p Poll, now time.Time) (*tail, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.session.Load()
	if s == nil { // closed
		return newTail(maxID, p.Filter, t), nil
	}
	tails := *s.tails.Load()
	for _, x := range tails {
		if x.id == p.Since>>seqBits && x.filter == p.Filter {
			x.polled = now
			return x, nil
		}
	}
	isReplaced := func(x *tail) bool { return x.id == p.Since>>seqBits } // the viewer has another filter
	others := slices.DeleteFunc(slices.Clone(tails), isReplaced)
	if len(others) >= maxTails {
		oldest := slices.MinFunc(others, func(a, b *tail) int { return a.polled.Compare(b.polled) })
		if now.Sub(oldest.polled) < tailIdle {
			return nil, ErrTooManyTails
		}
		others = slices.DeleteFunc(others, func(x *tail) bool { return x == oldest })
	}
	x := newTail(newID(others), p.Filter, t)
	x.polled = now
	others = append(others, x)
	s.tails.Store(&others)
	return x, nil
}

// newID returns a number that no tail has. It is random, so that a cursor of another process means no tail.
func newID(tails []*tail) uint64 {
	for {
		id := 1 + rand.Uint64N(maxID)
		if !slices.ContainsFunc(tails, func(x *tail) bool { return x.id == id }) {
			return id
		}
	}
}

// refillTails gives every tail its places, and ends the tails that nobody polls.
func (s *session) refillTails(now time.Time) {
	const places = int64(tailPerSecond * drainInterval / time.Second)
	s.tap.mu.Lock()
	defer s.tap.mu.Unlock()
	kept := slices.Clone(*s.tails.Load())
	before := len(kept)
	kept = slices.DeleteFunc(kept, func(x *tail) bool { return now.Sub(x.polled) >= tailFor })
	if len(kept) != before {
		s.tails.Store(&kept)
	}
	for _, x := range kept {
		x.refill(places)
	}
}

// Counts are what is known of one sender.
type Counts struct {
	Sender Sender
	// Transport is the transport that it uses, like "udp".
	Transport string
	// Program is the program of its process; empty when it is not known.
	Program string
	// Addresses is about how many ports it used; of a few, one may be missing.
	Addresses int
	// Runs, Lines and Samples came since somebody began to look: see Tap.Since. Runs are datagrams, or pieces
	// of a stream.
	Runs, Lines, Samples uint64
	// LinesPerSecond is over the last two steps of 5 s. HasRate says that the first step has ended.
	LinesPerSecond float64
	HasRate        bool
	// Created is how many series its samples created, Refused how many samples a limit refused, Rejected how
	// many were rejected, by reason: since weir started.
	Created, Refused uint64
	Rejected         [protocol.NumReasons]uint64
	// LastSeen is the second of its last line while somebody looked, or of the last of the facts above, in
	// seconds since the epoch.
	LastSeen int64
}

// Senders returns the counts of every sender, in no order, and the counts of the others together. Others are
// senders that found no place: folded is about how many.
func (t *Tap) Senders() (all []Counts, others Counts, folded int) {
	s := t.look(time.Now())
	type key struct {
		transport string
		sender    Sender
	}
	merged := make(map[key]*row)
	var rest table
	for _, l := range t.allLanes() {
		l.mu.Lock()
		if s != nil && l.begun != s { // it took nothing yet
			l.begin(s)
		}
		for _, r := range l.table.rows {
			sum := merged[key{l.transport, r.sender}]
			if sum == nil {
				sum = &row{sender: r.sender}
				merged[key{l.transport, r.sender}] = sum
			}
			sum.merge(r)
		}
		rest.others.merge(&l.table.others)
		for i, word := range &l.table.strange {
			rest.strange[i] |= word
		}
		l.mu.Unlock()
	}
	for k, sum := range merged {
		all = append(all, sum.counts(k.transport))
	}
	return all, rest.others.counts(""), distinct(rest.strange[:])
}

// merge adds the counts of the same sender in another lane.
func (r *row) merge(o *row) {
	r.program = cmp.Or(r.program, o.program)
	r.lastSeen = max(r.lastSeen, o.lastSeen)
	r.facts.add(&o.facts)
	r.watched.add(&o.watched)
}

func (r *row) counts(transport string) Counts {
	return Counts{
		Sender: r.sender, Transport: transport, Program: r.program, Addresses: r.watched.addresses(),
		Runs: r.watched.runs, Lines: r.watched.lines, Samples: r.watched.samples,
		LinesPerSecond: r.watched.rate(), HasRate: r.watched.steps > 0,
		Created: r.facts.created, Refused: r.facts.refused, Rejected: r.facts.rejected, LastSeen: r.lastSeen,
	}
}

// Rates returns the rates of the last steps. It is nil until the first step after somebody began to look.
func (t *Tap) Rates() *Rates {
	t.look(time.Now())
	return t.rates.Load()
}
