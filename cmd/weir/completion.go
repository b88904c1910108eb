package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/config"
)

// newCompletionCommand is weir completion: it prints a completion script. It replaces cobra's own command,
// which answers an unknown shell with help and exit code 0.
func newCompletionCommand() *cobra.Command {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	return &cobra.Command{
		Use:       "completion bash|zsh|fish|powershell",
		Short:     "print a completion script for a shell",
		Long:      "weir completion prints a completion script. In bash: source <(weir completion bash)",
		ValidArgs: shells,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 || !slices.Contains(shells, args[0]) {
				return usageError("want one shell: bash, zsh, fish or powershell")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			root, w := cmd.Root(), cmd.OutOrStdout()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(w, true)
			case "zsh":
				return root.GenZshCompletion(w)
			case "fish":
				return root.GenFishCompletion(w, true)
			default:
				return root.GenPowerShellCompletionWithDesc(w)
			}
		},
	}
}

// completeWords makes shells complete the values of a flag of cmd, before [completeValues] does.
func completeWords(cmd *cobra.Command, flag string, words []string) {
	// It fails only for a flag that cmd does not have.
	_ = cmd.RegisterFlagCompletionFunc(flag,
		cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
}

// completeValues makes shells complete the values of the flags of cmd and of the commands below it: words
// where a key has few values, files where it is the path of one, and nothing elsewhere.
func completeValues(cmd *cobra.Command) {
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		words, directive := config.Choices(f.Name), cobra.ShellCompDirectiveNoFileComp
		if f.Name == "config" || f.Name == "mapping" || f.Name == "ca" || isStatsdFlag(f) ||
			strings.HasSuffix(f.Name, "file") || strings.HasPrefix(f.Name, "ingest.unix") {
			directive = cobra.ShellCompDirectiveDefault
		}
		// It fails only for a flag that cmd does not have, or that is completed already.
		_ = cmd.RegisterFlagCompletionFunc(f.Name, cobra.FixedCompletions(words, directive))
	})
	for _, below := range cmd.Commands() {
		completeValues(below)
	}
}
