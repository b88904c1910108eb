package main

import (
	"os"
	"os/exec"
	"runtime/debug"
	"strings"
	"testing"
)

func TestBuildString(t *testing.T) {
	f := func(want, version string, settings ...debug.BuildSetting) {
		t.Helper()
		info := &debug.BuildInfo{GoVersion: "go1.26.0", Main: debug.Module{Version: version}, Settings: settings}
		if got := newBuild(info).String(); !strings.HasPrefix(got, want) {
			t.Errorf("build = %q, want it to begin with %q", got, want)
		}
	}
	revision := debug.BuildSetting{Key: "vcs.revision", Value: "abc123"}
	time := debug.BuildSetting{Key: "vcs.time", Value: "2026-11-23T13:46:00Z"}
	dirty := debug.BuildSetting{Key: "vcs.modified", Value: "true"}
	clean := debug.BuildSetting{Key: "vcs.modified", Value: "false"}

	f("weir (devel) (revision unknown, go1.26.0, ", "")
	f("weir v1.2.3 (revision abc123, go1.26.0, ", "v1.2.3", revision, clean)
	f("weir v1.2.3 (revision abc123-dirty of 2026-11-23T13:46:00Z, go1.26.0, ", "v1.2.3", dirty, revision, time)
}

// make build stamps the revision, even where GOFLAGS says not to.
func TestMakeStampsRevision(t *testing.T) {
	if _, err := exec.LookPath("make"); err != nil {
		t.Skip("make is not installed")
	}
	_, err := os.Stat("../../.git")
	plan, makeErr := exec.Command("make", "-C", "../..", "--dry-run", "build").CombinedOutput()
	if makeErr != nil {
		t.Fatalf("make --dry-run build: %v\n%s", makeErr, plan)
	}
	if got, want := strings.Contains(string(plan), " -buildvcs=true "), err == nil; got != want {
		t.Errorf("-buildvcs=true in make build = %v, want %v:\n%s", got, want, plan)
	}
}
