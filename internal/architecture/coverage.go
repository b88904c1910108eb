package architecture

import (
	"fmt"
	"go/ast"
	"go/doc"
	"slices"
	"strings"
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

// headings must be in the package comment of every room.
var headings = []string{"Who may call what", "Memory model"}

// checkDoc looks for a doc.go whose package comment has the headings.
func checkDoc(room *Room) []Breach {
	isDoc := func(f *File) bool { return f.name() == "doc.go" && f.syntax.Doc != nil }
	i := slices.IndexFunc(room.Code, isDoc)
	if i < 0 {
		return []Breach{{
			Rule: "doc", Subject: room.Dir, Place: room.Dir,
			What: "no doc.go with a package comment",
			Remedy: "add one: which line of the straight line the room is, who may call what, " +
				"its memory model, its most important names",
		}}
	}
	var breaches []Breach
	for _, heading := range headings {
		if !strings.Contains(room.Code[i].syntax.Doc.Text(), "\n# "+heading+"\n") {
			breaches = append(breaches, Breach{
				Rule: "doc", Subject: room.Dir, Place: room.Dir + "/doc.go",
				What: "no heading # " + heading, Remedy: "add it, and what a reader wants to know there",
			})
		}
	}
	return breaches
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
