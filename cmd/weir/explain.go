package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"weir/cmd/weir/explain"
	"weir/cmd/weir/self"
)

// newExplainCommand is weir explain; package explain does the work.
func newExplainCommand() *cobra.Command {
	var o explaining
	cmd := &cobra.Command{
		Use:   "explain LINE...|- [-v] [--json] [--url URL] [--config file] [flags]",
		Short: "show what weir makes of a line, without sending it",
		Long: `weir explain shows how weir reads each line: the dialect, fields and samples; the mapping
rule that matches; the series that each sample belongs to; and what would be rejected, and why. With
-v it shows too why rules before the one that matches do not. With - as the only LINE it reads lines
from stdin and answers each at once.

It opens nothing and sends nothing. A running weir may already have series, and metrics of another
type; weir explain knows them only with --url, which scrapes the metrics of that name from a running
weir. Give it the configuration of that weir too. It exits with 1 if a sample would be rejected. A sample that
a rule drops is not rejected.

  weir explain 'web.hits,status=200:1|c|@0.5' --config weir.yaml`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usageError("give at least one line, like 'web.hits:1|c', or - for lines from stdin")
			}
			return nil
		},
		RunE: o.run,
	}
	cmd.Flags().BoolVar(&o.asJSON, "json", false, "answer as JSON, one object for each line")
	cmd.Flags().BoolVarP(&o.isVerbose, "verbose", "v", false,
		"show the rules before the one that matches, too")
	cmd.Flags().StringVar(&o.url, "url", "",
		"a running weir to ask for types and series, like http://127.0.0.1:9102")
	addConfigFlags(cmd)
	return cmd
}

// explaining is one run of weir explain.
type explaining struct {
	asJSON, isVerbose bool
	url               string // of a running weir; empty when none is asked

	live        *explain.Live // nil when none is asked
	explainer   *explain.Explainer
	out         io.Writer
	lines       int // that were explained
	anyRejected bool
}

// run explains every line, and ends with exit code 1 if a sample of any is rejected.
func (o *explaining) run(cmd *cobra.Command, texts []string) error {
	c, err := readConfig(cmd)
	if err != nil {
		return err
	}
	reserved, err := self.Names(c)
	if err != nil {
		return err
	}
	o.explainer, o.out = explain.New(c, reserved...), cmd.OutOrStdout()
	if o.url != "" {
		if o.live, err = explain.NewLive(o.url, c); err != nil {
			return err
		}
	}
	if len(texts) == 1 && texts[0] == "-" {
		err = o.read(cmd.InOrStdin())
	} else {
		err = o.explain(strings.Join(texts, "\n"))
	}
	switch {
	case err != nil:
		return err
	case o.lines == 0:
		return errors.New("nothing to explain: every line is empty; want a line like web.hits:1|c")
	case o.anyRejected:
		return errReported
	default:
		return nil
	}
}

// read explains the lines of from, each when it is there, until from ends.
func (o *explaining) read(from io.Reader) error {
	lines := bufio.NewReader(from)
	for {
		line, err := lines.ReadString('\n')
		if err := o.explain(line); err != nil {
			return err
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("read stdin: %w", err)
		}
	}
}

// explain prints the explanation of each line of text.
func (o *explaining) explain(text string) error {
	for _, line := range o.explainer.Lines(text) {
		o.lines++
		if o.live != nil {
			if err := o.live.Judge(context.Background(), &line); err != nil { // a request has a timeout
				return err
			}
		}
		o.anyRejected = o.anyRejected || line.Rejected()
		write := line.Print
		switch {
		case o.asJSON:
			write = line.WriteJSON
		case o.isVerbose:
			write = line.PrintAll
		}
		if err := write(o.out); err != nil {
			return err
		}
	}
	return nil
}
