package mapping

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// template is text with references to captures.
type template []part

// part is either literal text or a reference.
type part struct {
	literal string
	ref     string // as written, "${1}"; empty for literal text
	name    string // of the reference, "1"
	group   int    // its capture; 0 is the whole name or match; -1 for a reference to no capture
}

// appendTo appends the text, with the captures in place of the references.
func (t template) appendTo(dst []byte, groups [][]byte) []byte {
	for i := range t {
		switch p := &t[i]; {
		case p.ref == "":
			dst = append(dst, p.literal...)
		case p.group >= 0:
			dst = append(dst, groups[p.group]...)
		}
	}
	return dst
}

// constant reports whether no capture is part of it.
func (t template) constant() bool {
	return !slices.ContainsFunc(t, func(p part) bool { return p.ref != "" && p.group >= 0 })
}

func (t template) addLiteral(text string) template {
	if text == "" {
		return t
	}
	if last := len(t) - 1; last >= 0 && t[last].ref == "" {
		t[last].literal += text
		return t
	}
	return append(t, part{literal: text})
}

// globTemplate reads the template of a glob with so many captures, as statsd_exporter does: a reference is
// "$" or "${", letters, digits, "_" and "$", as many as there are, and a "}" if one follows. So "$1_x" is
// the reference "1_x", which no glob has and which is empty.
func globTemplate(text string, captures int) template {
	var t template
	for {
		i := strings.IndexByte(text, '$')
		if i < 0 {
			return t.addLiteral(text)
		}
		start := i + 1
		if strings.HasPrefix(text[start:], "{") {
			start++
		}
		end := start
		for end < len(text) && (isWordByte(text[end]) || text[end] == '$') {
			end++
		}
		if end == start { // a lone dollar
			t, text = t.addLiteral(text[:i+1]), text[i+1:]
			continue
		}
		t = t.addLiteral(text[:i])
		name := text[start:end]
		group, err := strconv.Atoi(name)
		if err != nil || group > captures {
			group = -1
		}
		if strings.HasPrefix(text[end:], "}") {
			end++
		}
		t = append(t, part{ref: text[i:end], name: name, group: group})
		text = text[end:]
	}
}

// regexTemplate reads the template of a regular expression with the named groups, as [regexp.Regexp.Expand]
// does: a reference is "$name" or "${name}", "$$" is a dollar, any other dollar is itself.
func regexTemplate(text string, groups []string) template {
	var t template
	for {
		i := strings.IndexByte(text, '$')
		if i < 0 {
			return t.addLiteral(text)
		}
		t = t.addLiteral(text[:i])
		text = text[i:]
		if strings.HasPrefix(text, "$$") {
			t, text = t.addLiteral("$"), text[2:]
			continue
		}
		name, end := regexReference(text)
		if end == 0 {
			t, text = t.addLiteral("$"), text[1:]
			continue
		}
		t = append(t, part{ref: text[:end], name: name, group: regexGroup(name, groups)})
		text = text[end:]
	}
}

// regexReference returns the name of the reference at the start of text and where it ends; 0 when there is
// none.
func regexReference(text string) (name string, end int) {
	start := 1
	braced := strings.HasPrefix(text, "${")
	if braced {
		start++
	}
	end = start
	for end < len(text) {
		r, size := utf8.DecodeRuneInString(text[end:])
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' {
			break
		}
		end += size
	}
	name = text[start:end]
	switch {
	case name == "":
		return "", 0
	case !braced:
		return name, end
	case strings.HasPrefix(text[end:], "}"):
		return name, end + 1
	default:
		return "", 0
	}
}

// regexGroup returns the number of the group, -1 when the expression has no such group. A number has no
// leading zero.
func regexGroup(name string, groups []string) int {
	if number, err := strconv.Atoi(name); err == nil && strconv.Itoa(number) == name {
		if number < len(groups) {
			return number
		}
		return -1
	}
	return slices.Index(groups, name)
}

// braced returns a reference such as $1_x as it was probably meant: ${1}_x.
func (p *part) braced() string {
	var b strings.Builder
	for word := range strings.SplitSeq(p.name, "$") {
		digits := strings.IndexFunc(word, func(r rune) bool { return r < '0' || r > '9' })
		if digits < 0 {
			digits = len(word)
		}
		if digits > 0 {
			b.WriteString("${" + word[:digits] + "}")
		}
		b.WriteString(word[digits:])
	}
	return b.String()
}

// isNumber reports whether the reference is by number.
func (p *part) isNumber() bool {
	return !strings.ContainsFunc(p.name, func(r rune) bool { return r < '0' || r > '9' })
}

func isWordByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_'
}
