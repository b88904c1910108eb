package mapping

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
)

// segment is a glob for what stands between two dots of a name, or for the value of a tag. A star stands for
// any bytes, none included.
type segment struct {
	text   string
	pieces [][]byte // what is before, between and behind the stars; one when there are none
}

func newSegment(text string) segment {
	return segment{text: text, pieces: bytes.Split([]byte(text), []byte("*"))}
}

func (s *segment) stars() int { return len(s.pieces) - 1 }

// literals counts the bytes that are not stars.
func (s *segment) literals() int { return len(s.text) - s.stars() }

func (s *segment) prefix() []byte { return s.pieces[0] }
func (s *segment) suffix() []byte { return s.pieces[len(s.pieces)-1] }

// matches reports whether b fits. It also tells whether s covers another segment, that is, fits whatever the
// other fits: when b is the text of the other. The star in b is a letter that no piece of s contains, so it
// can only be part of what a star of s stands for, and there anything else fits as well.
func (s *segment) matches(b []byte) bool {
	if s.stars() == 0 {
		return bytes.Equal(b, s.pieces[0])
	}
	if len(b) < len(s.prefix())+len(s.suffix()) ||
		!bytes.HasPrefix(b, s.prefix()) || !bytes.HasSuffix(b, s.suffix()) {
		return false
	}
	b = b[len(s.prefix()) : len(b)-len(s.suffix())]
	for _, piece := range s.pieces[1:s.stars()] {
		i := bytes.Index(b, piece)
		if i < 0 {
			return false
		}
		b = b[i+len(piece):]
	}
	return true
}

// appendCaptures appends what each star stands for in b, which fits: as little as it can, from the left.
func (s *segment) appendCaptures(dst [][]byte, b []byte) [][]byte {
	if s.stars() == 0 {
		return dst
	}
	b = b[len(s.prefix()) : len(b)-len(s.suffix())]
	for _, piece := range s.pieces[1:s.stars()] {
		i := bytes.Index(b, piece)
		dst = append(dst, b[:i])
		b = b[i+len(piece):]
	}
	return append(dst, b)
}

// pattern is a glob for a whole name: as many segments as the name has.
type pattern []segment

// notInGlob are the letters with a meaning in regular expressions: whoever writes them means one.
const notInGlob = `^$()[]{}|\+?`

// parsePattern returns what is wrong with text in the second result, empty when nothing is.
func parsePattern(text string) (pattern, string) {
	for _, r := range text {
		switch {
		case strings.ContainsRune(notInGlob, r):
			return nil, fmt.Sprintf("%q in a glob: want match_type: regex, or a glob without it", r)
		case unicode.IsSpace(r) || !unicode.IsPrint(r) || r == unicode.ReplacementChar:
			return nil, fmt.Sprintf("%q in a glob: want no spaces, no control characters", r)
		case r == ':':
			return nil, "a colon in a glob, which no name contains: want it left out"
		}
	}
	var p pattern
	for part := range strings.SplitSeq(text, ".") {
		if part == "" {
			return nil, "want words or stars with single dots between them"
		}
		if strings.Contains(part, "**") {
			return nil, "two stars in a row: want one, which never matches a dot"
		}
		p = append(p, newSegment(part))
	}
	return p, ""
}

// captures counts the stars.
func (p pattern) captures() int {
	n := 0
	for i := range p {
		n += p[i].stars()
	}
	return n
}

// fit returns how many segments of the name fit, from the left, and whether the whole name does.
func (p pattern) fit(name []byte) (segments int, whole bool) {
	for i := range p {
		part, rest, more := bytes.Cut(name, []byte("."))
		if !p[i].matches(part) {
			return i, false
		}
		if last := i == len(p)-1; last || !more {
			return i + 1, last && !more
		}
		name = rest
	}
	return 0, false
}

func (p pattern) matches(name []byte) bool {
	_, whole := p.fit(name)
	return whole
}

// appendCaptures appends what each star stands for in the name, which fits.
func (p pattern) appendCaptures(dst [][]byte, name []byte) [][]byte {
	for i := range p {
		part, rest, _ := bytes.Cut(name, []byte("."))
		dst = p[i].appendCaptures(dst, part)
		name = rest
	}
	return dst
}
