package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/cmd/weir/api"
	"weir/cmd/weir/explain"
	"weir/cmd/weir/self"
	"weir/expose/status/wire"
)

// explainer returns who explains lines: this process by the configuration of cmd; the running weir by its
// own; or this process by the configuration of cmd and the series of the running weir.
func (o *explaining) explainer(cmd *cobra.Command) (func(text string) ([]explain.Line, error), error) {
	var running *api.Client
	var err error
	switch {
	case o.from.URL != "":
		if running, err = api.New(o.from); err != nil {
			return nil, err
		}
	case o.from.TokenFile != "" || o.from.CA != "":
		return nil, usageError("--token-file and --ca are for the running weir of --url")
	}
	if running != nil && !configures(cmd) {
		x := remoteExplainer{running, cmd.ErrOrStderr()}
		return func(text string) ([]explain.Line, error) { return x.lines(cmd.Context(), text) }, nil
	}
	c, err := readConfig(cmd)
	if err != nil {
		return nil, err
	}
	reserved, err := self.Names(c)
	if err != nil {
		return nil, err
	}
	local := explain.New(c, reserved...)
	if running == nil {
		return func(text string) ([]explain.Line, error) { return local.Lines(text), nil }, nil
	}
	live, err := explain.NewLive(o.from.URL, c, running.Do)
	if err != nil {
		return nil, err
	}
	return func(text string) ([]explain.Line, error) {
		lines := local.Lines(text)
		for i := range lines {
			if err := live.Judge(cmd.Context(), &lines[i]); err != nil { // a request has a timeout
				return nil, err
			}
		}
		return lines, nil
	}, nil
}

// configures reports whether a configuration is given to cmd: by --config, or by the flag of a key.
func configures(cmd *cobra.Command) (found bool) {
	others := []string{"json", "verbose", "url", "token-file", "ca"}
	cmd.Flags().Visit(func(f *pflag.Flag) { found = found || !slices.Contains(others, f.Name) })
	return found
}

// remoteExplainer explains lines as a running weir does, by its API.
type remoteExplainer struct {
	running *api.Client
	notes   io.Writer
}

// What one question may have; the API takes twice as much.
const (
	linesOfQuestion = 50
	bytesOfQuestion = 4 << 10
)

// questions splits text into questions. A line of more than bytesOfQuestion is a question of its own.
func questions(text string) (all []string) {
	lines, size := 0, 0
	for line := range strings.Lines(text) {
		last := len(all) - 1
		if last < 0 || lines == linesOfQuestion || size+len(line) > bytesOfQuestion {
			all, lines, size, last = append(all, ""), 0, 0, last+1
		}
		all[last] += line
		lines, size = lines+1, size+len(line)
	}
	return all
}

// lines explains the lines of text.
func (x *remoteExplainer) lines(ctx context.Context, text string) (all []explain.Line, err error) {
	for _, question := range questions(text) {
		if strings.TrimSpace(question) == "" {
			continue
		}
		x.noteBytes(question)
		answer, err := x.ask(ctx, question)
		if err != nil {
			return nil, failure(err)
		}
		for _, object := range answer.Lines {
			var explained explain.Line
			if err := json.Unmarshal(object, &explained); err != nil {
				return nil, fmt.Errorf("read what the running weir explains: %w", err)
			}
			all = append(all, explained)
		}
	}
	return all, nil
}

// noteBytes notes the lines that JSON cannot carry as they are.
func (x *remoteExplainer) noteBytes(lines string) {
	for line := range strings.Lines(lines) {
		if !utf8.ValidString(line) {
			fmt.Fprintf(x.notes, "weir explain: %s is not UTF-8: the running weir is asked with U+FFFD "+
				"in place of the wrong bytes\n", explain.Printable(strings.TrimSuffix(line, "\n")))
		}
	}
}

// ask asks about lines, again while the API says that it is asked too often.
func (x *remoteExplainer) ask(ctx context.Context, lines string) (wire.Explained, error) {
	const attempts, pause = 20, 500 * time.Millisecond
	for attempt := 1; ; attempt++ {
		answer, err := api.Post[wire.Explained](ctx, x.running, "explain", wire.ExplainQuery{Line: lines})
		if refused, ok := errors.AsType[*wire.Error](err); !ok || refused.Type != wire.TooManyRequests ||
			attempt == attempts {
			return answer, err
		}
		select {
		case <-ctx.Done():
			return answer, ctx.Err()
		case <-time.After(pause):
		}
	}
}

// failure adds the other way to ask, where there is one.
func failure(err error) error {
	said, ok := errors.AsType[*wire.Error](err)
	closed := []string{wire.Forbidden, wire.Unavailable, wire.NotFound}
	if ok && slices.Contains(closed, said.Type) || errors.Is(err, api.ErrNoAPI) {
		return fmt.Errorf("ask the running weir: %w; with --config FILE of that weir, "+
			"its metrics are scraped instead", err)
	}
	return fmt.Errorf("ask the running weir: %w", err)
}
