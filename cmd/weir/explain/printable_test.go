package explain_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"weir/aggregate"
	"weir/cmd/weir/explain"
	"weir/config"
)

// No character that a terminal acts on gets through, whatever is in the line, the answer of a running weir or
// the names of files, and JSON means the same.
func TestHostileExplanations(t *testing.T) {
	c := config.Default()
	c.Aggregate.Sanitize.Names = aggregate.NamesUTF8
	x := explain.New(c)
	rapid.Check(t, func(t *rapid.T) {
		hostile := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"\x1b[2J", "\u202e", "\x7f", "\u009b", "\U000e0001", "\xff", "\u2028"}))
		lines := x.Lines("a:1|c|#k:" + hostile.Draw(t, "value") + "," + hostile.Draw(t, "key") + ":x\n" + hostile.Draw(t, "line"))
		text := func(label string) string { return strings.ToValidUTF8(hostile.Draw(t, label), "?") }
		remote := explain.Line{Text: text("remote"), Hint: text("hint"), Samples: []explain.Sample{{
			Kind: text("kind"), Name: text("name"), Meaning: text("meaning"), Dialect: text("dialect"), Series: text("series"),
			Type: text("type"), Changed: text("changed"), Legacy: text("legacy"), Exemplar: text("exemplar"), Rejected: text("reason"),
			Advice: text("advice"), Rule: &explain.Rule{File: text("file"), Action: text("action")},
			Tried: []explain.Attempt{{Reason: text("misfit"), Near: true}},
		}}}
		for i, line := range append(lines, remote) {
			var people, programs bytes.Buffer
			if err := line.PrintAll(&people); err != nil {
				t.Fatal(err)
			}
			if err := line.WriteJSON(&programs); err != nil {
				t.Fatal(err)
			}
			for _, out := range []string{people.String(), programs.String()} {
				for _, r := range out {
					if r != '\n' && !unicode.IsPrint(r) {
						t.Fatalf("%q in %q", r, out)
					}
				}
			}
			var back explain.Line
			if err := json.Unmarshal(programs.Bytes(), &back); err != nil {
				t.Fatal(err)
			}
			if i == len(lines) && !reflect.DeepEqual(back, remote) {
				t.Fatalf("%s is not %+v", &programs, remote)
			}
		}
	})
}
