package process

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Start starts a program for a test and returns when it is ready. The end of the test kills it, and logs what
// it wrote if the test failed. A start that fails ends the test.
func Start(tb testing.TB, g *Program) *Process {
	tb.Helper()
	p, err := g.Start(tb.Context())
	return endWith(tb, p, err)
}

// Launch is Start without waiting until the program is ready.
func Launch(tb testing.TB, g *Program) *Process {
	tb.Helper()
	p, err := g.Launch()
	return endWith(tb, p, err)
}

// Restart starts a program that has ended once more, at the same addresses, and then is like Start.
func Restart(tb testing.TB, p *Process) *Process {
	tb.Helper()
	again, err := p.Restart(tb.Context())
	return endWith(tb, again, err)
}

func endWith(tb testing.TB, p *Process, err error) *Process {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		p.Kill()
		if tb.Failed() {
			tb.Logf("the log of %s:\n%s", p.program.name(), p.Log())
		}
	})
	return p
}

// MustStop sends SIGTERM and fails the test unless the process ends in time with exit code 0. It may be
// called again.
func MustStop(tb testing.TB, p *Process) {
	tb.Helper()
	if err := p.Stop(); err != nil {
		tb.Errorf("%s after SIGTERM: %v, want exit code 0", p.program.name(), err)
	}
}

// BuildWeir builds weir with these flags of go build and returns its path. The end of the test removes it.
func BuildWeir(tb testing.TB, flags ...string) string {
	tb.Helper()
	root, err := exec.Command("go", "list", "-m", "-f={{.Dir}}", "weir").Output()
	if err != nil {
		tb.Fatalf("find the module weir: %v", err)
	}
	path := filepath.Join(tb.TempDir(), "weir")
	build := exec.Command("go", append(append([]string{"build"}, flags...), "-o", path, "./cmd/weir")...)
	build.Dir = strings.TrimSpace(string(root))
	if output, err := build.CombinedOutput(); err != nil {
		tb.Fatalf("%v: %v\n%s", build, err, output)
	}
	return path
}
