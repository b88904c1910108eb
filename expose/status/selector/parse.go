package selector

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Parse reads a selector. The error says what is wrong and where.
//
//	web_hits{code=~"5..",zone!="a"}
//	^name    ^label ^value
func Parse(text string) (*Selector, error) {
	p := parser{text: text}
	s, err := p.selector()
	if err != nil {
		return nil, fmt.Errorf("series selector %q, at byte %d: %w", text, p.at, err)
	}
	return s, nil
}

// parser reads a text from at on.
type parser struct {
	text string
	at   int

	name    string // that stands alone: before the braces, or quoted within
	isNamed bool
}

func (p *parser) selector() (*Selector, error) {
	s := &Selector{}
	p.skipSpace()
	if name := p.identifier(":"); name != "" {
		p.name, p.isNamed = name, true
		p.skipSpace()
	}
	if p.take("{") {
		if err := p.matchers(s); err != nil {
			return nil, err
		}
	} else if !p.isNamed {
		return nil, errors.New(`want a name or "{"`)
	}
	p.skipSpace()
	if p.at < len(p.text) {
		return nil, errors.New("want the end of the selector: it has no range, offset, function or operator")
	}
	if err := s.check(p.name, p.isNamed); err != nil {
		return nil, err
	}
	return s, nil
}

// matchers reads what stands between braces, and the brace that ends it.
func (p *parser) matchers(s *Selector) error {
	for {
		p.skipSpace()
		if p.take("}") {
			return nil
		}
		if err := p.matcher(s); err != nil {
			return err
		}
		p.skipSpace()
		switch {
		case p.take(","), strings.HasPrefix(p.text[p.at:], "}"):
		default:
			return errors.New(`want "," or "}"`)
		}
	}
}

// matcher reads one matcher, or a quoted name that stands alone.
func (p *parser) matcher(s *Selector) error {
	name, isQuoted, err := p.labelName()
	if err != nil {
		return err
	}
	p.skipSpace()
	operator, found := p.operator()
	switch {
	case !found && isQuoted && p.isNamed:
		return errTwice
	case !found && isQuoted:
		p.name, p.isNamed = name, true
		return nil
	case !found:
		return errors.New("want one of = != =~ !~")
	}
	p.skipSpace()
	value, err := p.quoted()
	if err != nil {
		return err
	}
	m, err := newMatcher(name, operator, value)
	if name == nameLabel {
		s.names = append(s.names, m)
	} else {
		s.labels = append(s.labels, m)
	}
	return err
}

func (p *parser) labelName() (name string, isQuoted bool, err error) {
	if name = p.identifier(""); name != "" {
		return name, false, nil
	}
	name, err = p.quoted()
	if err == nil && (name == "" || !utf8.ValidString(name)) {
		err = errors.New("want a name that is not empty")
	}
	return name, true, err
}

func (p *parser) operator() (operator, bool) {
	for _, o := range []operator{matchesRegexp, notMatchesRegexp, notEqual, equal} {
		if p.take(operators[o]) {
			return o, true
		}
	}
	return 0, false
}

// identifier reads letters, digits, "_" and other characters; "" when there is no identifier.
func (p *parser) identifier(others string) string {
	start := p.at
	for ; p.at < len(p.text); p.at++ {
		c := p.text[p.at]
		isDigit := '0' <= c && c <= '9'
		isLetter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' ||
			strings.IndexByte(others, c) >= 0
		if !isLetter && (!isDigit || p.at == start) {
			break
		}
	}
	return p.text[start:p.at]
}

// quoted reads a text in double or single quotes, with the escapes of Go, or in backticks, without escapes.
func (p *parser) quoted() (string, error) {
	rest := p.text[p.at:]
	if rest == "" || strings.IndexByte("\"'`", rest[0]) < 0 {
		return "", errors.New("want a quoted text")
	}
	quote, rest := rest[0], rest[1:]
	if quote == '`' {
		plain, _, found := strings.Cut(rest, "`")
		if !found {
			return "", errNotEnded
		}
		p.at += len(plain) + 2
		return plain, nil
	}
	var plain []byte
	for rest != "" && rest[0] != quote {
		if rest[0] == '\n' {
			return "", errNotEnded
		}
		char, isMultibyte, after, err := strconv.UnquoteChar(rest, quote)
		if err != nil {
			p.at = len(p.text) - len(rest)
			return "", errors.New(`unknown escape: "\\" stands for a backslash`)
		}
		if rest = after; char < utf8.RuneSelf || !isMultibyte {
			plain = append(plain, byte(char))
		} else {
			plain = utf8.AppendRune(plain, char)
		}
	}
	if rest == "" {
		return "", errNotEnded
	}
	p.at = len(p.text) - len(rest) + 1
	return string(plain), nil
}

var errNotEnded = errors.New("a quoted text does not end")

// take takes a text off, if it is next.
func (p *parser) take(text string) bool {
	if !strings.HasPrefix(p.text[p.at:], text) {
		return false
	}
	p.at += len(text)
	return true
}

// skipSpace skips space and comments.
func (p *parser) skipSpace() {
	for p.at < len(p.text) {
		switch p.text[p.at] {
		case ' ', '\t', '\n', '\r':
			p.at++
		case '#':
			end := strings.IndexByte(p.text[p.at:], '\n')
			if end < 0 {
				p.at = len(p.text)
				return
			}
			p.at += end
		default:
			return
		}
	}
}
