package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// describeMachine returns what a measurement was made on, as lines of "key: value".
func describeMachine(ctx context.Context, now time.Time) string {
	var b strings.Builder
	line := func(key, value string) { fmt.Fprintf(&b, "%s: %s\n", key, value) }
	line("date", now.UTC().Format(time.RFC3339))
	line("weir", commit(ctx))
	line("go", runtime.Version()+" "+runtime.GOOS+"/"+runtime.GOARCH)
	line("cpu", cpuModel(contents("/proc/cpuinfo")))
	line("cores", strconv.Itoa(runtime.NumCPU()))
	line("kernel", contents("/proc/sys/kernel/osrelease"))
	line("net.core.rmem_max", contents("/proc/sys/net/core/rmem_max"))
	line("load before", contents("/proc/loadavg"))
	return b.String()
}

// commit returns the commit that is checked out, and whether files were changed since.
func commit(ctx context.Context) string {
	text, err := exec.CommandContext(ctx, "git", "describe", "--always", "--dirty", "--abbrev=12").Output()
	if err != nil {
		return "unknown commit"
	}
	return firstLine(text)
}

// contents returns a file of one value, "unknown" when it cannot be read.
func contents(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(text))
}

// cpuModel returns the first model name of /proc/cpuinfo.
func cpuModel(text string) string {
	for line := range strings.Lines(text) {
		if name, value, found := strings.Cut(line, ":"); found && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}
