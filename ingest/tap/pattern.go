package tap

import (
	"bytes"
	"strings"

	"weir/internal/glob"
)

// pattern matches names as they are sent: all that contain a text, or, if it has a '*' or a '?', names that
// fit it as a whole. A '*' stands for any bytes, a '?' for one.
type pattern struct {
	text    string
	isGlob  bool
	literal []byte // the longest part of text without wildcards: lines without it do not match
	rarest  int    // where in literal the byte is that lines have least often
}

// common are bytes of lines, the most common first, as in the lines of bench/workload.
const common = ":.|_#etaoinsrc1,mldupgh0-bykfvw2345678=@9xzqj"

func newPattern(text string) pattern {
	p := pattern{text: text, isGlob: glob.Is(text)}
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '*' || r == '?' }) {
		if len(part) > len(p.literal) {
			p.literal = []byte(part)
		}
	}
	rank := func(b byte) uint { return uint(strings.IndexByte(common, b)) } // others are rarer than all
	for i, b := range p.literal {
		if rank(b) > rank(p.literal[p.rarest]) {
			p.rarest = i
		}
	}
	return p
}

// matchesAll reports whether every name matches.
func (p *pattern) matchesAll() bool { return len(p.literal) == 0 && !strings.Contains(p.text, "?") }

// mayMatch reports whether a line of a run may match: whether the run has the literal. Most runs have not,
// and looking for the rarest byte tells that 3 to 4 times as fast as bytes.Contains.
func (p *pattern) mayMatch(run []byte) bool {
	if len(p.literal) == 0 {
		return true
	}
	for at := p.rarest; at < len(run); at++ {
		next := bytes.IndexByte(run[at:], p.literal[p.rarest])
		if next < 0 {
			return false
		}
		at += next
		if bytes.HasPrefix(run[at-p.rarest:], p.literal) {
			return true
		}
	}
	return false
}

// matches reports whether a name matches. It takes time in proportion to the product of the lengths at most.
func (p *pattern) matches(name []byte) bool {
	if !p.isGlob {
		return bytes.Contains(name, p.literal)
	}
	return glob.Match(p.text, name)
}

// nameOf returns the name in a line, as it was sent.
//
//	db.time,host=a:12:7|ms|@0.5
//	^^^^^^^^^^^^^^
func nameOf(line []byte) []byte {
	name, _, _ := bytes.Cut(line, []byte(":"))
	return name
}

// rejectedNameOf returns what may be meant as the name in a line that was rejected: it may have a ':'.
//
//	MyApp::Worker.run:1|c
//	^^^^^^^^^^^^^^^^^^^
func rejectedNameOf(line []byte) []byte {
	line, _, _ = bytes.Cut(line, []byte("|"))
	if end := bytes.LastIndexByte(line, ':'); end >= 0 {
		return line[:end]
	}
	return line
}
