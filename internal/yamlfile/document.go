package yamlfile

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"weir/internal/mistake"
)

// Options say how a file is read. The zero value is the strictest way.
type Options struct {
	// Merge makes merge keys work (<<: *anchor). Without it they are keys like any other.
	Merge bool
	// Hide keeps scalars out of messages: one may be a secret in the wrong place. Keys are shown, and so are
	// the values that [Value.Choice] refuses.
	Hide bool
}

// Document is a YAML file while it is read. It collects the mistakes.
type Document struct {
	file     string
	options  Options
	root     *yaml.Node // nil when the file is empty or cannot be parsed
	mistakes []*mistake.Mistake
	pairs    map[*yaml.Node][]nodePair // sections that were read; nil while merge keys are followed
}

// Parse reads the content of a file, which may hold one YAML document; file is its name in messages. The
// mistakes of the file as YAML are in the Document.
func Parse(file string, content []byte, o Options) *Document {
	d := &Document{file: file, options: o, pairs: map[*yaml.Node][]nodePair{}}
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	var first, second yaml.Node
	if err := decoder.Decode(&first); err != nil {
		d.refuseSyntax(err, content)
		return d
	}
	d.root = first.Content[0]
	if err := decoder.Decode(&second); err != nil {
		d.refuseSyntax(err, content)
		return d
	}
	d.refuse(second.Line, "", "a second YAML document begins here", "want only one")
	return d
}

// Root returns the root of the document, a value of any kind; ok is false when the file is empty or cannot be
// read.
func (d *Document) Root() (root Value, ok bool) {
	if d.root == nil {
		return Value{}, false
	}
	return d.value("", d.root), true
}

// Mistakes returns the mistakes that were found until now, in that order. Do not change them.
func (d *Document) Mistakes() []*mistake.Mistake { return d.mistakes }

// Err returns the mistakes that were found until now joined, by line, one line of text each; nil when there
// are none.
func (d *Document) Err() error { return mistake.Join(d.mistakes) }

func (d *Document) refuse(line int, path, wrong, want string) {
	d.mistakes = append(d.mistakes, &mistake.Mistake{
		Place: mistake.Place{Name: d.file, Line: line}, Path: path, Value: wrong, Want: want,
	})
}

// value returns the value of the node n at path. An alias (*name) counts where it stands, and has the value
// of its anchor (&name), which cannot be an alias itself.
func (d *Document) value(path string, n *yaml.Node) Value {
	v := Value{Path: path, Line: n.Line, document: d, node: n}
	if n.Kind == yaml.AliasNode {
		v.node = n.Alias
	}
	return v
}

// refuseSyntax adds the error of the YAML parser; the end of the content is none. A missing end belongs to
// the last line.
func (d *Document) refuseSyntax(err error, content []byte) {
	if errors.Is(err, io.EOF) {
		return
	}
	line, message := lineOf(err)
	last := bytes.Count(bytes.TrimSuffix(content, []byte{'\n'}), []byte{'\n'}) + 1
	d.refuse(min(line, last), "", "invalid YAML", message)
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
