package label

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// ErrSyntax says that a text is not a label set as an exposition writes it.
var ErrSyntax = errors.New(`want labels as in code="200",method="get"`)

// Parse reads a label set as people and other programs write it between braces: in any order, with spaces and
// a comma at the end where they like. Names may be quoted. Labels with an empty value are left out, since to
// Prometheus they are absent. The error is an ErrSyntax, or tells which label is given twice.
func Parse(text string) (Labels, error) {
	l, rest, err := ParsePrefix(text)
	if err == nil && rest != "" {
		err = ErrSyntax
	}
	return l, err
}

// ParsePrefix is Parse for the label set that text begins with. It ends at a closing brace, which rest begins
// with, or at the end of the text.
func ParsePrefix(text string) (l Labels, rest string, err error) {
	var b Builder
	seen := make(map[string]bool)
	for {
		text = trimSpace(text)
		if text == "" || text[0] == '}' {
			return b.Labels(), text, nil
		}
		name, value, after, err := parseOne(text, trimSpace)
		if err != nil {
			return Labels{}, text, err
		}
		if seen[name] {
			return Labels{}, text, fmt.Errorf("the label %s is given twice", name)
		}
		seen[name] = true
		b.Add(name, value)
		switch text = trimSpace(after); {
		case text == "", text[0] == '}':
		case text[0] == ',':
			text = text[1:]
		default:
			return Labels{}, text, ErrSyntax
		}
	}
}

// ParseText reads a text that Labels.Text returned, and that may be damaged since. It keeps the order of the
// labels. The error is an ErrSyntax.
func ParseText(text string) (Labels, error) {
	for rest := text; rest != ""; {
		_, value, after, err := parseOne(rest, func(s string) string { return s })
		if err != nil || value == "" || after == "," || after != "" && after[0] != ',' {
			return Labels{}, ErrSyntax
		}
		rest = strings.TrimPrefix(after, ",")
	}
	return Labels{text}, nil
}

// parseOne reads one label; skip takes off what may stand around the "=".
//
//	code = "200" , method="get"
//	^name   ^value^ rest
func parseOne(text string, skip func(string) string) (name, value, rest string, err error) {
	if text[0] == '"' {
		if name, rest, err = parseQuoted(text); err != nil || strings.ContainsAny(name, `"\`) {
			return "", "", rest, ErrSyntax
		}
	} else {
		end := strings.IndexAny(text, "= \t")
		if end < 0 || !isLegal(text[:end]) {
			return "", "", text, ErrSyntax
		}
		name, rest = text[:end], text[end:]
	}
	rest, found := strings.CutPrefix(skip(rest), "=")
	rest = skip(rest)
	if !found || name == "" || rest == "" || rest[0] != '"' {
		return "", "", rest, ErrSyntax
	}
	value, rest, err = parseQuoted(rest)
	return name, value, rest, err
}

func trimSpace(text string) string { return strings.TrimLeft(text, " \t") }

// parseQuoted reads a quoted text with the escapes \\, \" and \n.
func parseQuoted(text string) (plain, rest string, err error) {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
			if i == len(text) || strings.IndexByte(`\"n`, text[i]) < 0 {
				return "", text, ErrSyntax
			}
		case '"':
			if plain = unescape(text[1:i]); !utf8.ValidString(plain) {
				return "", text, ErrSyntax
			}
			return plain, text[i+1:], nil
		}
	}
	return "", text, ErrSyntax
}
