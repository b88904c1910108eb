package mapping

import (
	"slices"
	"strconv"
	"strings"

	"weir/internal/mistake"
	"weir/internal/yamlfile"
)

// template reads text as the match type has it.
func (w *draft) template(text string) template {
	if w.regex != nil {
		return regexTemplate(text, w.regex.SubexpNames())
	}
	return globTemplate(text, w.glob.captures())
}

func (w *draft) readName(v yamlfile.Value) {
	text, ok := v.Scalar("want the name of the metric")
	if !ok {
		return
	}
	w.Name, w.name = text, w.template(text)
	if !w.checkName(v, text) {
		return
	}
	w.checkReferences(v, w.name)
	always := func(p part) bool { return p.ref == "" || p.group >= 0 }
	if w.Action == ActionMap && w.readable() && !slices.ContainsFunc(w.name, always) {
		w.doc.tolerate(v, v.String()+" is always empty", "want "+braced(w.name),
			"samples that the rule matches are rejected, with the reason empty_name")
	}
}

// checkName refuses a name whose literal parts cannot be in one, or with captures that cannot be meant.
func (w *draft) checkName(v yamlfile.Value, text string) bool {
	if text == "" {
		v.RefuseAs("an empty name", "want the name of the metric")
		return false
	}
	for i, p := range w.name {
		switch {
		case p.ref != "" && p.group < 0 && !startsWithDigit(p.name) && w.readable():
			v.RefuseAs(v.String()+": no capture is called "+mistake.Show(p.name), "want $1 or ${1}")
			return false
		case i == 0 && startsWithDigit(p.literal), strings.ContainsFunc(p.literal, notInName):
			const want = "want letters, digits, _ and :, not starting with a digit, and captures such as ${1}"
			if startsWithDigit(text) || !onlyReferences(text) {
				v.Refuse(want)
				return false
			}
			return w.doc.tolerate(v, v.String(), want,
				"an unfinished reference is text, in which $, { and } become _")
		}
	}
	return true
}

// onlyReferences reports whether text has nothing but what names and references to captures are made of, as
// statsd_exporter checks a name: an unfinished reference passes.
func onlyReferences(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool {
		return notInName(r) && !strings.ContainsRune("${}", r) || r == ':'
	})
}

func notInName(r rune) bool { return r > 127 || !isWordByte(byte(r)) && r != ':' }

func startsWithDigit(s string) bool { return s != "" && '0' <= s[0] && s[0] <= '9' }

// readable reports whether the match is known.
func (w *draft) readable() bool { return w.regex != nil || w.glob != nil }

// checkReferences warns about references in the template at v that are always empty.
func (w *draft) checkReferences(v yamlfile.Value, t template) {
	warn := func(p part, why string) { w.doc.warn(v.Line, v.Path, p.ref+" is always empty: "+why) }
	if !w.readable() || w.Action == ActionDrop {
		return
	}
	for _, p := range t {
		switch {
		case p.ref == "" || p.group >= 0:
		case p.isNumber():
			warn(p, "the match has "+countCaptures(w.captures()))
		case startsWithDigit(p.name) || strings.HasPrefix(p.name, "$"):
			warn(p, "it is read as the capture called "+p.name+"; did you mean "+p.braced()+"?")
		default:
			warn(p, "no capture is called "+p.name)
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
