package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

// event is one line of go test -json; see go doc test2json.
type event struct {
	Action     string
	Package    string
	ImportPath string // of build-output, in place of Package
	Test       string
	Output     string
}

// name is a test of a package; the test is empty for the package itself.
type name struct{ pkg, test string }

// report sums events up and writes what a person wants to see of them.
type report struct {
	w                       io.Writer
	passed, failed, skipped int

	outputs map[name][]string // of tests that have not ended, and of packages
	failing map[string]bool   // packages in which a test failed
	skips   []string
}

func newReport(w io.Writer) *report {
	return &report{w: w, outputs: make(map[name][]string), failing: make(map[string]bool)}
}

// read takes events until the end. Lines that are no events are written as they are.
func (r *report) read(events io.Reader) error {
	lines := bufio.NewReader(events)
	for {
		line, err := lines.ReadBytes('\n')
		var e event
		if len(line) > 0 && json.Unmarshal(line, &e) == nil {
			r.add(&e)
		} else {
			fmt.Fprintf(r.w, "%s", line)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the output of go test: %w", err)
		}
	}
}

func (r *report) add(e *event) {
	n := name{e.Package, e.Test}
	switch {
	case e.Action == "build-output":
		fmt.Fprint(r.w, e.Output)
	case e.Action == "output":
		r.outputs[n] = append(r.outputs[n], e.Output)
	case e.Test != "":
		r.endTest(n, e.Action)
	default:
		r.endPackage(n, e.Action)
	}
}

func (r *report) endTest(n name, action string) {
	switch action {
	case "pass":
		r.passed++
	case "fail":
		r.failed++
		r.failing[n.pkg] = true
		r.print(n)
	case "skip":
		r.skipped++
		r.skips = append(r.skips, fmt.Sprintf("%s in %s: %s", n.test, n.pkg, reason(r.outputs[n])))
	default: // it starts, pauses or goes on
		return
	}
	delete(r.outputs, n)
}

func (r *report) endPackage(n name, action string) {
	switch action {
	case "pass", "skip":
		for _, line := range r.outputs[n] {
			if line != "PASS\n" && !strings.HasPrefix(line, "-test.shuffle") {
				fmt.Fprint(r.w, line)
			}
		}
	case "fail":
		for _, unfinished := range r.unfinished(n.pkg) {
			r.print(unfinished)
		}
		r.print(n)
		if !r.failing[n.pkg] {
			r.failed++
		}
	default:
		return
	}
	delete(r.outputs, n)
}

// unfinished returns the tests of a package that have not ended, which is how a panic leaves them.
func (r *report) unfinished(pkg string) []name {
	var names []name
	for n := range r.outputs {
		if n.pkg == pkg && n.test != "" {
			names = append(names, n)
		}
	}
	slices.SortFunc(names, func(a, b name) int { return strings.Compare(a.test, b.test) })
	return names
}

func (r *report) print(n name) {
	for _, line := range r.outputs[n] {
		if !strings.HasPrefix(line, "=== ") {
			fmt.Fprint(r.w, line)
		}
	}
}

// finish writes the skipped tests and the sums.
func (r *report) finish() {
	if len(r.skips) > 0 {
		fmt.Fprintln(r.w, "\nskipped:")
		for _, skip := range r.skips {
			fmt.Fprintln(r.w, "  "+skip)
		}
	}
	fmt.Fprintf(r.w, "\n%d passed, %d failed, %d skipped\n", r.passed, r.failed, r.skipped)
}

// reason returns what a skipped test said, in one line.
func reason(output []string) string {
	var words []string
	for _, line := range output {
		if !strings.HasPrefix(line, "=== ") && !strings.HasPrefix(strings.TrimSpace(line), "--- ") {
			words = append(words, strings.TrimSpace(line))
		}
	}
	if len(words) == 0 {
		return "no reason given"
	}
	return strings.Join(words, " ")
}
