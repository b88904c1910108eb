package format

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"weir/aggregate"
	"weir/aggregate/label"
)

// Escaping is how a scraper wants names that only Prometheus 3 allows:
// https://prometheus.io/docs/instrumenting/escaping_schemes/. With aggregate.NamesLegacy no name is such a
// one, and it changes nothing.
//
// Every escaping gives names that differ to legacy names that differ, so that no exposition has one name
// twice. Where those of Prometheus would not, weir's are a little other than expfmt's, which
// TestEscapingKeepsNamesApart holds: legal names that could be the result of escaping are escaped as well,
// and so is a ':' in a label.
type Escaping uint8

// The escapings.
const (
	EscapeUnderscores Escaping = iota // legacy names
	EscapeNothing                     // names in UTF-8, quoted where they must be
	EscapeDots                        // '.' is "_dot_"; '_', and whatever else has to be escaped, "__"
	EscapeValues                      // "U__", then '_' is "__", and whatever else has to be escaped "_2e_"

	NumEscapings
)

// escapings are how a parameter of a content type names them.
var escapings = [NumEscapings]string{"underscores", "allow-utf-8", "dots", "values"}

// metricName is a name as an exposition has it.
type metricName struct {
	text     string
	isQuoted bool
}

// nameOf returns the name of a family.
func (e Escaping) nameOf(f *aggregate.Family) metricName {
	switch e {
	case EscapeUnderscores:
		return metricName{text: f.Name()}
	case EscapeNothing:
		name := f.UTF8Name()
		return metricName{name, name != f.Name()}
	default:
		return metricName{text: string(e.escape(nil, f.UTF8Name(), ":"))}
	}
}

// append appends the name as it stands in metadata.
func (n metricName) append(dst []byte) []byte {
	if !n.isQuoted {
		return append(dst, n.text...)
	}
	return append(append(append(dst, '"'), n.text...), '"')
}

// labelsOf returns the label set of a series, for appendLabels.
func (e Escaping) labelsOf(s *aggregate.Series) label.Labels {
	if e == EscapeUnderscores {
		return s.Labels()
	}
	return s.UTF8Labels()
}

// appendLabels appends a label set as text has it.
func (e Escaping) appendLabels(dst []byte, labels label.Labels) []byte {
	if e <= EscapeNothing { // Fast path.
		return append(dst, labels.Text()...)
	}
	start := len(dst)
	for name, value := range labels.Escaped() {
		if len(dst) > start {
			dst = append(dst, ',')
		}
		dst = append(e.appendLabelName(dst, name), `="`...)
		dst = append(append(dst, value...), '"')
	}
	return dst
}

// appendLabelName appends the name of a label, without quotes.
func (e Escaping) appendLabelName(dst []byte, name string) []byte {
	if e <= EscapeNothing {
		return append(dst, name...)
	}
	return e.escape(dst, name, "")
}

// escape appends a name, valid UTF-8 and not empty, escaped by dots or values. Besides letters, digits
// and '_' a metric name may have ":"; a label name may not.
func (e Escaping) escape(dst []byte, name, legal string) []byte {
	if isLegal(name, legal) && !e.isAmbiguous(name) {
		return append(dst, name...)
	}
	if e == EscapeValues {
		return appendValues(dst, name, legal)
	}
	start := len(dst)
	dst = appendDots(dst, name, legal)
	if legal == "" && bytes.HasPrefix(dst[start:], []byte("__")) {
		dst = slices.Insert(dst, start, []byte("exported_")...) // Prometheus keeps "__" for itself
	}
	return dst
}

// isAmbiguous reports whether a legal name could be the result of escaping another, or the beginning of
// one: a suffix may follow.
func (e Escaping) isAmbiguous(name string) bool {
	if e == EscapeValues {
		return strings.HasPrefix(name, "U__")
	}
	return strings.Contains(name, "__") || strings.HasSuffix(name, "_") ||
		strings.Contains(name, "_dot_") || strings.HasSuffix(name, "_dot")
}

// appendDots escapes every character that the legacy name has as '_' in the same way, so that the result
// tells the legacy name: a run of '-' once, and one more before a leading digit.
func appendDots(dst []byte, name, legal string) []byte {
	if '0' <= name[0] && name[0] <= '9' {
		dst = append(dst, "__"...)
	}
	for i, r := range name {
		switch {
		case r == '.':
			dst = append(dst, "_dot_"...)
		case r != '_' && isLegalRune(r, legal):
			dst = append(dst, byte(r))
		case r != '-' || i == 0 || name[i-1] != '-':
			dst = append(dst, "__"...)
		}
	}
	return dst
}

func appendValues(dst []byte, name, legal string) []byte {
	dst = append(dst, "U__"...)
	for i, r := range name {
		switch {
		case r == '_':
			dst = append(dst, "__"...)
		case isLegalRune(r, legal) && (i > 0 || r < '0' || r > '9'):
			dst = append(dst, byte(r))
		default:
			dst = append(strconv.AppendInt(append(dst, '_'), int64(r), 16), '_')
		}
	}
	return dst
}

func isLegal(name, legal string) bool {
	for _, r := range name {
		if !isLegalRune(r, legal) {
			return false
		}
	}
	return name[0] < '0' || name[0] > '9'
}

func isLegalRune(r rune, legal string) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '_' ||
		legal != "" && r == rune(legal[0])
}
