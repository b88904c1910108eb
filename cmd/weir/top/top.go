package top

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"weir/cmd/weir/api"
	"weir/expose/status/wire"
)

// Sorts are what metrics can be sorted by; their first letters are keys, except w for new.
var Sorts = []string{wire.SortRate, wire.SortSeries, wire.SortBytes, wire.SortNew, wire.SortName}

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

// answers are what one round of questions brought.
type answers struct {
	options Options          // that were asked for
	missing map[string]error // by the path of a part that did not answer, why

	status   wire.Status
	families wire.Families
	rejects  wire.Rejects
	senders  wire.Senders
}

// ask asks everything that a picture shows. The error says why there is no state; that another part does not
// answer is no error.
func ask(ctx context.Context, c *api.Client, o *Options) (*answers, error) {
	a := answers{options: *o, missing: make(map[string]error)}
	var err error
	if a.status, err = api.Get[wire.Status](ctx, c, "status", nil); err != nil {
		return nil, err
	}
	q := url.Values{"sort": {o.Sort}, "limit": {strconv.Itoa(mostFamilies)}}
	if o.Match != "" {
		q.Set("match", o.Match)
	}
	a.families = part[wire.Families](ctx, c, &a, "families", q)
	a.rejects = part[wire.Rejects](ctx, c, &a, "rejects", url.Values{"limit": {"1"}})
	a.senders = part[wire.Senders](ctx, c, &a, "senders", url.Values{"limit": {strconv.Itoa(mostSenders)}})
	return &a, ctx.Err()
}

// part asks for a part of a picture, and notes in a why there is no answer.
func part[A any](ctx context.Context, c *api.Client, a *answers, path string, q url.Values) A {
	answer, err := api.Get[A](ctx, c, path, q)
	if err != nil {
		a.missing[path] = err
	}
	return answer
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
	// Resized sends when Size has changed; it may be nil.
	Resized <-chan os.Signal
}

// Run draws the state again and again, until ctx is done or q is typed. It goes on when weir is restarted.
// The error says why weir does not answer.
func Run(ctx context.Context, c *api.Client, o Options, t *Terminal) error {
	terminal := *t
	p := picture{options: o}
	for {
		next, err := round(ctx, c, &p, &terminal)
		if err != nil || next == quit {
			return err
		}
	}
}

// round asks, and draws after each answer and each key, until the interval is over or a key asks for other
// answers. It never waits for weir alone: keys have their effect while weir is slow. It sets t.Keys to nil
// when no more can be typed.
func round(ctx context.Context, c *api.Client, p *picture, t *Terminal) (effect, error) {
	ctx, cancel := context.WithCancel(ctx)
	var asking sync.WaitGroup
	defer asking.Wait()
	defer cancel()
	answered, options := make(chan func() error, 1), p.options
	asking.Go(func() { // ends with ctx
		a, err := ask(ctx, c, &options)
		answered <- func() error { return take(p, a, err) }
	})
	var over <-chan time.Time // nil until there is an answer
	for {
		if err := p.draw(t); err != nil {
			return quit, nil // nobody sees it any more
		}
		select {
		case <-ctx.Done():
			return quit, nil
		case takeIt := <-answered:
			if err := takeIt(); err != nil && ctx.Err() == nil {
				return quit, err
			}
			over = time.After(p.options.Interval)
		case <-over:
			return again, nil
		case <-t.Resized:
		case key, ok := <-t.Keys:
			if !ok {
				t.Keys = nil // then only ctx ends it
			} else if next := p.press(key); next != stay {
				return next, nil
			}
		}
	}
}

// take puts an answer into the picture. It returns the error when asking again makes no sense.
func take(p *picture, a *answers, err error) error {
	switch {
	case err != nil && (p.answers == nil || api.IsFinal(err)):
		return err
	case err != nil:
		p.trouble = err.Error()
	default:
		p.answers, p.trouble = a, ""
	}
	return nil
}
