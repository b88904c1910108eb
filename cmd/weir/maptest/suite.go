package maptest

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"weir/internal/strictyaml"
)

// Suite is a file of tests of a mapping.
type Suite struct {
	file    string
	mapping string // as it is written; empty when the file names none
	tests   []test

	mistakes []error
}

// test says what becomes of lines.
type test struct {
	name  string
	line  int // where it begins
	lines []string
	want  []outcome
}

// Read reads a file of tests. The error joins all mistakes, each "file:line: what is wrong".
func Read(file string) (*Suite, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the tests: %w", err)
	}
	s := &Suite{file: file}
	root, mistakes := strictyaml.Parse(content)
	for _, m := range mistakes {
		s.refuse(&yaml.Node{Line: m.Line}, "%s", m.Text)
	}
	if root != nil {
		s.read(root)
	}
	if len(s.tests) == 0 && len(s.mistakes) == 0 {
		s.refuse(&yaml.Node{Line: 1}, "tests: missing: want a list of tests, each with name, lines and want")
	}
	return s, errors.Join(s.mistakes...)
}

// Mapping returns the path of the mapping file that the tests are for: beside their file when it is relative,
// empty when they name none.
func (s *Suite) Mapping() string {
	if s.mapping == "" || filepath.IsAbs(s.mapping) {
		return s.mapping
	}
	return filepath.Join(filepath.Dir(s.file), s.mapping)
}

func (s *Suite) refuse(at *yaml.Node, format string, args ...any) {
	s.mistakes = append(s.mistakes, fmt.Errorf("%s:%d: "+format, append([]any{s.file, at.Line}, args...)...))
}

func (s *Suite) read(root *yaml.Node) {
	s.section(root, "the file", map[string]func(*yaml.Node){
		"mapping": func(n *yaml.Node) { s.mapping = s.text(n, "mapping") },
		"tests": func(n *yaml.Node) {
			for _, element := range s.list(n, "tests") {
				s.readTest(element)
			}
		},
	})
}

func (s *Suite) readTest(n *yaml.Node) {
	t := test{line: n.Line}
	wants := false
	before := len(s.mistakes)
	s.section(n, "a test", map[string]func(*yaml.Node){
		"name": func(n *yaml.Node) { t.name = s.text(n, "name") },
		"lines": func(n *yaml.Node) {
			for _, element := range s.list(n, "lines") {
				t.lines = append(t.lines, s.text(element, "lines"))
			}
		},
		"want": func(n *yaml.Node) {
			wants = true
			for _, element := range s.list(n, "want") {
				s.readWant(&t, element)
			}
		},
	})
	switch {
	case len(s.mistakes) > before:
		return
	case t.name == "":
		s.refuse(n, "name: missing: want what the test shows")
	case len(t.lines) == 0:
		s.refuse(n, "lines: missing: want a list of lines")
	case !wants:
		s.refuse(n, "want: missing: want a list of series, or dropped, or unmapped")
	}
	s.tests = append(s.tests, t)
}

func (s *Suite) readWant(t *test, n *yaml.Node) {
	text := s.text(n, "want")
	if text == "" {
		return
	}
	o, err := parseOutcome(text)
	switch {
	case err != nil:
		s.refuse(n, "want: %s: %v", text, err)
	case slices.ContainsFunc(t.want, func(other outcome) bool { return other.key == o.key }):
		s.refuse(n, "want: %s is listed twice", o.key)
	default:
		t.want = append(t.want, o)
	}
}

// section calls the function of each key of n. Unknown keys, and those given twice, are refused.
func (s *Suite) section(n *yaml.Node, what string, keys map[string]func(*yaml.Node)) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Kind != yaml.MappingNode {
		s.refuse(n, "%s: want a section, key: value", what)
		return
	}
	seen := map[string]bool{}
	for pair := range slices.Chunk(n.Content, 2) {
		key, value := pair[0], pair[1]
		take, known := keys[key.Value]
		switch {
		case !known:
			s.refuse(key, "%q: unknown key of %s: want one of %s", key.Value, what,
				strings.Join(slices.Sorted(maps.Keys(keys)), ", "))
		case seen[key.Value]:
			s.refuse(key, "%s: given twice", key.Value)
		default:
			seen[key.Value] = true
			take(value)
		}
	}
}

func (s *Suite) list(n *yaml.Node, what string) []*yaml.Node {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Kind != yaml.SequenceNode {
		s.refuse(n, "%s: want a list", what)
		return nil
	}
	return n.Content
}

// text reads a scalar, as it is written. An empty one is refused.
func (s *Suite) text(n *yaml.Node, what string) string {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Kind != yaml.ScalarNode || n.Value == "" || n.ShortTag() == "!!null" {
		s.refuse(n, "%s: want text; in quotes where it has a brace, a colon or #", what)
		return ""
	}
	return n.Value
}
