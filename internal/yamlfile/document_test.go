package yamlfile_test

import (
	"strings"
	"testing"

	"weir/internal/mistake"
	"weir/internal/yamlfile"
)

func TestParse(t *testing.T) {
	f := func(content, root, want string) {
		t.Helper()
		d := yamlfile.Parse("a.yaml", []byte(content), yamlfile.Options{})
		got := "none"
		if v, ok := d.Root(); ok {
			got = v.Tag()
		}
		message := ""
		if err := d.Err(); err != nil {
			message = err.Error()
		}
		if got != root || message != want {
			t.Errorf("Parse(%q) = %s, %q, want %s, %q", content, got, message, root, want)
		}
	}
	f("", "none", "")
	f("# nothing\n", "none", "")
	f("a: 1\n", "!!map", "")
	f("- 1\n", "!!seq", "")
	f("text", "!!str", "")
	f("a: 1\n---\nb: 2\n", "!!map", "a.yaml:2: a second YAML document begins here: want only one")
	f("a: 1\n--- [\n", "!!map", "a.yaml:2: invalid YAML: did not find expected node content")
	f("a: 1\nb: [\n", "none", "a.yaml:2: invalid YAML: did not find expected node content")
	f("a: *x\n", "none", "a.yaml: invalid YAML: unknown anchor 'x' referenced")
	f("a:\n\tb: 1\n", "none", "a.yaml:2: invalid YAML: found character that cannot start any token")
	f("a: \xff\n", "none", "a.yaml: invalid YAML: invalid leading UTF-8 octet")
	f("a: 1\n b: 2\n", "none", "a.yaml:2: invalid YAML: mapping values are not allowed in this context")
}

// The caller may look at the mistakes while it reads, for example to leave out what follows from them.
func TestMistakesSoFar(t *testing.T) {
	d := yamlfile.Parse("a.yaml", []byte("a: x\nb: y\n"), yamlfile.Options{})
	root, _ := d.Root()
	for name, v := range root.Section("a", "b") {
		before := len(d.Mistakes())
		if _, ok := v.Choice("y"); ok != (name == "b") || len(d.Mistakes()) != before+map[bool]int{true: 0, false: 1}[ok] {
			t.Errorf("%s: ok = %v, %d mistakes before, %d now", name, ok, before, len(d.Mistakes()))
		}
	}
	want := mistake.Mistake{Place: mistake.Place{Name: "a.yaml", Line: 1}, Path: "a", Value: "x", Want: "want y"}
	if got := d.Mistakes(); len(got) != 1 || *got[0] != want {
		t.Errorf("Mistakes() = %v, want %v alone", got, &want)
	}
}

// No content makes the reader panic or hang, and each mistake is one line of text with the file and a line
// that the content can have.
func FuzzParse(f *testing.F) {
	for _, content := range []string{
		"a: &a {b: *a}", "a: &a\n  <<: *a\n", "a: [1, [2, {}]]", "? [x]\n: 1", "a: 1\na: 2", "{a: ~, b: ''}", "\t", "a: !!x b",
		"<<: [{a: 1}, {a: 2}]", "a: |\n  text\n", "- - - a", "a: b: c", "&a *a", "%YAML 1.2\n---\n",
	} {
		f.Add([]byte(content), true, false)
	}
	f.Fuzz(func(t *testing.T, content []byte, merge, hide bool) {
		d := yamlfile.Parse("a.yaml", content, yamlfile.Options{Merge: merge, Hide: hide})
		if root, ok := d.Root(); ok {
			budget := 1000 // anchors can make a small file endless
			walk(root, &budget)
		}
		lines := len(content) + 1 // at most: YAML has more line breaks than \n
		for _, m := range d.Mistakes() {
			if m.Place.Name != "a.yaml" || m.Place.Line < 0 || m.Place.Line > lines || strings.Contains(m.Error(), "\n") {
				t.Errorf("%q: mistake %q in line %d of %d", content, m, m.Place.Line, lines)
			}
		}
	})
}

// walk reads v in every way, as many values as the budget allows.
func walk(v yamlfile.Value, budget *int) {
	_, _ = v.Text("want text")
	_, _ = v.Scalar("want text")
	_, _ = v.Choice("a", "b")
	_, _ = v.Bool()
	_ = v.String()
	if *budget--; *budget <= 0 {
		return
	}
	for v := range v.List("anything") {
		walk(v, budget)
	}
	for _, p := range v.Pairs("want a section") {
		walk(p.Value, budget)
	}
	for _, v := range v.Section("a", "b") {
		walk(v, budget)
	}
}
