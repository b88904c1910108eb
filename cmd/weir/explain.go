package main

import (
	"strings"

	"github.com/spf13/cobra"

	"weir/cmd/weir/explain"
)

// newExplainCommand is weir explain: it says what becomes of lines, without sending them.
func newExplainCommand() *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use:   "explain LINE... [--json] [--config file] [flags]",
		Short: "say what becomes of a line, without sending it",
		Long: `weir explain says how each line is read: its dialect, fields and samples, the series that
each sample belongs to, the mapping rule that names it and why those before it do not match, and
what would be rejected and why. Nothing is opened or sent; series and types that a running weir
already knows are not taken into account. It exits 1 when a sample would be rejected; what a rule
drops is not.

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

func explainLines(cmd *cobra.Command, texts []string, asJSON bool) error {
	c, err := readConfig(cmd)
	if err != nil {
		return err
	}
	reserved, err := selfNames(c)
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
