package tail

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strconv"
	"time"

	"weir/cmd/weir/api"
	"weir/expose/status/wire"
)

// Formats are the ways to print a line.
var Formats = []string{"raw", "logfmt", "json"}

const (
	// wait is how long the server waits for a line.
	wait = 2 * time.Second

	// pause is how long to wait before asking again, when there was no answer.
	pause = time.Second

	// perAnswer is the most lines of an answer.
	perAnswer = 500
)

// Options say which lines to print, and how.
type Options struct {
	// Match is a part of the names to print, as they are sent, or a glob; empty prints all.
	Match string
	// Sender is the sender of the lines to print; empty prints all.
	Sender string
	// Rejected prints only lines that were rejected, refused or dropped.
	Rejected bool
	// Limit ends after so many lines; 0 goes on.
	Limit int
	// Interval is the least time between two questions; 0 asks again at once.
	Interval time.Duration
	// Format is one of Formats.
	Format string
}

// Validate returns what is wrong with o.
func (o *Options) Validate() error {
	switch {
	case !slices.Contains(Formats, o.Format):
		return fmt.Errorf("--format: %q: want raw, logfmt or json", o.Format)
	case o.Limit < 0:
		return fmt.Errorf("--limit: %d: want the number of lines after which to end, or 0", o.Limit)
	case o.Interval < 0:
		return fmt.Errorf("--interval: %v: want 0s or more", o.Interval)
	default:
		return nil
	}
}

// Run prints lines to out as they come, and notes about them to notes, until ctx is done or o.Limit is
// reached. It goes on when weir is restarted. The error says why weir does not answer.
func Run(ctx context.Context, c *api.Client, o *Options, out, notes io.Writer) error {
	t := &printer{options: o, out: out, notes: notes}
	var since uint64
	for connected := false; ctx.Err() == nil; {
		answer, err := api.Get[wire.Tail](ctx, c, "tail", o.question(since))
		if err != nil {
			if err := t.failed(ctx, err, connected); err != nil {
				return err
			}
			since = 0
			continue
		}
		connected, since = true, answer.Since
		isDone, err := t.print(&answer)
		if err != nil || isDone {
			return err
		}
		api.Sleep(ctx, o.Interval)
	}
	return nil
}

// question returns the parameters of a question.
func (o *Options) question(since uint64) url.Values {
	q := url.Values{"wait": {wait.String()}, "limit": {strconv.Itoa(perAnswer)}}
	for name, value := range map[string]string{"match": o.Match, "sender": o.Sender} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if o.Rejected {
		q.Set("rejected", "1")
	}
	if since > 0 {
		q.Set("since", strconv.FormatUint(since, 10))
	}
	return q
}

// printer prints answers.
type printer struct {
	options    *Options
	out, notes io.Writer
	printed    int
}

// failed waits before the next question, or returns the error when another makes no sense.
func (t *printer) failed(ctx context.Context, err error, connected bool) error {
	switch {
	case ctx.Err() != nil:
		return nil //nolint:nilerr // the command was told to end
	case !connected || api.IsFinal(err):
		return err
	}
	t.note("no answer, trying again: %v", err)
	api.Sleep(ctx, pause)
	return nil
}

// print prints the lines of an answer, and reports whether they were the last.
func (t *printer) print(answer *wire.Tail) (isDone bool, err error) {
	for i := range answer.Lines {
		if err := Write(t.out, &answer.Lines[i], t.options.Format); err != nil {
			return true, fmt.Errorf("print: %w", err)
		}
		t.printed++
		if t.options.Limit > 0 && t.printed == t.options.Limit {
			return true, nil
		}
	}
	if answer.Skipped > 0 {
		t.note("%d lines were left out: at most 50 a second are shown; --match and --sender select some",
			answer.Skipped)
	}
	return false, nil
}

func (t *printer) note(format string, args ...any) {
	fmt.Fprintf(t.notes, "weir tail: "+format+"\n", args...)
}
