package protocol_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"weir/protocol"
)

// Of one segment either all values are samples or none is. Each value is counted, and the other segments of the
// line are read.
func TestDecodeSegmentsAreWhole(t *testing.T) {
	var d protocol.Decoder
	f := func(line string, want ...string) {
		t.Helper()
		if got := decode(&d, line); strings.Join(got, "; ") != strings.Join(want, "; ") {
			t.Errorf("Decode(%q) = %q, want %q", line, got, want)
		}
	}
	for _, kind := range []string{"c", "g", "ms", "h", "d", "m"} {
		f("a:1:x:2|"+kind, ":bad_value×3@4")
		f("a:1:2:x|"+kind+"|@0.5|#k:v", ":bad_value×3@6")
		f("a:x:1:y|"+kind, ":bad_value×3@2")
		f("ns:foo:5|"+kind, ":colon_in_name×2@2")
		f("ns:1:2|"+kind+"|@7", ":bad_rate×2@"+strconv.Itoa(len("ns:1:2||@")+len(kind)))
	}
	f("a:1:x:3:y|c", ":bad_value×4@4")
	f("a:1::x::3:|c", ":bad_value×3@5") // empty values are none
	f("a:1:1e400|c", ":bad_value×2@4")
	f("a:x:y|s", "a x:y s") // one member

	f("a:1|c:2:x|c:3|c", "a 1 c", ":bad_value×2@8", "a 3 c")
	f("a:1:x|c:2|ms|@0.5:3:4|g", ":bad_value×2@4", "a 2 ms @0.5", "a 3 g", "a 4 g")
	f("a:1:2|c|@7:3:4|c", ":bad_rate×2@9", "a 3 c", "a 4 c")
	f("a:1|c:", "a 1 c", ":missing_type@6")
	f("a:1:x|c:2|y", ":bad_value×2@4", ":unknown_type@10")

	// More values than a decoder keeps, with the bad one first, among the kept values, behind them, and last.
	many := strings.Split(strings.Repeat("12.5:-3:1e2:", 60), ":")[:180]
	samples := make([]string, len(many))
	for i, text := range many {
		value, _ := protocol.ParseNumber([]byte(text))
		samples[i] = fmt.Sprintf("a %v ms", value)
	}
	f("a:"+strings.Join(many, ":")+"|ms", samples...)
	for _, bad := range []int{1, 62, 63, 64, 65, 100, 179} {
		values := slices.Clone(many)
		values[bad] = "x"
		at := len("a:") + len(strings.Join(many[:bad], ":")) + len(":")
		f("a:"+strings.Join(values, ":")+"|ms", fmt.Sprintf(":bad_value×180@%d", at))
	}
}

// Names as some programs write them have a reason of their own: their ':' ends the name.
func TestDecodeColonInName(t *testing.T) {
	var d protocol.Decoder
	f := func(line, want string) {
		t.Helper()
		if got := strings.Join(decode(&d, line), "; "); got != want {
			t.Errorf("Decode(%q) = %q, want %q", line, got, want)
		}
	}
	f("MyApp::Worker.run:1|c", ":colon_in_name×2@5")
	f("MyApp::Worker::Mailer.run:12.5|ms|@0.5|#a:b", ":colon_in_name×3@5")
	f("http://host/path:1|c", ":colon_in_name×2@4")
	f("ns:foo:1e3|g", ":colon_in_name×2@2")

	f("MyApp::Worker.run:x|c", ":bad_value×2@7") // the last value is no number either
	f("a:1:foo:5|c", ":bad_value×3@4")           // the first value is a number
	f("a:foo|c", ":bad_value@2")
	f("a:1|c:foo:5|c", "a 1 c; :bad_value×2@6") // not the name, but another segment
	f("a::5|c", "a 5 c")
	f("a:b:alice|s", "a b:alice s")
}
