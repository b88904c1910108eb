package mistake_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"weir/internal/mistake"
)

// Validate checks two keys; the caller knows in which lines they are.
func Example() {
	loops, listen := -1, "here"
	m := mistake.List{Section: "ingest"}
	m.Check(loops >= 0 && loops <= 256, "loops", loops, "want 0 to 256")
	m.Check(strings.Contains(listen, ":"), "udp", listen, `want "host:port"`)
	err := m.Err()
	fmt.Println(err)

	places := map[string]mistake.Place{
		"ingest.loops": {Name: "weir.yaml", Line: 7},
		"ingest.udp":   {Name: "WEIR__INGEST__UDP"},
	}
	all := mistake.All(err)
	for _, m := range all {
		m.Place = places[m.Path]
	}
	fmt.Println(mistake.Join(all))
	// Output:
	// ingest.loops: -1: want 0 to 256
	// ingest.udp: "here": want "host:port"
	// weir.yaml:7: ingest.loops: -1: want 0 to 256
	// WEIR__INGEST__UDP: "here": want "host:port"
}

func TestMistakeError(t *testing.T) {
	f := func(m mistake.Mistake, want string) {
		t.Helper()
		if got := m.Error(); got != want {
			t.Errorf("Error() of %+v = %q, want %q", m, got, want)
		}
	}
	file, flag := mistake.Place{Name: "a.yaml", Line: 3}, mistake.Place{Name: "--a.b"}
	f(mistake.Mistake{file, "a.b", "5", "want 6"}, "a.yaml:3: a.b: 5: want 6")
	f(mistake.Mistake{file, "", "invalid YAML", ""}, "a.yaml:3: invalid YAML")
	f(mistake.Mistake{file, "a.b", "", "want text"}, "a.yaml:3: a.b: want text")
	f(mistake.Mistake{flag, "a.b", "5", "want 6"}, "--a.b: 5: want 6")
	f(mistake.Mistake{mistake.Place{}, "a.b", "5", "want 6"}, "a.b: 5: want 6")
}

func TestListErr(t *testing.T) {
	var m mistake.List
	m.Check(true, "a", 1, "want 2")
	m.OneOf("b", "x", "x", "y")
	if err := m.Err(); err != nil {
		t.Errorf("Err() = %v, want nil", err)
	}
	m.OneOf("b", "z", "x", "y", "w")
	m.Check(false, "c", 1.5, "want 2")
	m.Check(false, "d", `a"b`, "want text")
	m.Add("e", "nothing is left", "give one")
	want := "b: z: want x, y or w\nc: 1.5: want 2\nd: \"a\\\"b\": want text\ne: nothing is left: give one"
	if err := m.Err(); err.Error() != want {
		t.Errorf("Err() =\n%v\nwant\n%s", err, want)
	}
}

// All finds the mistakes of joined errors, however deep, and loses no other error.
func TestAll(t *testing.T) {
	a, b := &mistake.Mistake{Path: "a"}, &mistake.Mistake{Path: "b"}
	other := errors.New("out of order")
	got := mistake.All(errors.Join(a, errors.Join(other, nil, b)))
	if len(got) != 3 || got[0] != a || got[1].Error() != "out of order" || got[2] != b {
		t.Errorf("All() = %v, want a, the other error, b", got)
	}
	if got := mistake.All(a); len(got) != 1 || got[0] != a {
		t.Errorf("All(a) = %v, want a alone", got)
	}
	if got := mistake.All(nil); got != nil {
		t.Errorf("All(nil) = %v, want nil", got)
	}
}

// Join keeps every mistake: those with a line by line, then the others, both in their order where they tie.
func TestJoin(t *testing.T) {
	if err := mistake.Join(nil); err != nil {
		t.Errorf("Join(nil) = %v, want nil", err)
	}
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOfN(rapid.IntRange(0, 3), 1, 20).Draw(t, "lines")
		var all, want []*mistake.Mistake
		for i, line := range lines {
			all = append(all, &mistake.Mistake{Place: mistake.Place{Name: "f", Line: line}, Value: fmt.Sprint(i)})
		}
		for _, line := range []int{1, 2, 3, 0} {
			for _, m := range all {
				if m.Place.Line == line {
					want = append(want, m)
				}
			}
		}
		if got := mistake.All(mistake.Join(slices.Clone(all))); !slices.Equal(got, want) {
			t.Fatalf("Join of lines %v gave %v, want %v", lines, got, want)
		}
	})
}

func TestFile(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing.yaml")
	_, err := os.ReadFile(missing)
	if got, want := mistake.File(missing, err).Error(), missing+": "+fs.ErrNotExist.Error(); !strings.HasPrefix(got, missing+": ") ||
		strings.Count(got, missing) != 1 || strings.Contains(got, "open") {
		t.Errorf("File(%v) = %q, want something like %q", err, got, want)
	}
}

func TestOr(t *testing.T) {
	f := func(want string, words ...string) {
		t.Helper()
		if got := mistake.Or(words); got != want {
			t.Errorf("Or(%q) = %q, want %q", words, got, want)
		}
	}
	f("")
	f("a", "a")
	f("a or b", "a", "b")
	f("a, b or c", "a", "b", "c")
}

func TestShow(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		if got := mistake.Show(text); got != want {
			t.Errorf("Show(%q) = %s, want %s", text, got, want)
		}
	}
	f("5s", "5s")
	f("a.*_${1}", "a.*_${1}")
	f("größe", "größe")
	f("", `""`)
	f("x y", `"x y"`)
	f("a: b", `"a: b"`)
	f("two\nlines", `"two\nlines"`)
	f(strings.Repeat("é", 60), strings.Repeat("é", 60))
	f(strings.Repeat("é", 61), `"`+strings.Repeat("é", 60)+`"...`)
	f("\xff", `"\xff"`)
}
