package selector

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"

	"weir/aggregate/label"
)

// Selector selects series by the name of their family and by their labels.
type Selector struct {
	names  []matcher // of the name
	labels []matcher
}

// nameLabel is the label that stands for the name of the family.
const nameLabel = "__name__"

// MatchesName reports whether series of a family can match.
func (s *Selector) MatchesName(name string) bool {
	for i := range s.names {
		if !s.names[i].matches(name) {
			return false
		}
	}
	return true
}

// Matches reports whether the label set of a series matches.
func (s *Selector) Matches(labels label.Labels) bool {
	for i := range s.labels {
		value, _ := labels.Get(s.labels[i].label)
		if !s.labels[i].matches(value) {
			return false
		}
	}
	return true
}

// Name returns the one name that can match, and whether there is such a one.
func (s *Selector) Name() (name string, found bool) {
	for i := range s.names {
		if s.names[i].operator == equal {
			return s.names[i].value, true
		}
	}
	return "", false
}

// operator is how a matcher compares.
type operator uint8

const (
	equal operator = iota
	notEqual
	matchesRegexp
	notMatchesRegexp
)

var operators = [...]string{equal: "=", notEqual: "!=", matchesRegexp: "=~", notMatchesRegexp: "!~"}

// matcher says which values of a label match.
type matcher struct {
	label    string
	operator operator
	value    string
	pattern  *regexp.Regexp // nil for equal and notEqual
}

func newMatcher(name string, o operator, value string) (m matcher, err error) {
	m = matcher{label: name, operator: o, value: value}
	if o == matchesRegexp || o == notMatchesRegexp {
		m.pattern, err = compile("^(?s:" + value + ")$")
		if err != nil {
			return m, fmt.Errorf("%s%s%q: %w", name, operators[o], value, err)
		}
	}
	return m, nil
}

// maxInstructions is how long the program of a regular expression may be. Each byte of a value may cost that
// many steps, and (a{0,1000}) alone has two thousand.
const maxInstructions = 5000

var errComplex = errors.New("the regular expression is too complex: want fewer repetitions")

// compile compiles a regular expression that is not too complex.
func compile(text string) (*regexp.Regexp, error) {
	tree, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return nil, err //nolint:wrapcheck // it is that of regexp.Compile
	}
	program, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return nil, err //nolint:wrapcheck // as above
	}
	if len(program.Inst) > maxInstructions {
		return nil, errComplex
	}
	return regexp.Compile(text)
}

func (m *matcher) matches(value string) bool {
	switch m.operator {
	case equal:
		return value == m.value
	case notEqual:
		return value != m.value
	case matchesRegexp:
		return m.pattern.MatchString(value)
	default:
		return !m.pattern.MatchString(value)
	}
}

var (
	errTwice = errors.New("the name of the metric is given twice")
	errEmpty = errors.New(`at least one matcher must not match the empty value, as in {job="a"} or a name`)
)

// check adds a matcher for a name that stands alone, and reports what is wrong with all of them.
func (s *Selector) check(name string, isNamed bool) error {
	if isNamed {
		if len(s.names) > 0 {
			return errTwice
		}
		s.names = append(s.names, matcher{label: nameLabel, value: name})
	}
	for _, list := range [][]matcher{s.names, s.labels} {
		for i := range list {
			if !list[i].matches("") {
				return nil
			}
		}
	}
	return errEmpty
}
