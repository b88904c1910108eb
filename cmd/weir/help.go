package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/config"
)

// The help of weir itself: what it is, an example, the commands, and after all flags the rules. Lines fit 110
// columns (TestHelpLineLength).
const helpBefore = `weir aggregates StatsD and DogStatsD lines in memory and exposes the totals to Prometheus.
It receives lines over UDP, TCP and unix sockets; Prometheus scrapes the totals over HTTP.

Usage:
  weir [flags]

Example:
  weir &
  echo 'hits:1|c' > /dev/udp/127.0.0.1/9125        # from bash
  curl -s http://127.0.0.1:9102/metrics | grep ^hits

Commands:
  (none)             run until SIGINT or SIGTERM; a second signal kills at once, SIGHUP reloads
  check              check a configuration without running it
  explain 'LINE'     show what weir makes of a line, and by which mapping rule, without sending it
  tail               print lines as they come to a running weir
  top                show the state of a running weir in the terminal
  map test FILE      run unit tests of mapping rules
  map preset NAME    print the mapping rules of a preset: llm or agent
  version            print the version
  help [command]     print the help of a command
  completion shell   print a completion script for bash, zsh, fish or powershell

Flags, with their defaults:
`

const helpStatsd = `
Flags of statsd_exporter, with their defaults:
  If any flag of --statsd.* or --web.* is given, weir starts with statsd_exporter's defaults: those below,
  summaries, all interfaces, no limits on series, no idle timeout, log.format logfmt, and statsd_exporter's
  self-metrics beside weir's. weir's own settings override these.

`

const helpAfter = `
Configuration:
  Every key can be set in the file, in the environment and by a flag. For each key, a flag overrides the
  environment, the environment overrides the file, and the file overrides the default:
    file          ingest: {udp: ["127.0.0.1:9125"]}
    environment   WEIR__INGEST__UDP=127.0.0.1:9125
    flag          --ingest.udp=127.0.0.1:9125
  weir reads no file except that of --config. The name of a variable has two underscores before and after
  the section. Durations need a unit: 250ms, 5s, 1m. Sizes are bytes or have a unit: 512B, 64KiB, 4MiB, 1GiB.
  The elements of a list are separated by commas, or given by repeating the flag; an empty value is an empty
  list. A path in a file is relative to the folder of that file, others to the folder where weir runs.
  Unknown keys and wrong values are errors: weir prints all of them, with file and line.

Reload:
  weir reads its configuration again on SIGHUP, on POST /-/reload (with endpoint.lifecycle), and when the
  files change (with reload.watch). Rules, limits, timers, series.ttl, series.counter_birth, log.level,
  tokens, users and certificates take effect; series keep their values. Other keys need a restart. If
  anything is wrong, nothing changes.

Exit codes:
  0   weir stopped cleanly, or did what the command line asks
  1   anything wrong: a bad command line or configuration, a part that cannot start, a rejected sample
      (explain), a failed test (map test)
`

// printHelp prints the help of cmd. The subcommands share the flags of weir and do not list them again: their
// help fits a screen.
func printHelp(cmd *cobra.Command, _ []string) {
	w := cmd.OutOrStdout()
	if cmd.HasParent() {
		fmt.Fprintf(w, "%s\n\nUsage:\n  %s\n", strings.TrimSpace(cmd.Long), cmd.UseLine())
		return
	}
	fmt.Fprint(w, helpBefore)
	printFlags(w, cmd.Flags())
	fmt.Fprint(w, helpStatsd)
	printStatsdFlags(w, cmd.Flags())
	fmt.Fprint(w, helpAfter)
}

// printFlags prints the flags without a section, then the sections of the configuration in their order.
func printFlags(w io.Writer, flags *pflag.FlagSet) {
	flags.VisitAll(func(f *pflag.Flag) {
		switch {
		case strings.Contains(f.Name, "."):
		case f.DefValue == "false":
			fmt.Fprintf(w, "  --%s\n      %s\n", f.Name, f.Usage)
		default:
			value, usage := pflag.UnquoteUsage(f)
			fmt.Fprintf(w, "  --%s=%s\n      %s\n", f.Name, strings.ToUpper(value), usage)
		}
	})
	last := ""
	flags.VisitAll(func(f *pflag.Flag) {
		section, _, found := strings.Cut(f.Name, ".")
		if !found || f.Hidden || isStatsdFlag(f) {
			return
		}
		if section != last {
			fmt.Fprintf(w, "\n %s\n", section)
			last = section
		}
		fmt.Fprintf(w, "  --%s=%s\n      %s\n", f.Name, f.DefValue, f.Usage)
	})
}

// printStatsdFlags prints the flags of statsd_exporter.
func printStatsdFlags(w io.Writer, flags *pflag.FlagSet) {
	flags.VisitAll(func(f *pflag.Flag) {
		if isStatsdFlag(f) && !f.Hidden {
			fmt.Fprintf(w, "  --%s=%s\n      %s\n", f.Name, f.DefValue, f.Usage)
		}
	})
}

func isStatsdFlag(f *pflag.Flag) bool {
	_, is := f.Annotations[config.StatsdFlag]
	return is
}

// newHelpCommand is weir help. It replaces cobra's own command, which exits with 0 after an unknown command.
func newHelpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [command]",
		Short: "print the help of a command",
		Long:  "weir help COMMAND prints the same as weir COMMAND --help.",
		RunE: func(cmd *cobra.Command, args []string) error {
			about, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return usageError("unknown command %q", strings.Join(args, " "))
			}
			about.InitDefaultHelpFlag()
			about.InitDefaultVersionFlag()
			return about.Help()
		},
	}
}
