// Package strictyaml parses YAML files such that everything that is wrong with them can be told, by line.
// It is what the configuration, mapping files, and files of tokens have in common; it knows none of their
// keys.
package strictyaml

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Mistake is something that is wrong with a file as YAML.
type Mistake struct {
	// Line is where, from 1; 0 when it is of no line.
	Line int
	// Text says what.
	Text string
}

// Parse returns the root of the only document, nil when there is none, and what is wrong with the file as
// YAML; a second document is. The root may be a node of any kind.
func Parse(content []byte) (root *yaml.Node, mistakes []Mistake) {
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	var first, second yaml.Node
	if err := decoder.Decode(&first); err != nil {
		return nil, syntax(err, content)
	}
	if err := decoder.Decode(&second); err != nil {
		return first.Content[0], syntax(err, content)
	}
	return first.Content[0], []Mistake{{second.Line, "a second YAML document begins here: want only one"}}
}

// syntax tells what the YAML parser refused of content; the end of it is no mistake. What is missing at the
// end is of the last line.
func syntax(err error, content []byte) []Mistake {
	if errors.Is(err, io.EOF) {
		return nil
	}
	line, message := lineOf(err)
	line = min(line, bytes.Count(bytes.TrimSuffix(content, []byte{'\n'}), []byte{'\n'})+1)
	return []Mistake{{line, "invalid YAML: " + message}}
}

// lineOf takes an error of the YAML parser apart. yaml.v3 counts lines from zero in the errors of its parser
// but from one in those of its scanner, and leaves out line zero; errors of its reader and of anchors have no
// line.
func lineOf(err error) (line int, message string) {
	message = strings.TrimPrefix(err.Error(), "yaml: ")
	if m := regexp.MustCompile(`^line (\d+): (.*)`).FindStringSubmatch(message); m != nil {
		line, _ = strconv.Atoi(m[1])
		message = m[2]
	}
	parser := regexp.MustCompile(`^did not find expected (',' or|'-'|key|node content|<)|` +
		`^found (undefined tag|duplicate %|incompatible)`)
	noLine := regexp.MustCompile(`^unknown anchor|UTF-|^control characters|^input error`)
	if parser.MatchString(message) || line == 0 && !noLine.MatchString(message) {
		line++
	}
	return line, message
}
