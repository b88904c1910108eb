package architecture

import (
	"fmt"
	"go/ast"
	"go/doc"
	"slices"
)

// checkTests compares the lines of a room's tests with those of its other files.
func checkTests(room *Room, ratio float64) []Breach {
	code, tests := lines(room.Code), lines(room.Tests)
	if float64(tests) >= ratio*float64(code) {
		return nil
	}
	return []Breach{{
		Rule: "tests", Subject: room.Dir, Place: room.Dir,
		What: fmt.Sprintf("%d lines of tests for %d lines of code are %.2f a line, less than %.2f",
			tests, code, float64(tests)/float64(code), ratio),
		Remedy: "add tests of its exported names to its own folder",
	}}
}

// checkDoc looks for a doc.go with a package comment.
func checkDoc(room *Room) []Breach {
	isDoc := func(f *File) bool { return f.name() == "doc.go" && f.syntax.Doc != nil }
	if slices.ContainsFunc(room.Code, isDoc) {
		return nil
	}
	return []Breach{{
		Rule: "doc", Subject: room.Dir, Place: room.Dir,
		What: "no doc.go with a package comment",
		Remedy: "add one: which line of the straight line the room is, who may call what, " +
			"its memory model, its most important names",
	}}
}

// checkExample looks for an example that go test runs, which it does only when it knows the output.
func checkExample(room *Room) []Breach {
	files := make([]*ast.File, 0, len(room.Tests))
	for _, f := range room.Tests {
		files = append(files, f.syntax)
	}
	runs := func(e *doc.Example) bool { return e.Output != "" || e.EmptyOutput }
	if slices.ContainsFunc(doc.Examples(files...), runs) {
		return nil
	}
	return []Breach{{
		Rule: "example", Subject: room.Dir, Place: room.Dir,
		What:   "no example that go test runs",
		Remedy: "add a func Example to a test file that ends in a comment // Output:",
	}}
}
