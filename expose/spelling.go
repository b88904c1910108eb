package expose

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"weir/aggregate"
)

// escaping is what a scraper asks to be done with names that only Prometheus 3 allows:
// https://prometheus.io/docs/instrumenting/escaping_schemes/. With aggregate.NamesLegacy there are none,
// and it is answered and changes nothing.
//
// Every escaping gives names that differ to legacy names that differ, so that no exposition has one name
// twice. Where those of Prometheus would not, weir's are a little other than expfmt's, which
// TestEscapingKeepsNamesApart holds: legal names that could be the result of escaping are escaped as well,
// and so is a ':' in a label.
type escaping uint8

const (
	escapeUnderscores escaping = iota // legacy names
	escapeNothing                     // names in UTF-8, quoted where they must be
	escapeDots                        // '.' is "_dot_"; '_', and whatever else has to be escaped, "__"
	escapeValues                      // "U__", then '_' is "__", and whatever else has to be escaped "_2e_"

	numEscapings
)

// escapings are how a parameter of a content type names them.
var escapings = [numEscapings]string{"underscores", "allow-utf-8", "dots", "values"}

// metricName is a name as an exposition has it.
type metricName struct {
	text     string
	isQuoted bool
}

// nameOf returns the name of a family.
func (e escaping) nameOf(f *aggregate.Family) metricName {
	switch e {
	case escapeUnderscores:
		return metricName{text: f.Name()}
	case escapeNothing:
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
func (e escaping) labelsOf(s *aggregate.Series) string {
	if e == escapeUnderscores {
		return s.Labels().Text()
	}
	return s.UTF8Labels().Text()
}

// appendLabels appends a label set as text has it.
func (e escaping) appendLabels(dst []byte, labels string) []byte {
	if e <= escapeNothing { // Fast path.
		return append(dst, labels...)
	}
	for labels != "" {
		var l label
		l, labels = cutLabel(labels)
		dst = append(e.appendLabelName(dst, l.name), `="`...)
		dst = append(append(dst, l.value...), '"')
		if labels != "" {
			dst = append(dst, ',')
		}
	}
	return dst
}

// label is a label of a set as text has it.
type label struct{ name, value string } // without quotes; the value is escaped

// cutLabel cuts the first label off a set.
//
//	a="b","path.to"="C:\\dir"
//	^name           ^value
func cutLabel(labels string) (l label, rest string) {
	if quoted, isQuoted := strings.CutPrefix(labels, `"`); isQuoted {
		end := strings.IndexByte(quoted, '"')
		l.name, rest = quoted[:end], quoted[end+len(`"="`):]
	} else {
		equals := strings.IndexByte(labels, '=')
		l.name, rest = labels[:equals], labels[equals+len(`="`):]
	}
	end := strings.IndexByte(rest, '"')
	if strings.IndexByte(rest[:end], '\\') >= 0 { // Slow path.
		for end = 0; rest[end] != '"'; end++ {
			if rest[end] == '\\' {
				end++
			}
		}
	}
	l.value = rest[:end]
	return l, strings.TrimPrefix(rest[end+1:], ",")
}

// appendLabelName appends the name of a label, without quotes.
func (e escaping) appendLabelName(dst []byte, name string) []byte {
	if e <= escapeNothing {
		return append(dst, name...)
	}
	return e.escape(dst, name, "")
}

// escape appends a name, valid UTF-8 and not empty, escaped by dots or values. What is legal besides letters,
// digits and '_' is ":" in a metric name, "" in a label.
func (e escaping) escape(dst []byte, name, legal string) []byte {
	if isLegal(name, legal) && !e.isAmbiguous(name) {
		return append(dst, name...)
	}
	if e == escapeValues {
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
func (e escaping) isAmbiguous(name string) bool {
	if e == escapeValues {
		return strings.HasPrefix(name, "U__")
	}
	return strings.Contains(name, "__") || strings.HasSuffix(name, "_") ||
		strings.Contains(name, "_dot_") || strings.HasSuffix(name, "_dot")
}

// appendDots escapes what the legacy name has as '_' the same way, so that it tells the legacy name: a run
// of '-' once, and before a leading digit.
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
