package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"weir/aggregate"
	"weir/aggregate/mapping"
	"weir/cmd/weir/production"
	"weir/config"
)

// newCheckCommand is weir check: it prints every mistake in a configuration, one a line.
func newCheckCommand() *cobra.Command {
	isStrict, isProduction, asJSON := false, false, false
	cmd := &cobra.Command{
		Use:   "check [--strict] [--production [--json]] [--config file] [flags]",
		Short: "check a configuration without running it",
		Long: `weir check reads the configuration exactly as weir does: the file, the environment and all
flags of weir, and the files that the configuration names, such as mapping rules, tokens, keys and
certificates. If all is well, it prints "FILE: ok" for each file, with the number of rules in it,
and exits with 0. Otherwise it prints every error, one a line, and exits with 1.

Warnings, for example of a mapping rule that no line can reach, are printed too. They do not change
the exit code, except with --strict: then it is 1 if there are any.

With --production it also runs twelve checks of performance, security, reliability and
observability, on the configuration and on parts of weir that it starts on free ports of loopback
for a few seconds. It prints the figure of each and what to change, and exits with 1 if one fails.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case asJSON && !isProduction:
				return usageError("--json is for --production")
			case isProduction:
				return checkProduction(cmd, asJSON, isStrict)
			default:
				return check(cmd, isStrict)
			}
		},
	}
	cmd.Flags().BoolVar(&isProduction, "production", false, "run the checks before production, too")
	cmd.Flags().BoolVar(&asJSON, "json", false, "with --production: answer as JSON")
	cmd.Flags().BoolVar(&isStrict, "strict", false, "exit with 1 if there are warnings")
	addConfigFlags(cmd)
	return cmd
}

// check is weir check and weir --check-config.
func check(cmd *cobra.Command, isStrict bool) error {
	c, err := readConfig(cmd)
	if err != nil {
		cmd.PrintErrln(err)
		return errReported
	}
	files, err := c.Expose.CheckFiles()
	if err != nil {
		cmd.PrintErrln(c.Locate(err))
		return errReported
	}
	name := cmd.Flag("config").Value.String()
	if name == "" {
		name = "defaults and environment"
	}
	notes := c.Notes()
	for _, note := range notes {
		cmd.PrintErrln(warningLine(name, c.Mapping.File, note))
	}
	if isStrict && len(notes) > 0 {
		cmd.PrintErrf("%s: %d warnings, which --strict does not allow\n", name, len(notes))
		return errReported
	}
	return printChecked(cmd.OutOrStdout(), c, name, files)
}

// checkProduction is weir check --production. With JSON, stdout has nothing else.
func checkProduction(cmd *cobra.Command, asJSON, isStrict bool) error {
	write, stdout := production.Print, cmd.OutOrStdout()
	if asJSON {
		write = production.WriteJSON
		cmd.SetOut(io.Discard)
	}
	if err := check(cmd, isStrict); err != nil {
		return err
	}
	c, err := readConfig(cmd)
	if err != nil {
		return err
	}
	ctx, release := untilSignal()
	defer release()
	results, err := production.Run(ctx, c)
	if err := errors.Join(write(stdout, results), err); err != nil {
		return err
	}
	if production.Failed(results) > 0 {
		return errReported
	}
	return nil
}

// printChecked writes a line for each file that was read, and for each preset: the one called name, the files
// of rules, and the further files.
func printChecked(w io.Writer, c *config.Config, name string, files []string) error {
	var b strings.Builder
	fmt.Fprintln(&b, name+": ok")
	for i, rules := range c.Aggregate.Rules {
		unit := "rules"
		if rules.Len() == 1 {
			unit = "rule"
		}
		file := c.Mapping.File // whose rules come first
		if i > 0 || file == "" {
			file = rules.Rule(0).File // a preset has rules
		}
		fmt.Fprintf(&b, "%s: ok, %d %s", file, rules.Len(), unit)
		if n := countClassic(&c.Aggregate.Timers, rules); n > 0 {
			fmt.Fprintf(&b, ", %d with buckets beside native ones", n)
		}
		b.WriteByte('\n')
	}
	for _, file := range files {
		fmt.Fprintln(&b, file+": ok")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// countClassic returns how many rules give histograms classic buckets where the configuration says native.
func countClassic(t *aggregate.Timers, rules *mapping.Rules) (n int) {
	for i := range rules.Len() {
		s := rules.Rule(i).Settings
		isNative := t.Observer == aggregate.ObserverNative && s.Observer != aggregate.ObserverSummary &&
			(s.NativeBucketFactor == nil || *s.NativeBucketFactor > 1)
		if isNative && s.Buckets != nil {
			n++
		}
	}
	return n
}

// warningLine writes a note as compilers write warnings, "file:line: warning: text", so that editors find the
// place. Notes about the mapping file begin with their own file and line, those about a variable with its
// name.
func warningLine(name, mappingFile, note string) string {
	at, text, _ := strings.Cut(note, ": ")
	isVariable := strings.HasPrefix(at, "WEIR_")
	if isVariable || mappingFile != "" && (at == mappingFile || strings.HasPrefix(at, mappingFile+":")) {
		return at + ": warning: " + text
	}
	return name + ": warning: " + note
}
