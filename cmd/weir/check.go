package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// newCheckCommand is weir check: it prints every mistake in a configuration, one a line.
func newCheckCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check [--config file] [flags]",
		Short: "check a configuration without running it",
		Long: `weir check reads the configuration exactly as weir does: the file, the environment and all
flags of weir, and the files that the configuration names, such as mapping rules, tokens, keys and
certificates. If all is well, it prints "FILE: ok" and exits with 0. Otherwise it prints every
error, one a line, and exits with 1. Warnings, for example of a mapping rule that no line can
reach, do not change the exit code.`,
		Args: noArguments,
		RunE: check,
	}
	addConfigFlags(cmd)
	return cmd
}

// check is weir check and weir --check-config.
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

// warningLine writes a note as compilers write warnings, "file:line: warning: text", so that editors find the
// place. Notes about the mapping file begin with their own file and line.
func warningLine(name, mappingFile, note string) string {
	at, text, _ := strings.Cut(note, ": ")
	if mappingFile != "" && (at == mappingFile || strings.HasPrefix(at, mappingFile+":")) {
		return at + ": warning: " + text
	}
	return name + ": warning: " + note
}
