package label

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// AppendName appends a legal metric name made from the parts of a name: [a-zA-Z_:][a-zA-Z0-9_:]*. Every
// other rune, or byte that is not UTF-8, becomes one '_', and so does a run of '-', as in statsd_exporter; a
// leading digit gets one before it. An empty name stays empty.
func AppendName(dst, name, end []byte) []byte {
	if len(name) == 0 {
		name, end = end, nil
	} else if name[len(name)-1] == '-' {
		end = bytes.TrimLeft(end, "-")
	}
	return appendRest(appendLegal(dst, name, true), end, true)
}

// LosesLetters reports whether AppendName replaces letters or digits of a name, not only what stands between
// words: they are beyond ASCII, or are not UTF-8.
func LosesLetters(name []byte) bool {
	for i := 0; i < len(name); {
		if name[i] < utf8.RuneSelf { // Fast path.
			i++
			continue
		}
		r, size := utf8.DecodeRune(name[i:])
		if unicode.In(r, unicode.L, unicode.M, unicode.N) || r == utf8.RuneError {
			return true
		}
		i += size
	}
	return false
}

// Reserved says which names of labels Prometheus keeps for itself in a series.
type Reserved uint8

// The names that are reserved in series of histograms and summaries, and in series of counters and gauges.
const (
	ReservedInObservers Reserved = iota // "le", "quantile", and names that begin with "__"
	ReservedInAll                       // names that begin with "__"
)

// AppendKey appends a legal label name made from key: [a-zA-Z_][a-zA-Z0-9_]*, by the rules of
// AppendName. Reserved names get "exported_" before them, as Prometheus does itself with labels that clash.
func AppendKey(dst, key []byte, reserved Reserved) []byte {
	start := len(dst)
	dst = appendLegal(dst, key, false)
	if name := dst[start:]; reserved.has(name) {
		dst = append(dst, reservedPrefix...)
		copy(dst[start+len(reservedPrefix):], name)
		copy(dst[start:], reservedPrefix)
	}
	return dst
}

const reservedPrefix = "exported_"

func (r Reserved) has(name []byte) bool {
	return bytes.HasPrefix(name, []byte("__")) ||
		r == ReservedInObservers && (string(name) == "le" || string(name) == "quantile")
}

func appendLegal(dst, name []byte, colon bool) []byte {
	if len(name) > 0 && '0' <= name[0] && name[0] <= '9' {
		dst = append(dst, '_')
	}
	return appendRest(dst, name, colon)
}

// appendRest appends what follows the first byte of a name, made legal; a ':' is legal in metric names.
func appendRest(dst, name []byte, colon bool) []byte {
	for i := 0; i < len(name); {
		c := name[i]
		size := 1
		switch {
		case isAlphanumeric(c), c == '_', c == ':' && colon:
		case c == '-' && i > 0 && name[i-1] == '-':
			i++
			continue
		case c < utf8.RuneSelf:
			c = '_'
		default:
			c = '_'
			_, size = utf8.DecodeRune(name[i:])
		}
		dst = append(dst, c)
		i += size
	}
	return dst
}

func isAlphanumeric(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

// Values says how label values are made safe.
type Values struct {
	// MaxRunes is how many characters (runes) of a value are kept; "..." follows where some are cut. At
	// least 1.
	MaxRunes int
	// AllowUnicode keeps characters beyond ASCII; false replaces each by '?'.
	AllowUnicode bool
}

// Append appends a value as it is written between the quotes of an exposition: at most v.MaxRunes runes,
// without control characters, bytes that are not UTF-8 replaced, and '\' and '"' escaped.
func (v Values) Append(dst, value []byte) []byte {
	runes := 0
	for i := 0; i < len(value); {
		r, size := rune(value[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRune(value[i:])
		}
		i += size
		if unicode.IsControl(r) { // newlines too, so they need no escape
			continue
		}
		if runes == v.MaxRunes {
			return append(dst, "..."...)
		}
		runes++
		switch {
		case r == '\\' || r == '"':
			dst = append(dst, '\\', byte(r))
		case r < utf8.RuneSelf:
			dst = append(dst, byte(r))
		case !v.AllowUnicode:
			dst = append(dst, '?')
		default:
			dst = utf8.AppendRune(dst, r)
		}
	}
	return dst
}

// Beginning returns at most so many bytes of a text, cut between characters.
func Beginning(text string, most int) string {
	if len(text) <= most {
		return text
	}
	end := most
	for end > most-utf8.UTFMax && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end]
}
