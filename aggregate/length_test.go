package aggregate_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"weir/aggregate"
	"weir/protocol"
)

// A name and a label set have a maximum length, as they are shown; a sample beyond it creates nothing.
func TestLengths(t *testing.T) {
	f := func(sent, want string) {
		t.Helper()
		r := newRegistry(func(o *aggregate.Options) {
			o.Sanitize.NameMaxLength, o.Sanitize.LabelsMaxLength, o.Sanitize.Names = 8, 16, aggregate.NamesUTF8
			o.Rules = mustRules(t, `
mappings: [{match: "rule.*", name: "${1}_by_a_rule", max_label_values: {m: 1}}, {match: cap, name: cap, max_label_values: {m: 1}}]`)
		})
		shard := r.NewShard()
		for range 2 { // the second time by its raw key
			if got := line(t, shard, sent); got != want {
				t.Errorf("%s: %q, want %q", sent, got, want)
			}
		}
		if got := r.Stats().Series; (got == 0) != (want != "") {
			t.Errorf("%s: %d series", sent, got)
		}
	}
	f("a.name.8:1|c", "")
	f("a.name..9:1|c", "name_too_long")
	f("\u00fc\u00fc\u00fc\u00fc:1|g", "")
	f("\u00fc\u00fc\u00fc\u00fcx:1|g", "name_too_long")
	f("rule.abc:1|ms", "name_too_long")
	f("long.enough,but=tags:1|c", "name_too_long")
	f("t,abc=def,g=hi:1|c", "")
	f("x:1|s|#abcdef:1234567", "")
	f("x:1|s|#abcdef:12345678", "labels_too_long")
	f("x:1|c|#a:1,b:2,c:3", "labels_too_long")
	f("x:1|c|#a:\"\"\"\"\"\"\"", "labels_too_long")
	f("x:1|c|#a:1,a:2,a:3,a:4,a:5", "")
}

// The longest names and labels by default.
func TestDefaultLengths(t *testing.T) {
	f := func(name, tags int, want protocol.Reason) {
		t.Helper()
		var labels strings.Builder
		for i := range tags {
			fmt.Fprintf(&labels, "k%03d:%s,", i, strings.Repeat("v", 56)) // 64 bytes as it is shown
		}
		got := newRegistry(nil).NewShard().Record(&protocol.Sample{
			Name: bytes.Repeat([]byte("n"), name), Tags: []byte(labels.String()), Value: 1, Rate: 1,
		})
		if got != want {
			t.Errorf("a name of %d bytes and %d tags: %v, want %v", name, tags, got, want)
		}
	}
	f(255, 63, protocol.ReasonNone)
	f(256, 0, protocol.ReasonNameTooLong)
	f(255, 64, protocol.ReasonNone)
	f(1, 65, protocol.ReasonLabelsTooLong)
}
