package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"weir/cmd/weir/self"
)

// build is what this program was built from.
type build struct {
	version   string // of the module; "(devel)" when built in a work tree
	revision  string // of the source, with "-dirty" after changes; "unknown" outside of a repository
	time      string // of the revision, RFC 3339; may be empty
	goVersion string
}

// readBuild reads the build information that the Go linker wrote into this program. So the version needs no
// -ldflags, and is right with go install, too.
func readBuild() build {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{GoVersion: runtime.Version()}
	}
	return newBuild(info)
}

// newBuild picks out of info what users and weir_build_info need.
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

// self returns what self-metrics show of b.
func (b build) self() self.Build {
	return self.Build{Version: b.version, Revision: b.revision, GoVersion: b.goVersion}
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

// newVersionCommand is weir version; weir --version prints the same.
func newVersionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "print the version",
		Long:  "weir version prints one line: version, revision, Go version and platform.",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(cmd.OutOrStdout(), readBuild())
			return err
		},
	}
}
