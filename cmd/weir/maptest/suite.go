package maptest

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"weir/internal/mistake"
	"weir/internal/yamlfile"
)

// Suite is a file of tests of a mapping.
type Suite struct {
	file    string
	mapping string // as it is written; empty when the file names none
	tests   []test
}

// test is one test of a file: lines, and the outcomes that it wants of them.
type test struct {
	name  string
	line  int // of the file, where the test begins
	lines []string
	want  []outcome
}

// Read reads a file of tests. The error joins all mistakes, each "file:line: key: what is wrong".
func Read(file string) (*Suite, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the tests: %w", err)
	}
	s := &Suite{file: file}
	document := yamlfile.Parse(file, content, yamlfile.Options{})
	if root, ok := document.Root(); ok {
		s.read(root)
	}
	if len(s.tests) == 0 && len(document.Mistakes()) == 0 {
		return nil, &mistake.Mistake{
			Place: mistake.Place{Name: file, Line: 1}, Path: "tests", Value: "missing",
			Want: "want a list of tests, each with name, lines and want",
		}
	}
	return s, document.Err()
}

// Mapping returns the path of the mapping file that the tests are for: beside their file when it is relative,
// empty when they name none.
func (s *Suite) Mapping() string {
	if s.mapping == "" || filepath.IsAbs(s.mapping) {
		return s.mapping
	}
	return filepath.Join(filepath.Dir(s.file), s.mapping)
}

func (s *Suite) read(root yamlfile.Value) {
	for name, v := range root.Section("mapping", "tests") {
		if name == "mapping" {
			s.mapping = text(v)
			continue
		}
		for v := range v.List("tests") {
			s.tests = append(s.tests, readTest(v))
		}
	}
}

func readTest(v yamlfile.Value) test {
	t := test{line: v.Line}
	given := map[string]bool{}
	for name, v := range v.Section("name", "lines", "want") {
		given[name] = true
		switch name {
		case "name":
			t.name = text(v)
		case "lines":
			t.readLines(v)
		default:
			for v := range v.List("series and words") {
				t.readWant(v)
			}
		}
	}
	switch {
	case !v.IsSection():
	case !given["name"]:
		v.RefuseMissing("name", "want what the test shows")
	case !given["lines"]:
		v.RefuseMissing("lines", "want a list of lines")
	case !given["want"]:
		v.RefuseMissing("want", "want a list of series, or dropped, or unmapped")
	}
	return t
}

func (t *test) readLines(v yamlfile.Value) {
	for v := range v.List("lines") {
		t.lines = append(t.lines, text(v))
	}
	if len(t.lines) == 0 && (v.IsList() || v.IsNull()) {
		v.RefuseAs("no line in it", "want at least one")
	}
}

func (t *test) readWant(v yamlfile.Value) {
	wanted := text(v)
	if wanted == "" {
		return
	}
	o, err := parseOutcome(wanted)
	switch {
	case err != nil:
		v.RefuseAs(wanted, err.Error())
	case slices.ContainsFunc(t.want, func(other outcome) bool { return other.key == o.key }):
		v.RefuseAs(o.key.String()+" is listed twice", "want it once")
	default:
		t.want = append(t.want, o)
	}
}

// text reads a text that is not empty.
func text(v yamlfile.Value) string {
	s, _ := v.Text("want text, in quotes where it has a brace, a colon or #")
	return s
}
