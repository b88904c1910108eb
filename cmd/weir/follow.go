package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"weir/cmd/weir/api"
	"weir/cmd/weir/tail"
	"weir/cmd/weir/top"
)

// addAPIFlags adds the flags that say which running weir to ask, and who asks.
func addAPIFlags(cmd *cobra.Command, o *api.Options) {
	cmd.Flags().StringVar(&o.URL, "url", "http://127.0.0.1:9102", "the running weir to ask")
	addCredentialFlags(cmd, o)
}

// addCredentialFlags adds the flags that say who asks a running weir.
func addCredentialFlags(cmd *cobra.Command, o *api.Options) {
	cmd.Flags().StringVar(&o.TokenFile, "token-file", "", "`file` with a bearer token; none when empty")
	cmd.Flags().StringVar(&o.CA, "ca", "",
		"`file` of certificates in PEM that vouch for weir's; the system's when empty")
}

// withAPI runs show with the API of a running weir, until it ends or a signal comes. A mistake in the flags
// of the command comes first.
func withAPI(mistake error, from api.Options, show func(context.Context, *api.Client) error) error {
	if mistake != nil {
		return mistake
	}
	c, err := api.New(from)
	if err != nil {
		return err
	}
	ctx, release := untilSignal()
	defer release()
	return show(ctx, c)
}

// newTailCommand is weir tail; package tail does the work.
func newTailCommand() *cobra.Command {
	var from api.Options
	var o tail.Options
	cmd := &cobra.Command{
		Use:   "tail [--match GLOB] [--rejected] [--limit N] [--format raw|logfmt|json] [--url URL]",
		Short: "print lines as they come to a running weir",
		Long: `weir tail prints lines while they come to a running weir: a sample of at most 50 a second. It
asks the API of that weir, which answers programs on its own host, or those with a token of the scope
status:read. What a sender wrote cannot act on the terminal: such characters are shown as escapes. Ctrl-C
ends it.

  weir tail --match 'checkout.*'            lines of these names
  weir tail --rejected --format logfmt      what is wrong, and who sent it
  weir tail --match web.hits --limit 1      wait for one line, for scripts`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withAPI(o.Validate(), from, func(ctx context.Context, c *api.Client) error {
				return tail.Run(ctx, c, &o, cmd.OutOrStdout(), cmd.ErrOrStderr())
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.Match, "match", "",
		"names to print, as they are sent: a part of them, or a glob with * and ?")
	f.StringVar(&o.Sender, "sender", "", "the sender to print: an address, pid 4711, or a program")
	f.BoolVar(&o.Rejected, "rejected", false, "print only lines that were rejected, refused or dropped")
	f.IntVar(&o.Limit, "limit", 0, "end after so many lines; 0 goes on")
	f.DurationVar(&o.Interval, "interval", 0, "the least time between two questions")
	f.StringVar(&o.Format, "format", "raw", "raw, logfmt or json")
	completeWords(cmd, "format", tail.Formats)
	addAPIFlags(cmd, &from)
	return cmd
}

// newTopCommand is weir top; package top does the work.
func newTopCommand() *cobra.Command {
	var from api.Options
	var o top.Options
	var isOnce bool
	cmd := &cobra.Command{
		Use:   "top [--once] [--sort rate|series|bytes|new|name] [--match GLOB] [--url URL]",
		Short: "show the state of a running weir in the terminal",
		Long: `weir top shows how a running weir is: what comes in, what is lost, the busiest metrics, what is
rejected and who sends it. It asks the API of that weir, which answers programs on its own host, or those
with a token of the scope status:read.

Keys: r, s, b, w and n sort by rate, series, bytes, new series and name; / finds metrics; q or Ctrl-C ends
it. Without a terminal, or with --once, it prints one table.

  weir top
  weir top --once --sort series --match 'checkout.*'`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withAPI(o.Validate(), from, func(ctx context.Context, c *api.Client) error {
				if in, out, ok := terminal(cmd); ok && !isOnce {
					ctx, release := signal.NotifyContext(ctx, syscall.SIGHUP, syscall.SIGQUIT)
					defer release() // these restore the terminal, too
					return inTerminal(in, out, func(t *top.Terminal) error { return top.Run(ctx, c, o, t) })
				}
				return top.Once(ctx, c, &o, cmd.OutOrStdout())
			})
		},
	}
	f := cmd.Flags()
	f.BoolVar(&isOnce, "once", false, "print one table and end")
	f.StringVar(&o.Sort, "sort", "rate", "what to sort metrics by: "+strings.Join(top.Sorts, ", "))
	completeWords(cmd, "sort", top.Sorts)
	f.StringVar(&o.Match, "match", "", "metrics to show: a part of their names, or a glob with * and ?")
	f.DurationVar(&o.Interval, "interval", 2*time.Second, "how often to ask; at least 500ms")
	addAPIFlags(cmd, &from)
	return cmd
}

// terminal returns the terminal that a command reads and writes; ok is false when it has none.
func terminal(cmd *cobra.Command) (in, out *os.File, ok bool) {
	in, isFile := cmd.InOrStdin().(*os.File)
	out, isFileToo := cmd.OutOrStdout().(*os.File)
	ok = isFile && isFileToo && term.IsTerminal(int(in.Fd())) && term.IsTerminal(int(out.Fd()))
	return in, out, ok
}

// What begins and ends a picture: the other screen, without a cursor.
const (
	enterScreen = "\x1b[?1049h\x1b[?25l"
	leaveScreen = "\x1b[?25h\x1b[?1049l"
)

// inTerminal runs show with a terminal in raw mode, and restores it whatever happens.
func inTerminal(in, out *os.File, show func(*top.Terminal) error) error {
	before, err := term.MakeRaw(int(in.Fd()))
	if err != nil {
		return fmt.Errorf("use the terminal: %w", err)
	}
	defer func() {
		_, _ = out.WriteString(leaveScreen) // a terminal that is gone needs nothing
		_ = term.Restore(int(in.Fd()), before)
	}()
	if _, err := out.WriteString(enterScreen); err != nil {
		return fmt.Errorf("use the terminal: %w", err)
	}
	keys := make(chan byte)
	go func() { // ends with the input, or the process
		defer close(keys)
		var key [1]byte
		for {
			if n, err := in.Read(key[:]); n == 0 || err != nil {
				return
			}
			keys <- key[0]
		}
	}()
	resized := make(chan os.Signal, 1)
	signal.Notify(resized, syscall.SIGWINCH)
	defer signal.Stop(resized)
	return show(&top.Terminal{Out: out, Keys: keys, Resized: resized, Size: func() (columns, lines int) {
		const usualColumns, usualLines = 80, 24
		columns, lines, err := term.GetSize(int(out.Fd()))
		if err != nil || columns <= 0 || lines <= 0 {
			return usualColumns, usualLines
		}
		return columns, lines
	}})
}
