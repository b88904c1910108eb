package command_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/spf13/pflag"

	"weir/bench/command"
	"weir/bench/process"
)

// TestMain makes the test binary a command, too.
func TestMain(m *testing.M) {
	if os.Getenv("COMMAND") != "" {
		command.Main(waiting)
	}
	os.Exit(m.Run())
}

// waiting waits for a signal and exits with the number of its arguments.
func waiting(ctx context.Context, args []string, stdout, _ io.Writer) int {
	fmt.Fprintln(stdout, "begun")
	<-ctx.Done()
	return len(args)
}

// The context of a command ends with a signal; what run returns is the exit code.
func TestSignal(t *testing.T) {
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		p := process.Launch(t, &process.Program{
			Path: os.Args[0], Env: []string{"COMMAND=yes"},
			Args: func(process.Addresses) ([]string, error) { return []string{"a", "b", "c"}, nil },
		})
		if err := p.AwaitLog(t.Context(), "begun"); err != nil {
			t.Fatal(err)
		}
		if err := p.Signal(signal); err != nil {
			t.Fatal(err)
		}
		if err := p.Wait(); p.ExitCode() != 3 {
			t.Errorf("after %v the command ended with %v, want exit code 3", signal, err)
		}
	}
}

func TestCode(t *testing.T) {
	f := func(err error, want int, message string) {
		t.Helper()
		var stderr strings.Builder
		if got := command.Code("name", &stderr, func() error { return err }); got != want || stderr.String() != message {
			t.Errorf("code of %v = %d, %q, want %d, %q", err, got, &stderr, want, message)
		}
	}
	f(nil, 0, "")
	f(pflag.ErrHelp, 0, "")
	f(fmt.Errorf("two lines: %w", command.ErrReported), 1, "")
	f(io.ErrUnexpectedEOF, 1, "name: unexpected EOF\n")
}

func TestParse(t *testing.T) {
	f := func(want string, args ...string) (help string) {
		t.Helper()
		var stderr strings.Builder
		flags := command.Flags("name", &stderr)
		flags.Int("zebra", 1, "stripes")
		flags.Int("ant", 1, "legs")
		if err := command.Parse(flags, args); want != fmt.Sprint(err) {
			t.Errorf("parse %q = %v, want %s", args, err, want)
		}
		return stderr.String()
	}
	f("<nil>", "--zebra=2")
	f(`unexpected argument "x"`, "--ant=2", "x")
	f("unknown flag: --bee", "--bee")
	help := f(pflag.ErrHelp.Error(), "--help")
	if zebra, ant := strings.Index(help, "--zebra"), strings.Index(help, "--ant"); zebra < 0 || ant < zebra {
		t.Errorf("the help is not in the order of the flags:\n%s", help)
	}
}
