package mapping

import (
	"slices"
	"strconv"
	"strings"
)

// template reads text as the match type has it.
func (w *draft) template(text string) template {
	if w.regex != nil {
		return regexTemplate(text, w.regex.SubexpNames())
	}
	return globTemplate(text, w.glob.captures())
}

func (w *draft) readName(v value) {
	text, ok := w.doc.text(v, "the name of the metric")
	if !ok {
		return
	}
	w.Name, w.name = text, w.template(text)
	if !w.checkName(v, text) {
		return
	}
	w.checkReferences(v.line, v.path, w.name)
	always := func(p part) bool { return p.ref == "" || p.group >= 0 }
	if w.Action == ActionMap && w.readable() && !slices.ContainsFunc(w.name, always) {
		w.doc.refuse(v.line, v.path, "%s is always empty: want %s", show(text), braced(w.name))
	}
}

// checkName refuses a name whose literal parts cannot be in one, or with captures that cannot be meant.
func (w *draft) checkName(v value, text string) bool {
	if text == "" {
		w.doc.refuse(v.line, v.path, "an empty name: want the name of the metric")
		return false
	}
	for i, p := range w.name {
		switch {
		case p.ref != "" && p.group < 0 && !startsWithDigit(p.name) && w.readable():
			w.doc.refuse(v.line, v.path, "%s: no capture is called %s: want $1 or ${1}",
				show(text), show(p.name))
			return false
		case i == 0 && startsWithDigit(p.literal), strings.ContainsFunc(p.literal, notInName):
			w.doc.refuse(v.line, v.path,
				"%s: want letters, digits, _ and :, not starting with a digit, and captures such as ${1}",
				show(text))
			return false
		}
	}
	return true
}

func notInName(r rune) bool { return r > 127 || !isWordByte(byte(r)) && r != ':' }

func startsWithDigit(s string) bool { return s != "" && '0' <= s[0] && s[0] <= '9' }

// readable reports whether the match is known.
func (w *draft) readable() bool { return w.regex != nil || w.glob != nil }

// checkReferences warns about references that are always empty.
func (w *draft) checkReferences(line int, path string, t template) {
	if !w.readable() || w.Action == ActionDrop {
		return
	}
	for _, p := range t {
		switch {
		case p.ref == "" || p.group >= 0:
		case p.isNumber():
			w.doc.warn(line, path, "%s is always empty: the match has %s", p.ref, countCaptures(w.captures()))
		case startsWithDigit(p.name) || strings.HasPrefix(p.name, "$"):
			w.doc.warn(line, path,
				"%s is always empty: it is read as the capture called %s; did you mean %s?",
				p.ref, p.name, p.braced())
		default:
			w.doc.warn(line, path, "%s is always empty: no capture is called %s", p.ref, p.name)
		}
	}
}

func (w *draft) captures() int {
	if w.regex != nil {
		return w.regex.NumSubexp()
	}
	return w.glob.captures()
}

func countCaptures(n int) string {
	switch n {
	case 0:
		return "no captures"
	case 1:
		return "one capture"
	default:
		return strconv.Itoa(n) + " captures"
	}
}

// braced is a template of references as it was probably meant.
func braced(t template) string {
	var b strings.Builder
	for _, p := range t {
		b.WriteString(p.braced())
	}
	return b.String()
}
