package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

// newCheckCommand is weir check: it says what is wrong with a configuration, all at once, one per line.
func newCheckCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check [--config file] [flags]",
		Short: "say what is wrong with a configuration, without running",
		Long: "weir check reads the configuration just as weir would, from the file, the environment and\n" +
			"all the flags of weir, and the files that it names: tokens, keys, certificates. It prints\n" +
			"\"<file>: ok\" and exits 0, or every error and exits 1.",
		Args: noArguments,
		RunE: check,
	}
	addConfigFlags(cmd)
	return cmd
}

func check(cmd *cobra.Command, _ []string) error {
	c, err := readConfig(cmd)
	if err != nil {
		cmd.PrintErrln(err)
		return errReported
	}
	if err := c.Expose.CheckFiles(); err != nil {
		cmd.PrintErrln(err)
		return errReported
	}
	name := cmd.Flag("config").Value.String()
	if name == "" {
		name = "defaults and environment"
	}
	for _, note := range c.Notes() {
		cmd.PrintErrln(name + ": warning: " + note)
	}
	_, err = fmt.Fprintln(cmd.OutOrStdout(), name+": ok")
	return err
}
