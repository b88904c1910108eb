package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/pflag"
)

// Main runs the command line of this process and exits with the code that run returns. The context ends with
// SIGINT or SIGTERM.
func Main(run func(ctx context.Context, args []string, stdout, stderr io.Writer) int) {
	ctx, release := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	release()
	os.Exit(code)
}

// ErrReported is for a command that failed and has printed how.
var ErrReported = errors.New("the failure was reported")

// Code calls do and returns the exit code of the command with this name: 0 without an error and after --help,
// otherwise 1. It prints the error to stderr, unless that is an ErrReported.
func Code(name string, stderr io.Writer, do func() error) int {
	switch err := do(); {
	case err == nil, errors.Is(err, pflag.ErrHelp):
		return 0
	case errors.Is(err, ErrReported):
		return 1
	default:
		fmt.Fprintf(stderr, "%s: %v\n", name, err)
		return 1
	}
}

// Flags returns an empty set of flags for a command, whose help goes to stderr in the order of the flags.
func Flags(name string, stderr io.Writer) *pflag.FlagSet {
	flags := pflag.NewFlagSet(name, pflag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.SortFlags = false
	return flags
}

// Parse sets flags from a command line, which must have nothing else. The error is pflag.ErrHelp after
// --help.
func Parse(flags *pflag.FlagSet, args []string) error {
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	return nil
}
