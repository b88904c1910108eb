package strictyaml_test

import (
	"fmt"
	"testing"

	"weir/internal/strictyaml"
)

func TestParse(t *testing.T) {
	f := func(content, root, want string) {
		t.Helper()
		n, mistakes := strictyaml.Parse([]byte(content))
		got := "none"
		if n != nil {
			got = n.ShortTag()
		}
		if got != root || fmt.Sprint(mistakes) != want {
			t.Errorf("Parse(%q) = %s, %v, want %s, %s", content, got, mistakes, root, want)
		}
	}
	f("", "none", "[]")
	f("# nothing\n", "none", "[]")
	f("a: 1\n", "!!map", "[]")
	f("- 1\n", "!!seq", "[]")
	f("text", "!!str", "[]")
	f("a: 1\n---\nb: 2\n", "!!map", "[{2 a second YAML document begins here: want only one}]")
	f("a: 1\n--- [\n", "!!map", "[{2 invalid YAML: did not find expected node content}]")
	f("a: 1\nb: [\n", "none", "[{2 invalid YAML: did not find expected node content}]")
	f("a: *x\n", "none", "[{0 invalid YAML: unknown anchor 'x' referenced}]")
	f("a:\n\tb: 1\n", "none", "[{2 invalid YAML: found character that cannot start any token}]")
}
