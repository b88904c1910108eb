// Command testsum runs go test and says at the end what was run: a line for each package, the output of what
// failed, the tests that were skipped and why, and the sums.
//
//	go run ./.ci/testsum -shuffle=on ./...
//
// All arguments go to go test. It exits with go test's code. Its last line is always of the form
//
//	120 passed, 0 failed, 3 skipped
//
// where each test, subtest and fuzz target with its seeds counts as one, and a package that fails outside of
// its tests (it does not build, it panics) counts as one that failed.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
)

func main() {
	code, err := run(os.Args[1:], os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "testsum:", err)
		os.Exit(1)
	}
	os.Exit(code)
}

// run runs go test with args and writes the report to w. It returns go test's exit code.
func run(args []string, w io.Writer) (int, error) {
	test := exec.Command("go", append([]string{"test", "-json"}, args...)...)
	test.Stderr = os.Stderr
	events, err := test.StdoutPipe()
	if err != nil {
		return 0, fmt.Errorf("open a pipe: %w", err)
	}
	if err := test.Start(); err != nil {
		return 0, fmt.Errorf("start go test: %w", err)
	}
	r := newReport(w)
	readErr := r.read(events)
	waitErr := test.Wait()
	r.finish()
	if exit, ok := errors.AsType[*exec.ExitError](waitErr); ok {
		return max(exit.ExitCode(), 1), nil // a signal is -1
	}
	if err := errors.Join(readErr, waitErr); err != nil {
		return 0, err
	}
	if r.failed > 0 {
		return 1, nil
	}
	return 0, nil
}
