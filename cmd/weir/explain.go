package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"weir/cmd/weir/api"
	"weir/cmd/weir/explain"
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
type. With --url, that weir explains the line by its own configuration and by what it has; nothing is
recorded. Its API answers programs on its own host, or those with a token of the scope status:read. With
--url and a configuration (--config, or flags of its keys), that configuration is tried: the types and series
of the line are scraped from the running weir. It exits with 1 if a sample would be rejected. A sample that a
rule drops is not rejected.

  weir explain 'web.hits,status=200:1|c|@0.5' --config weir.yaml
  weir explain --url http://127.0.0.1:9102 'web.hits:5|g'      what the running weir would do
  tail -f lines | weir explain --url http://127.0.0.1:9102 -   of each line, as it is there`,
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
	cmd.Flags().StringVar(&o.from.URL, "url", "",
		"a running weir to ask, like http://127.0.0.1:9102; none when empty")
	addCredentialFlags(cmd, &o.from)
	addConfigFlags(cmd)
	return cmd
}

// explaining is one run of weir explain.
type explaining struct {
	asJSON, isVerbose bool
	from              api.Options // the running weir to ask; without a URL, none is asked

	by          func(text string) ([]explain.Line, error) // explains every line of a text
	out         io.Writer
	lines       int // that were explained
	anyRejected bool
}

// run explains every line, and ends with exit code 1 if a sample of any is rejected.
func (o *explaining) run(cmd *cobra.Command, texts []string) error {
	var err error
	o.out = cmd.OutOrStdout()
	if o.by, err = o.explainer(cmd); err != nil {
		return err
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

// read explains the lines of from, each when it is there, until from ends. Lines that are there together are
// explained together.
func (o *explaining) read(from io.Reader) error {
	lines := bufio.NewReader(from)
	for {
		text, err := lines.ReadString('\n')
		if end := bytes.LastIndexByte(buffered(lines), '\n') + 1; err == nil && end > 0 {
			more := make([]byte, end)
			_, err = io.ReadFull(lines, more) // it has them
			text += string(more)
		}
		if err := o.explain(text); err != nil {
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

// buffered returns what can be read without waiting.
func buffered(from *bufio.Reader) []byte {
	text, _ := from.Peek(from.Buffered()) // it has them
	return text
}

// explain prints the explanation of each line of text.
func (o *explaining) explain(text string) error {
	explained, err := o.by(text)
	if err != nil {
		return err
	}
	for i := range explained {
		line := &explained[i]
		o.lines++
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
