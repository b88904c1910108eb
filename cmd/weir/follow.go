package main

import (
	"github.com/spf13/cobra"

	"weir/cmd/weir/api"
	"weir/cmd/weir/tail"
)

// addAPIFlags adds the flags that say which running weir to ask, and who asks.
func addAPIFlags(cmd *cobra.Command, o *api.Options) {
	cmd.Flags().StringVar(&o.URL, "url", "http://127.0.0.1:9102", "the running weir to ask")
	cmd.Flags().StringVar(&o.TokenFile, "token-file", "", "`file` with a bearer token; none when empty")
	cmd.Flags().StringVar(&o.CA, "ca", "",
		"`file` of certificates in PEM that vouch for weir's; those of the system when empty")
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
			if err := o.Validate(); err != nil {
				return err
			}
			c, err := api.New(from)
			if err != nil {
				return err
			}
			ctx, release := untilSignal()
			defer release()
			return tail.Run(ctx, c, &o, cmd.OutOrStdout(), cmd.ErrOrStderr())
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
	addAPIFlags(cmd, &from)
	return cmd
}
