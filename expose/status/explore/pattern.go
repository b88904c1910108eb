package explore

import (
	"strings"

	"weir/internal/glob"
)

// pattern is what a name is looked for by: a part of it, or, with * and ?, all of it. Upper and lower case
// letters of ASCII are the same.
type pattern struct {
	text   string // in lower case
	isGlob bool
}

func newPattern(text string) pattern { return pattern{lower(text), glob.Is(text)} }

// matches reports whether a name matches. The empty pattern matches all.
func (p *pattern) matches(name string) bool {
	switch {
	case p.text == "":
		return true
	case p.isGlob:
		return glob.Match(p.text, lower(name))
	case strings.Contains(name, p.text):
		return true
	default:
		return hasUpper(name) && strings.Contains(lower(name), p.text)
	}
}

// lower returns a text with lower case letters of ASCII; it allocates only when there are upper case ones.
func lower(text string) string {
	if !hasUpper(text) {
		return text
	}
	bytes := []byte(text)
	for i, c := range bytes {
		if 'A' <= c && c <= 'Z' {
			bytes[i] = c + 'a' - 'A'
		}
	}
	return string(bytes)
}

func hasUpper(text string) bool {
	for i := range len(text) {
		if c := text[i]; 'A' <= c && c <= 'Z' {
			return true
		}
	}
	return false
}
