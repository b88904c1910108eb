package label

import (
	"cmp"
	"iter"
	"strings"
)

// Labels is a label set. The zero value is the empty set. Two label sets are equal when they are == to each
// other. It is immutable, 16 bytes, and may be a key of a map.
type Labels struct {
	text string // as an exposition writes it between braces: see Labels.Text
}

// Of returns the label set of a text that this package wrote: with Append, or as Labels.Text. Use Parse for
// every other text.
func Of(text string) Labels { return Labels{text} }

// Text returns the label set as an exposition writes it between braces, as in `code="200",path="C:\\dir"`:
// sorted by name, names unique, values escaped and not empty. It is "" for the empty set.
//
// A name that is not legal for every Prometheus version is quoted: `"http.method"="GET"`.
func (l Labels) Text() string { return l.text }

// String returns the label set in braces, as in `{code="200"}`; "" for the empty set.
func (l Labels) String() string {
	if l.text == "" {
		return ""
	}
	return "{" + l.text + "}"
}

// IsEmpty reports whether there are no labels.
func (l Labels) IsEmpty() bool { return l.text == "" }

// Compare orders label sets by their text: -1 when l is before other, 0 when they are equal, otherwise 1.
func (l Labels) Compare(other Labels) int { return cmp.Compare(l.text, other.text) }

// All yields the names, without quotes, and the values, not escaped, in the order of the text. It allocates
// only for values with an escape.
func (l Labels) All() iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
		for name, value := range l.Escaped() {
			if !yield(name, unescape(value)) {
				return
			}
		}
	}
}

// Escaped yields the names, without quotes, and the values as they are written between quotes, in the order
// of the text. Values are views into the text. It allocates nothing.
func (l Labels) Escaped() iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
		for rest := l.text; rest != ""; {
			var name, value string
			name, value, rest = cut(rest)
			if !yield(name, value) {
				return
			}
		}
	}
}

// Get returns the value of a label, not escaped, and whether the set has it.
func (l Labels) Get(name string) (value string, found bool) {
	for other, value := range l.Escaped() {
		if other == name {
			return unescape(value), true
		}
	}
	return "", false
}

// cut cuts the first label off a text that is not empty.
//
//	a="b","path.to"="C:\\dir"
//	^name           ^value
func cut[T ~string | ~[]byte](text T) (name, value, rest T) {
	if text[0] == '"' {
		end := 1
		for text[end] != '"' {
			end++
		}
		name, rest = text[1:end], text[end+len(`"="`):]
	} else {
		end := 0
		for text[end] != '=' {
			end++
		}
		name, rest = text[:end], text[end+len(`="`):]
	}
	end := 0
	for rest[end] != '"' {
		if rest[end] == '\\' {
			end++
		}
		end++
	}
	value, rest = rest[:end], rest[end+1:]
	if len(rest) > 0 {
		rest = rest[1:] // the comma
	}
	return name, value, rest
}

// Append appends a label to the text of a label set in dst, whose labels must all have smaller names. The
// name is quoted where it must be; value is escaped already: Values.Append writes such values.
func Append(dst, name, value []byte) []byte {
	if len(dst) > 0 {
		dst = append(dst, ',')
	}
	dst = append(append(dst, name...), `="`...)
	return append(append(dst, value...), '"')
}

// AppendEscaped appends a value as it is written between quotes, as every exposition format in text has it:
// '\', '"' and newlines are escaped.
func AppendEscaped(dst []byte, value string) []byte {
	for i := range len(value) {
		switch c := value[i]; c {
		case '\\', '"':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

// AppendUnescaped appends a value that Labels.Escaped gave, not escaped.
func AppendUnescaped[T ~string | ~[]byte](dst []byte, escaped T) []byte {
	start := 0 // of the part that is not appended yet
	for i := 0; i < len(escaped); i++ {
		if escaped[i] != '\\' {
			continue
		}
		dst = append(dst, escaped[start:i]...)
		i++
		start = i // the escaped byte follows, except for n
		if escaped[i] == 'n' {
			dst = append(dst, '\n')
			start++
		}
	}
	return append(dst, escaped[start:]...)
}

func unescape(escaped string) string {
	if strings.IndexByte(escaped, '\\') < 0 { // Fast path.
		return escaped
	}
	return string(AppendUnescaped(nil, escaped))
}

// isLegal reports whether a label name needs no quotes: [a-zA-Z_][a-zA-Z0-9_]*.
func isLegal[T ~string | ~[]byte](name T) bool {
	for i := range len(name) {
		if c := name[i]; c != '_' && !isAlphanumeric(c) {
			return false
		}
	}
	return len(name) > 0 && (name[0] < '0' || name[0] > '9')
}
