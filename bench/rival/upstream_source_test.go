package rival_test

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// upstreamCase is what one case of statsd_exporter's own tests says: lines, or a mapping file with lines for it.
type upstreamCase struct {
	name   string   // where it stands
	flags  []string // that the case needs
	config string   // a mapping file
	isBad  bool     // the mapping file must be refused
	lines  []string
}

// upstreamDir returns the folder of statsd_exporter's module, which .ci/rivals/go.mod pins. Its tests are read there,
// so that no copy of them grows old here.
func upstreamDir(t *testing.T) string {
	t.Helper()
	list := exec.Command("go", "-C", "../../.ci/rivals", "list", "-m", "-f", "{{.Dir}}", "github.com/prometheus/statsd_exporter")
	out, err := list.Output()
	if err != nil {
		t.Fatalf("%v: %v", list, err)
	}
	return strings.TrimSpace(string(out))
}

// readUpstream returns the cases of every test file of the module, and the mapping files in its documentation.
func readUpstream(t *testing.T) (cases []upstreamCase) {
	t.Helper()
	root := upstreamDir(t)
	cases = append(cases, upstreamCase{name: "config.example.yml", config: readText(t, filepath.Join(root, "config.example.yml"))})
	for i, block := range strings.Split(readText(t, filepath.Join(root, "README.md")), "```yaml\n")[1:] {
		config, _, _ := strings.Cut(block, "```")
		cases = append(cases, upstreamCase{name: fmt.Sprintf("README.md:%d", i), config: config})
	}
	err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, declaration := range file.Decls {
			r := upstreamReader{name: filepath.Base(path)}
			if function, ok := declaration.(*ast.FuncDecl); ok {
				r.name += ":" + function.Name.Name
			}
			cases = append(cases, r.read(declaration)...)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return cases
}

func readText(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// upstreamReader reads one declaration of a test file.
type upstreamReader struct {
	name    string
	cases   []upstreamCase
	config  string   // the variable of that name
	lines   []string // that stand in the declaration
	parsers []string // that it switches on
	flows   [][]string
}

// read returns the cases of a declaration: one for each mapping file in a table, one for all lines in a table, and one
// for each list of events.
func (r *upstreamReader) read(declaration ast.Node) []upstreamCase {
	ast.Inspect(declaration, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.KeyValueExpr:
			if text, ok := textOf(n.Value); ok && nameOfKey(n.Key) == "in" {
				r.lines = append(r.lines, strings.Split(text, "\n")...)
			}
			if text, ok := textOf(n.Key); ok && strings.HasSuffix(r.name, ":TestEscapeMetricName") {
				r.lines = append(r.lines, text+":1|c")
			}
		case *ast.BasicLit:
			if text, ok := textOf(n); ok && looksLikeLine.MatchString(text) {
				r.lines = append(r.lines, strings.Split(text, "\n")...)
			}
		case *ast.AssignStmt:
			if text, ok := textOf(n.Rhs[0]); ok && nameOfKey(n.Lhs[0]) == "config" {
				r.config = text
			}
		case *ast.CallExpr:
			if name, found := strings.CutPrefix(lastName(n.Fun), "Enable"); found {
				r.parsers = append(r.parsers, strings.ToLower(strings.TrimSuffix(name, "Parsing")))
			}
		case *ast.CompositeLit:
			r.readComposite(n)
		}
		return true
	})
	return append(r.cases, r.rest()...)
}

// rest returns the cases of what was found without a mapping file of its own. Beside lines, events are what they must
// make.
func (r *upstreamReader) rest() (cases []upstreamCase) {
	if len(r.lines) > 0 {
		slices.Sort(r.lines)
		return []upstreamCase{{name: r.name, flags: r.flags(), lines: slices.Compact(r.lines)}}
	}
	for i, flow := range r.flows {
		cases = append(cases, upstreamCase{name: fmt.Sprintf("%s:%d", r.name, i), config: r.config, lines: flow})
	}
	if r.config != "" && len(r.flows) == 0 && len(r.cases) == 0 {
		cases = append(cases, upstreamCase{name: r.name, config: r.config})
	}
	return cases
}

// looksLikeLine matches lines with a type that every program knows.
var looksLikeLine = regexp.MustCompile(`^[^\s:]+:[^\s|]+\|(c|g|ms|h|d)(\||$)`)

