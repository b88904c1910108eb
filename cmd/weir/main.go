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

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/config"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// errReported ends a command with exit code 1 when it has already printed what is wrong.
var errReported = errors.New("reported")

// run runs one command line and returns the exit code: 0 when all is well, 1 when anything is wrong. There is
// no third code, so that scripts need not know weir to use it.
func run(args []string, stdout, stderr io.Writer) int {
	root := newRootCommand()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	if len(args) > 0 && strings.HasPrefix(args[0], cobra.ShellCompRequestCmd) {
		completeValues(root)
	}
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
	checkOnly := false
	root := &cobra.Command{
		Use:           "weir [flags]",
		Version:       readBuild().String(),
		Args:          noArguments,
		SilenceErrors: true, // run prints them
		SilenceUsage:  true, // a screen of help would hide the error

		SuggestionsMinimumDistance: 2,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if checkOnly {
				return check(cmd, false)
			}
			return serve(cmd)
		},
	}
	root.Flags().BoolVar(&checkOnly, "check-config", false, "the same as weir check")
	root.SetVersionTemplate("{{.Version}}\n")
	root.SetFlagErrorFunc(flagError)
	root.SetHelpFunc(printHelp)
	root.SetHelpCommand(newHelpCommand())
	root.CompletionOptions.DisableDefaultCmd = true
	root.AddCommand(newCheckCommand(), newExplainCommand(), newMapCommand(), newTailCommand(),
		newTopCommand(), newVersionCommand(), newCompletionCommand())
	addConfigFlags(root)
	root.InitDefaultHelpFlag() // now, so that cobra knows in --help check that --help takes no value
	root.InitDefaultVersionFlag()
	return root
}

// addConfigFlags adds --config, a flag for every key, in the order of the sections, and the flags of
// statsd_exporter. Every command that reads the configuration has them all, so that a command line can be
// checked or explained before weir runs with it.
func addConfigFlags(cmd *cobra.Command) {
	cmd.Flags().SortFlags = false
	cmd.Flags().String("config", "", "YAML `file` to read; none when empty")
	config.AddFlags(cmd.Flags())
	config.AddStatsdFlags(cmd.Flags())
}

// readConfig reads the configuration from the file of --config, the environment and the flags of cmd.
func readConfig(cmd *cobra.Command) (*config.Config, error) {
	file, err := cmd.Flags().GetString("config")
	if err != nil {
		return nil, err
	}
	return config.Load(config.Sources{File: file, Environ: os.Environ(), Flags: cmd.Flags()})
}

// serve runs weir until SIGINT or SIGTERM, then stops it cleanly; a second signal kills it at once. On SIGHUP
// weir reads its configuration again.
func serve(cmd *cobra.Command) error {
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP) // before anything else: by default SIGHUP kills
	defer signal.Stop(hangups)
	c, err := readConfig(cmd)
	if err != nil {
		return err
	}
	log, level := newLogger(c.Log, cmd.ErrOrStderr())
	for _, note := range c.Notes() {
		log.Warn().Msg(note)
	}
	app, err := NewApp(c, log)
	if err != nil {
		return err
	}
	app.reload.from(func() (*config.Config, error) { return readConfig(cmd) })
	app.reload.hangups, app.reload.level = hangups, level
	ctx, release := untilSignal()
	defer release()
	return app.Run(ctx)
}

// untilSignal returns a context that ends with the first SIGINT or SIGTERM. Signals have their default effect
// again before the context ends, so that the next one kills a weir that is stopping; signal.NotifyContext
// does not promise this order. The caller calls release when it no longer needs the context.
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

// noArguments refuses arguments, and suggests a command when the first one looks like a misspelt command.
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

// flagError adds the nearest flag to an error about an unknown one.
func flagError(cmd *cobra.Command, err error) error {
	if unknown, ok := errors.AsType[*pflag.NotExistError](err); ok {
		if near := config.SuggestFlag(cmd.Flags(), unknown.GetSpecifiedName()); near != "" {
			return usageError("%w, did you mean %s?", err, near)
		}
	}
	return usageError("%w", err)
}

func usageError(format string, args ...any) error {
	return fmt.Errorf(format+" (run 'weir --help')", args...)
}
