package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// newCheckCommand is weir check: it says what is wrong with a configuration, all at once, one per line.
func newCheckCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check [--config file] [flags]",
		Short: "say what is wrong with a configuration, without running",
		Long: "weir check reads the configuration just as weir would, from the file, the environment and\n" +
			"all the flags of weir, and the files that it names: tokens, keys, certificates. It prints\n" +
			"\"<file>: ok\" and exits 0, or every error and exits 1. Warnings, such as mapping rules that\n" +
			"are never reached, are no error.",
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
		cmd.PrintErrln(warningLine(name, c.Mapping.File, note))
	}
	_, err = fmt.Fprintln(cmd.OutOrStdout(), name+": ok")
	return err
}

// warningLine is a note as compilers write theirs: "file:line: warning: text". Notes of the mapping file say
// where they are from.
func warningLine(name, mappingFile, note string) string {
	at, text, _ := strings.Cut(note, ": ")
	if mappingFile != "" && (at == mappingFile || strings.HasPrefix(at, mappingFile+":")) {
		return at + ": warning: " + text
	}
	return name + ": warning: " + note
}
