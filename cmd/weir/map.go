package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"weir/aggregate/mapping"
	"weir/cmd/weir/maptest"
	"weir/cmd/weir/self"
)

// newMapCommand is weir map: it holds the commands that help to write mapping rules.
func newMapCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "map test|preset",
		Short: "test mapping rules, or print the rules of a preset",
		Long: `weir map helps to write mapping rules:

  weir map test FILE...        run unit tests of a mapping file
  weir map preset llm|agent    print the rules that collectors.llm or collectors.agent adds

weir check finds mistakes in rules; weir explain 'LINE' shows which rule matches a line.`,
		Args: noArguments,
		RunE: func(*cobra.Command, []string) error {
			return usageError("want weir map test or weir map preset")
		},
	}
	cmd.AddCommand(newMapTestCommand(), newMapPresetCommand())
	return cmd
}

// newMapPresetCommand is weir map preset. Its output is a mapping file like any other, to copy and change.
func newMapPresetCommand() *cobra.Command {
	presets := []string{string(mapping.PresetLLM), string(mapping.PresetAgent)}
	return &cobra.Command{
		Use:       "preset llm|agent",
		Short:     "print the rules of a preset",
		Long:      "weir map preset prints the rules of a preset as a mapping file.",
		ValidArgs: presets,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 || !slices.Contains(presets, args[0]) {
				return usageError("want one preset: llm or agent")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			_, err := cmd.OutOrStdout().Write(mapping.Preset(args[0]).Source())
			return err
		},
	}
}

// newMapTestCommand is weir map test; package maptest does the work.
func newMapTestCommand() *cobra.Command {
	mappingFile := ""
	cmd := &cobra.Command{
		Use:   "test FILE... [--mapping file] [--config file] [flags]",
		Short: "run unit tests of mapping rules",
		Long: `weir map test runs the tests in each FILE. Every test starts with an empty weir; nothing is
opened or sent. weir prints each difference between the wanted and the actual series, and exits
with 1 if there are any. A file looks like this:

  mapping: rules.yaml
  tests:
  - name: requests are counted by site
    lines: ["web.shop.hits:1|c", "web.shop.hits:2|c"]
    want: ['web_hits{site="shop"} 3']
  - name: noise is dropped
    lines: ["noise.x:1|c"]
    want: [dropped]

"mapping" is relative to FILE. --mapping replaces it; without both, mapping.file of the
configuration is tested. "want" lists every series that the rules create, as an exposition writes
it, and these words:

  dropped            a rule dropped a sample
  unmapped           no rule matched a sample
  rejected REASON    a sample was rejected

It may leave out the buckets of a histogram, the quantiles of a summary, and series of unmapped
samples and of init. If they are listed, their values must be right.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usageError("give at least one file of tests")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return testMappings(cmd, args, mappingFile) },
	}
	addConfigFlags(cmd)
	cmd.Flags().StringVar(&mappingFile, "mapping", "", "mapping `file` to test, whatever the tests name")
	return cmd
}

// testMappings runs the tests of every file, whether or not those of an earlier file pass.
func testMappings(cmd *cobra.Command, files []string, mappingFile string) error {
	failed := false
	for _, file := range files {
		err := testMapping(cmd, file, mappingFile)
		if err != nil && !errors.Is(err, errReported) {
			cmd.PrintErrln(err)
		}
		failed = failed || err != nil
	}
	if failed {
		return errReported
	}
	return nil
}

// testMapping runs the tests of a file. mappingFile, if not empty, overrides the mapping that the file names,
// which overrides that of the configuration. The flag of mapping.file carries it, so that config reads the
// rules and reports their mistakes as ever.
func testMapping(cmd *cobra.Command, file, mappingFile string) error {
	suite, err := maptest.Read(file)
	if err != nil {
		return err
	}
	if mappingFile == "" {
		mappingFile = suite.Mapping()
	}
	if mappingFile != "" {
		if err := cmd.Flags().Set("mapping.file", mappingFile); err != nil {
			return fmt.Errorf("set mapping.file: %w", err)
		}
	}
	c, err := readConfig(cmd)
	if err != nil {
		return err
	}
	if len(c.Aggregate.Rules) == 0 {
		return fmt.Errorf("%s: mapping: missing: want a path, or --mapping", file)
	}
	reserved, err := self.Names(c)
	if err != nil {
		return err
	}
	passed, err := suite.Run(cmd.OutOrStdout(), c, reserved...)
	if err == nil && !passed {
		err = errReported
	}
	return err
}
