// Command weir is a StatsD aggregator for Prometheus. It is the whole straight line, wired: see README.md.
//
// main.go, check.go, version.go, help.go and completion.go are the command line: they read the configuration,
// map signals to a context and errors to exit codes. app.go wires the parts and runs them.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/config"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// errReported ends a command whose errors are on stderr already.
var errReported = errors.New("reported")

// run runs one command line and returns the exit code: 0 for a clean stop, help, version and a good
// configuration, 1 for anything wrong.
func run(args []string, stdout, stderr io.Writer) int {
	root := newRootCommand()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.Execute()
	if err == nil {
		return 0
	}
	if !errors.Is(err, errReported) {
		for line := range strings.Lines(err.Error()) {
			fmt.Fprintf(stderr, "weir: %s\n", strings.TrimSuffix(line, "\n"))
		}
	}
	return 1
}

func newRootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "weir [flags]",
		Version:       readBuild().String(),
		Args:          noArguments,
		SilenceErrors: true, // run prints them
		SilenceUsage:  true,

		SuggestionsMinimumDistance: 2,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := readConfig(cmd)
			if err != nil {
				return err
			}
			return serve(c, newLogger(c.Log, cmd.ErrOrStderr()))
		},
	}
	root.SetVersionTemplate("{{.Version}}\n")
	root.SetFlagErrorFunc(flagError)
	root.SetHelpFunc(printHelp)
	root.SetHelpCommand(newHelpCommand())
	root.CompletionOptions.DisableDefaultCmd = true
	root.AddCommand(newCheckCommand(), newExplainCommand(), newMapCommand(), newVersionCommand(),
		newCompletionCommand())
	addConfigFlags(root)
	return root
}

// addConfigFlags adds --config and a flag for every key, in order of the sections.
func addConfigFlags(cmd *cobra.Command) {
	cmd.Flags().SortFlags = false
	cmd.Flags().String("config", "", "YAML `file` to read; none when empty")
	config.AddFlags(cmd.Flags())
}

// readConfig reads the configuration that the flags of cmd and the environment ask for.
func readConfig(cmd *cobra.Command) (*config.Config, error) {
	file, err := cmd.Flags().GetString("config")
	if err != nil {
		return nil, err
	}
	return config.Load(config.Sources{File: file, Environ: os.Environ(), Flags: cmd.Flags()})
}

// serve runs weir until SIGINT or SIGTERM, then stops it cleanly; a second signal kills it at once.
func serve(c *config.Config, log zerolog.Logger) error {
	for _, note := range c.Notes() {
		log.Warn().Msg(note)
	}
	app, err := NewApp(c, log)
	if err != nil {
		return err
	}
	ctx, release := untilSignal()
	defer release()
	return app.Run(ctx)
}

// untilSignal returns a context that ends with the first SIGINT or SIGTERM. Signals have their default effect
// again before it ends, so whoever sees weir stopping can kill it with the next one; signal.NotifyContext
// does not promise that. The caller calls release when the context is of no more use.
func untilSignal() (ctx context.Context, release func()) {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	var waiting sync.WaitGroup
	waiting.Go(func() { // ends with ctx; release waits for it
		select {
		case <-signals:
		case <-ctx.Done():
		}
		signal.Stop(signals)
		cancel()
	})
	return ctx, func() {
		cancel()
		waiting.Wait()
	}
}

// newLogger returns the logger that c, which must be valid, asks for. Colours are for terminals only.
func newLogger(c config.Log, w io.Writer) zerolog.Logger {
	if c.Format == config.FormatConsole {
		w = zerolog.ConsoleWriter{Out: w, TimeFormat: time.RFC3339, NoColor: !isTerminal(w)}
	}
	level, err := zerolog.ParseLevel(c.Level)
	if err != nil {
		panic("BUG: log.level passed the configuration: " + err.Error())
	}
	return zerolog.New(w).Level(level).With().Timestamp().Logger()
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// noArguments refuses what is left of a command line after commands and flags.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if cmd.HasParent() {
		return usageError("unexpected argument %q", args[0])
	}
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		return usageError("unknown command %q, did you mean %s?", args[0], near[0])
	}
	return usageError("unknown command %q", args[0])
}

// flagError adds to what is wrong with a flag the one that may have been meant.
func flagError(cmd *cobra.Command, err error) error {
	if unknown, ok := errors.AsType[*pflag.NotExistError](err); ok {
		if near := config.SuggestFlag(cmd.Flags(), unknown.GetSpecifiedName()); near != "" {
			return usageError("%w, did you mean --%s?", err, near)
		}
	}
	return usageError("%w", err)
}

func usageError(format string, args ...any) error {
	return fmt.Errorf(format+" (run 'weir --help')", args...)
}
