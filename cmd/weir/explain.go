package main

import (
	"strings"

	"github.com/spf13/cobra"

	"weir/cmd/weir/explain"
	"weir/cmd/weir/self"
)

// newExplainCommand is weir explain; package explain does the work.
func newExplainCommand() *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use:   "explain LINE... [--json] [--config file] [flags]",
		Short: "show what weir makes of a line, without sending it",
		Long: `weir explain shows how weir reads each line: the dialect, fields and samples; the mapping
rule that matches and why the rules before it do not; the series that each sample belongs to; and
what would be rejected, and why.

It opens nothing and sends nothing. A running weir may already have series, and metrics of another
type; weir explain does not know them. It exits with 1 if a sample would be rejected. A sample that
a rule drops is not rejected.

  weir explain 'web.hits,status=200:1|c|@0.5' --config weir.yaml`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usageError("give at least one line, like 'web.hits:1|c'")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return explainLines(cmd, args, asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "answer as JSON, one object for each line")
	addConfigFlags(cmd)
	return cmd
}

// explainLines prints the explanation of every line, and ends with exit code 1 if any has a rejected sample.
func explainLines(cmd *cobra.Command, texts []string, asJSON bool) error {
	c, err := readConfig(cmd)
	if err != nil {
		return err
	}
	reserved, err := self.Names(c)
	if err != nil {
		return err
	}
	anyRejected := false
	for _, line := range explain.New(c, reserved...).Lines(strings.Join(texts, "\n")) {
		anyRejected = anyRejected || line.Rejected()
		write := line.Print
		if asJSON {
			write = line.WriteJSON
		}
		if err := write(cmd.OutOrStdout()); err != nil {
			return err
		}
	}
	if anyRejected {
		return errReported
	}
	return nil
}
