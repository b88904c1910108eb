package explain

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
)

// Printable returns text with an escape, as in Go, in place of each character that a terminal would act on:
// lines come from anywhere. Quotes and backslashes stay as they are.
func Printable(text string) string {
	quoted := fmt.Sprintf("%q", text)
	return strings.ReplaceAll(strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`), `\\`, `\`)
}

// PrintableJSON returns JSON with \u escapes, which mean the same, in place of the characters that a terminal
// would act on and encoding/json leaves as they are: such as DEL, C1 controls and characters that
// change the direction of writing.
func PrintableJSON(text []byte) string {
	var b strings.Builder
	for _, r := range string(text) {
		switch {
		case unicode.IsPrint(r):
			b.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}
