package top

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"weir/cmd/weir/api"
	"weir/expose/status/wire"
)

// Sorts are what metrics can be sorted by; their first letters are keys, except w for new.
var Sorts = []string{"rate", "series", "bytes", "new", "name"}

const (
	// rateWait is how long Once waits for the rates of metrics, which need a first question and five seconds.
	rateWait = 7 * time.Second

	mostFamilies = 100
	mostSenders  = 5
)

// Options say what to show.
type Options struct {
	// Interval is how often to ask; at least 500ms.
	Interval time.Duration
	// Sort is one of Sorts.
	Sort string
	// Match is a part of the names of metrics to show, or a glob; empty shows all.
	Match string
}

// Validate returns what is wrong with o.
func (o *Options) Validate() error {
	switch {
	case !slices.Contains(Sorts, o.Sort):
		return fmt.Errorf("--sort: %q: want %s", o.Sort, strings.Join(Sorts, ", "))
	case o.Interval < 500*time.Millisecond:
		return fmt.Errorf("--interval: %v: want at least 500ms", o.Interval)
	default:
		return nil
	}
}

// answers are what one round of questions brought. Metrics, rejects and senders are empty where that part of
// weir did not answer.
type answers struct {
	status   wire.Status
	families wire.Families
	rejects  wire.Rejects
	senders  wire.Senders
}

// ask asks everything that a picture shows. The error says why there is no state; that another part does not
// answer is no error.
func ask(ctx context.Context, c *api.Client, o *Options) (*answers, error) {
	var a answers
	var err error
	if a.status, err = api.Get[wire.Status](ctx, c, "status", nil); err != nil {
		return nil, err
	}
	q := url.Values{"sort": {o.Sort}, "limit": {strconv.Itoa(mostFamilies)}}
	if o.Match != "" {
		q.Set("match", o.Match)
	}
	a.families, _ = api.Get[wire.Families](ctx, c, "families", q)
	a.rejects, _ = api.Get[wire.Rejects](ctx, c, "rejects", url.Values{"limit": {"1"}})
	a.senders, _ = api.Get[wire.Senders](ctx, c, "senders", url.Values{"limit": {strconv.Itoa(mostSenders)}})
	return &a, ctx.Err()
}

// Once prints one picture, without anything that a terminal acts on. It waits some seconds until the rates of
// metrics are known.
func Once(ctx context.Context, c *api.Client, o *Options, out io.Writer) error {
	began := time.Now()
	a, err := ask(ctx, c, o)
	for err == nil && !a.families.Estimated && len(a.families.Families) > 0 && time.Since(began) < rateWait {
		api.Sleep(ctx, o.Interval)
		a, err = ask(ctx, c, o)
	}
	if err != nil {
		return err
	}
	p := picture{answers: a, options: *o}
	for _, line := range p.lines(0, 0) {
		if _, err := io.WriteString(out, line+"\n"); err != nil {
			return fmt.Errorf("print: %w", err)
		}
	}
	return nil
}

// Terminal is where Run draws.
type Terminal struct {
	Out io.Writer
	// Size returns how many columns and lines there are.
	Size func() (columns, lines int)
	// Keys sends each byte that is typed; it may be closed.
	Keys <-chan byte
}

// Run draws the state again and again, until ctx is done or q is typed. It goes on when weir is restarted.
// The error says why weir does not answer.
func Run(ctx context.Context, c *api.Client, o Options, t *Terminal) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	p := picture{options: o}
	for ctx.Err() == nil {
		a, err := ask(ctx, c, &p.options)
		switch {
		case ctx.Err() != nil:
		case err != nil && (p.answers == nil || api.IsFinal(err)):
			return err
		case err != nil:
			p.trouble = err.Error()
		default:
			p.answers, p.trouble = a, ""
		}
		if ctx.Err() == nil && !wait(ctx, &p, t) {
			return nil
		}
	}
	return nil
}

// wait draws, and draws again after each key, until the interval is over or a key asks for other answers. It
// reports whether to go on.
func wait(ctx context.Context, p *picture, t *Terminal) bool {
	over := time.NewTimer(p.options.Interval)
	defer over.Stop()
	for {
		if err := p.draw(t); err != nil {
			return false // nobody sees it any more
		}
		select {
		case <-ctx.Done():
			return false
		case <-over.C:
			return true
		case key, ok := <-t.Keys:
			if !ok {
				t.Keys = nil // then only ctx ends it
				continue
			}
			switch p.press(key) {
			case quit:
				return false
			case again:
				return true
			case stay:
			}
		}
	}
}