// flags returns the flags for the parsers that a test of lines does not switch on.
func (r *upstreamReader) flags() (flags []string) {
	if !strings.HasPrefix(r.name, "line_test.go:") {
		return nil
	}
	for _, dialect := range []string{"dogstatsd", "influxdb", "librato", "signalfx"} {
		if !slices.Contains(r.parsers, dialect) {
			flags = append(flags, "--no-statsd.parse-"+dialect+"-tags")
		}
	}
	return flags
}

// readComposite reads a row of a table of mapping files, or a list of events.
func (r *upstreamReader) readComposite(n *ast.CompositeLit) {
	fields := fieldsOf(n)
	if config, ok := textOf(fields["config"]); ok {
		name, _ := textOf(fields["testName"])
		c := upstreamCase{name: r.name + ":" + name, config: config, isBad: nameOfKey(fields["configBad"]) == "true"}
		for _, lookup := range elementsOf(fields["mappings"]) {
			fields := fieldsOf(lookup)
			letter := map[string]string{"MetricTypeGauge": "g", "MetricTypeObserver": "ms"}[nameOfKey(fields["metricType"])]
			if metric, ok := textOf(fields["statsdMetric"]); ok {
				c.lines = append(c.lines, metric+":1|"+cmp.Or(letter, "c"))
			}
		}
		r.cases = append(r.cases, c)
		return
	}
	if lastName(n.Type) == "Events" && len(n.Elts) > 0 {
		var flow []string
		for _, event := range elementsOf(n) {
			if line := lineOfEvent(event); !strings.HasPrefix(line, ":") { // of which the name stands there
				flow = append(flow, line)
			}
		}
		r.flows = append(r.flows, flow)
	}
}

// lineOfEvent returns the line that makes an event of statsd_exporter's.
func lineOfEvent(event *ast.CompositeLit) string {
	fields := fieldsOf(event)
	of := lastName(event.Type)[:1]
	name, _ := textOf(fields[of+"MetricName"])
	value := numberOf(fields[of+"Value"])
	if of == "G" && nameOfKey(fields["GRelative"]) == "true" && !strings.HasPrefix(value, "-") {
		value = "+" + value
	}
	line := name + ":" + value + "|" + map[string]string{"C": "c", "G": "g", "O": "h"}[of]
	var tags []string
	if labels, ok := fields[of+"Labels"].(*ast.CompositeLit); ok {
		for _, pair := range labels.Elts {
			key, _ := textOf(pair.(*ast.KeyValueExpr).Key)
			value, _ := textOf(pair.(*ast.KeyValueExpr).Value)
			tags = append(tags, key+":"+value)
		}
	}
	if len(tags) > 0 {
		line += "|#" + strings.Join(tags, ",")
	}
	return line
}

// fieldsOf returns the values of a composite literal by the names of their keys.
func fieldsOf(n *ast.CompositeLit) map[string]ast.Expr {
	return maps.Collect(func(yield func(string, ast.Expr) bool) {
		for _, element := range n.Elts {
			if pair, ok := element.(*ast.KeyValueExpr); ok && !yield(nameOfKey(pair.Key), pair.Value) {
				return
			}
		}
	})
}

// elementsOf returns the composite literals in a list, also those behind an &.
func elementsOf(list ast.Expr) (elements []*ast.CompositeLit) {
	literal, ok := list.(*ast.CompositeLit)
	if !ok {
		return nil
	}
	for _, element := range literal.Elts {
		if address, ok := element.(*ast.UnaryExpr); ok {
			element = address.X
		}
		if inner, ok := element.(*ast.CompositeLit); ok {
			elements = append(elements, inner)
		}
	}
	return elements
}

// textOf returns the value of an expression that is a text.
func textOf(e ast.Expr) (text string, ok bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, e.Kind == token.STRING && err == nil
	case *ast.BinaryExpr:
		left, ok1 := textOf(e.X)
		right, ok2 := textOf(e.Y)
		return left + right, ok1 && ok2 && e.Op == token.ADD
	default:
		return "", false
	}
}

// numberOf returns the text of a number, 0 for any other expression.
func numberOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		return e.Value
	case *ast.UnaryExpr:
		return e.Op.String() + numberOf(e.X)
	default:
		return "0"
	}
}

func nameOfKey(e ast.Expr) string {
	if name, ok := e.(*ast.Ident); ok {
		return name.Name
	}
	return ""
}

// lastName returns the last name of a.b.c.
func lastName(e ast.Expr) string {
	if selector, ok := e.(*ast.SelectorExpr); ok {
		return selector.Sel.Name
	}
	return nameOfKey(e)
}
