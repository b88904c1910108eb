package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/config"
)

const helpBefore = `weir adds up StatsD and DogStatsD lines in memory and serves the sums to Prometheus.
Lines come in over UDP, TCP and unix sockets; Prometheus scrapes the sums over HTTP.

Usage:
  weir [flags]

Example:
  weir &
  echo 'hits:1|c' > /dev/udp/127.0.0.1/9125        # from bash
  curl -s http://127.0.0.1:9102/metrics | grep ^hits

Commands:
  (none)             run until SIGINT or SIGTERM; a second signal kills at once, SIGHUP reloads
  check              say what is wrong with a configuration, without running
  explain 'LINE'     say what becomes of a line, and by which mapping rule, without sending it
  map test FILE      run unit tests of mapping rules
  map preset NAME    print the mapping rules that a preset adds: llm or agent
  version            say what this program was built from
  help [command]     say more about a command
  completion shell   print a completion script for bash, zsh, fish or powershell

Flags, with their defaults:
`

const helpStatsd = `
Flags of statsd_exporter, with their defaults:
  One of --statsd.* or --web.* makes these the defaults, and with them: summaries, all interfaces, no limits
  on series, no idle timeout, log.format logfmt, and its self-metrics beside weir's. Keys of weir's own go
  over them.

`

const helpAfter = `
Configuration:
  Every key is in the file, the environment and the flags. Defaults < file < environment < flags, key by key:
    file          ingest: {udp: ["127.0.0.1:9125"]}
    environment   WEIR__INGEST__UDP=127.0.0.1:9125
    flag          --ingest.udp=127.0.0.1:9125
  Only the file of --config is read. In the environment, two underscores stand before and after the section.
  Durations need a unit: 250ms, 5s, 1m. Sizes are bytes or have a unit: 512B, 64KiB, 4MiB, 1GiB.
  Lists are separated by commas, and their flags may be repeated; an empty one is an empty list.
  Unknown keys and wrong values are errors, told all at once, with file and line.

Reload:
  On SIGHUP, on POST /-/reload with endpoint.lifecycle, and with reload.watch when the files change, weir
  reads its configuration anew. Rules, limits, timers, series.ttl, series.counter_birth and log.level take
  effect; series keep their values. What is wrong changes nothing. Other keys need a restart.

Exit codes:
  0   clean stop, help, version, good configuration
  1   anything wrong: a bad command line or configuration, or something that cannot start
`

// printHelp prints the help of cmd. The subcommands share the flags of weir and do not list them again.
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

// printFlags prints the flags by section: first those that are of none.
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

// newHelpCommand is weir help: as --help, but an unknown command is an error.
func newHelpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [command]",
		Short: "say more about a command",
		Long:  "weir help says what --help says after the same command.",
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
