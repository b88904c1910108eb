package label

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// Names that only Prometheus 3 allows (https://prometheus.io/docs/guides/utf8/) are another form of legacy
// names, not names of their own. The legacy name follows from the UTF-8 name and identifies a family, a label
// and a series. So no two families of an exposition have one name and no two series have one label set,
// whichever form a scraper asks for, and everything said of a name (a limit, a rule, a state file, an ID)
// means the same with both.

// AppendUTF8 appends a part of a name as it was sent, changed only where it must be: control characters,
// bytes that are not UTF-8, and '"' and '\\' (Prometheus 3.16 reads other characters in their place where
// they name a family) become one '_' each. AppendName returns the same for the result and for the name.
func AppendUTF8(dst, name []byte) []byte {
	for len(name) > 0 {
		r, size := utf8.DecodeRune(name)
		if r == utf8.RuneError && size == 1 || unicode.IsControl(r) || r == '"' || r == '\\' {
			r = '_'
		}
		dst = utf8.AppendRune(dst, r)
		name = name[size:]
	}
	return dst
}

// AppendUTF8Key appends the name of a label as it was sent, for Append: quoted unless it is legal. A reserved
// name gets the same prefix as legacy, which AppendKey made of key.
func AppendUTF8Key(dst, key, legacy []byte) []byte {
	if bytes.Equal(key, legacy) { // Fast path.
		return append(dst, legacy...)
	}
	start := len(dst)
	dst = append(dst, '"')
	if !bytes.Equal(appendLegal(nil, key, false), legacy) {
		dst = append(dst, reservedPrefix...)
	}
	if dst = AppendUTF8(dst, key); bytes.Equal(dst[start+1:], legacy) {
		return append(dst[:start], legacy...)
	}
	return append(dst, '"')
}
