package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// build is what this program was built from.
type build struct {
	version   string // of the module; "(devel)" when it was not built from one
	revision  string // of the source, with "-dirty" when that was changed; "unknown" outside of a repository
	time      string // of the revision, RFC 3339; may be empty
	goVersion string
}

// readBuild reads what the Go linker wrote into this program.
func readBuild() build {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{GoVersion: runtime.Version()}
	}
	return newBuild(info)
}

func newBuild(info *debug.BuildInfo) build {
	b := build{version: info.Main.Version, revision: "unknown", goVersion: info.GoVersion}
	if b.version == "" {
		b.version = "(devel)"
	}
	dirty := false
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.revision = s.Value
		case "vcs.time":
			b.time = s.Value
		case "vcs.modified":
			dirty = s.Value == "true"
		}
	}
	if dirty {
		b.revision += "-dirty"
	}
	return b
}

// String is one line for people.
func (b build) String() string {
	revision := b.revision
	if b.time != "" {
		revision += " of " + b.time
	}
	platform := runtime.GOOS + "/" + runtime.GOARCH
	return fmt.Sprintf("weir %s (revision %s, %s, %s)", b.version, revision, b.goVersion, platform)
}

func newVersionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "say what this program was built from",
		Long:  "weir version says in one line what it was built from: version, revision, Go and platform.",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(cmd.OutOrStdout(), readBuild())
			return err
		},
	}
}
