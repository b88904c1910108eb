package wire_test

import (
	"fmt"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"weir/expose/status/wire"
)

// Whatever bytes are sent, the text is UTF-8; text that is UTF-8 stays as it is.
func TestText(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		sent := string(rapid.SliceOf(rapid.Byte()).Draw(rt, "sent"))
		shown, isEscaped := wire.Text(sent)
		if !utf8.ValidString(shown) || isEscaped == utf8.ValidString(sent) || !isEscaped && shown != sent {
			rt.Errorf("%q is shown as %q, escaped: %t", sent, shown, isEscaped)
		}
	})
	if got, _ := wire.Text("a\xffé\x00"); got != `a\xffé`+"\x00" {
		t.Errorf("got %q", got)
	}
}

func ExampleText() {
	fmt.Println(wire.Text("caf\xe9.visits"))
	// Output: caf\xe9.visits true
}
