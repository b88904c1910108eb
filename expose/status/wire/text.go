package wire

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Text returns bytes that a sender chose as answers have them: each byte that is not UTF-8 stands as \xNN.
// isEscaped says that there are such bytes. All characters stay, also characters that a terminal would act
// on.
func Text(sent string) (shown string, isEscaped bool) {
	if utf8.ValidString(sent) {
		return sent, false
	}
	var b strings.Builder
	for rest := sent; rest != ""; {
		r, size := utf8.DecodeRuneInString(rest)
		if r == utf8.RuneError && size == 1 {
			fmt.Fprintf(&b, `\x%02x`, rest[0])
		} else {
			b.WriteString(rest[:size])
		}
		rest = rest[size:]
	}
	return b.String(), true
}
