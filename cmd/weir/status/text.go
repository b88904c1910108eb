package status

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"weir/protocol"
)

// text returns bytes that a sender chose as UTF-8, in which each byte that is none stands as \xNN, and
// whether there are such bytes. All characters stay, also characters that a terminal would act on.
func text(sent string) (shown string, isEscaped bool) {
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

// seconds returns a time as the API has it; 0 for the zero Time.
func seconds(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixMilli()) / 1000
}

// reasonText returns the name of a reason; empty for ReasonNone.
func reasonText(r protocol.Reason) string {
	if r == protocol.ReasonNone {
		return ""
	}
	return r.String()
}
