package architecture_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"weir/internal/architecture"
)

// subjects loads a module with files, whose names say their rooms, and returns the subjects of the breaches
// of a rule.
func subjects(t *testing.T, rule string, limits architecture.Limits, files map[string]string) []string {
	t.Helper()
	fsys := fstest.MapFS{"go.mod": {Data: []byte("module m\n")}}
	shape := architecture.Shape{Limits: limits}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
		room, _, _ := strings.Cut(name, "/")
		shape.Table = append(shape.Table, architecture.Row{Room: room})
	}
	m, err := architecture.Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, breach := range shape.Check(m) {
		if breach.Rule == rule {
			got = append(got, breach.Subject)
		}
	}
	return got
}

// The counts are those of funlen 0.2.
func TestStatements(t *testing.T) {
	f := func(want int, body string) {
		t.Helper()
		file := map[string]string{"a/a.go": "package a\n\nfunc f() {\n" + body + "\n}\n"}
		for _, limit := range []int{want, want - 1} {
			got := subjects(t, "statements", architecture.Limits{Statements: limit}, file)
			if isOver := len(got) > 0; isOver != (limit < want && limit > 0) {
				t.Errorf("f is over %d statements: %t, want %d statements in %q", limit, isOver, want, body)
			}
		}
	}
	f(1, "g()")
	f(2, "a := 1; _ = a")
	f(2, "{ g(); g() }")
	f(3, "if g() { g(); g() }")
	f(2, "if g() { g() } else { g(); g(); g() }")
	f(3, "for { g(); g() }")
	f(2, "for range 3 { g() }")
	f(3, "switch g() { case 1: g() }")
	f(3, "switch g().(type) { case int: g() }")
	f(2, "select { case <-c: g() }")
	f(3, "h := func() { g(); g() }")
	f(2, "go func() { g() }()")
	f(2, "defer func() { g() }()")
	f(1, "g(func() { g(); g() })")
}

func TestMethodsOfTypes(t *testing.T) {
	f := func(receiver string, want ...string) {
		t.Helper()
		method := "package a\n\nfunc (" + receiver + ") %s() {}\n"
		got := subjects(t, "methods", architecture.Limits{MethodFiles: 1}, map[string]string{
			"a/a.go":      fmt.Sprintf(method, "a"),
			"a/b.go":      fmt.Sprintf(method, "b") + "\nfunc free() {}\n",
			"a/a_test.go": fmt.Sprintf(method, "c"),
		})
		if !slices.Equal(got, want) {
			t.Errorf("types whose methods are spread with the receiver %s: %q, want %q", receiver, got, want)
		}
	}
	f("T", "a.T")
	f("t *T", "a.T")
	f("(*T)", "a.T")
	f("t T[A]", "a.T")
	f("t *T[A, _]", "a.T")
}

func TestVariants(t *testing.T) {
	f := func(want int, names ...string) {
		t.Helper()
		files := make(map[string]string)
		for _, name := range names {
			name, constraint, _ := strings.Cut(name, " ")
			files["a/"+name] = "package a\n"
			if constraint != "" {
				files["a/"+name] = "// License.\n\n//go:build " + constraint + "\n\npackage a\n"
			}
		}
		for _, limit := range []int{want, want - 1} {
			got := subjects(t, "files", architecture.Limits{Files: limit}, files)
			if isOver := len(got) > 0; isOver != (limit < want && limit > 0) {
				t.Errorf("%q are over %d: %t, want them to count as %d", names, limit, isOver, want)
			}
		}
	}
	f(1, "a.go")
	f(2, "a.go", "a_b.go")
	f(1, "a.go", "a_test.go", "a_linux_test.go")
	f(1, "a_linux.go", "a_windows.go", "a_darwin_arm64.go", "a_arm64.go")
	f(1, "a_linux.go", "a_other.go !linux")
	f(1, "a_unix.go unix", "a_stub.go !unix")
	f(2, "a.go", "a_linux.go", "a_other.go !linux")
	f(2, "race.go race", "norace.go !race")
	f(2, "linux.go", "windows.go")
	f(2, "a_b_linux.go", "a_c_linux.go")
}

func TestEqualLines(t *testing.T) {
	const block = "func f() {\n\ta()\n\tb()\n\tc()\n}\n" // four lines that count
	f := func(want []string, files map[string]string) {
		t.Helper()
		for name, text := range files {
			files[name] = "package a\n\n" + text
		}
		got := subjects(t, "equal", architecture.Limits{EqualLines: 4}, files)
		if !slices.Equal(got, want) {
			t.Errorf("equal lines: %q, want %q in %q", got, want, files)
		}
	}
	f(nil, map[string]string{"a/a.go": block, "b/a.go": strings.Replace(block, "c()", "d()", 1)})
	f(nil, map[string]string{"a/a.go": block, "b/a_test.go": block})
	f([]string{"a/a.go b/a.go"}, map[string]string{"a/a.go": block, "b/a.go": block})
	f([]string{"a/a.go a/a.go"}, map[string]string{"a/a.go": block + "\n" + block})
	f([]string{"a/a.go b/a.go", "a/a.go c/a.go", "b/a.go c/a.go"},
		map[string]string{"a/a.go": block, "b/a.go": block, "c/a.go": block})
	f([]string{"a/a.go b/a.go"}, map[string]string{
		"a/a.go": block,
		"b/a.go": "// No comment.\nfunc f() { // counts\n\ta()\n\n\t/* nor\n\tthis */\n\tb()\n\t{\n\t}\n\tc()\n}\n",
	})
	imports := "import (\n\t_ \"a\"\n\t_ \"b\"\n\t_ \"c\"\n\t_ \"d\"\n\t_ \"e\"\n)\n"
	f(nil, map[string]string{"a/a.go": imports, "b/a.go": imports})
	// The lines of a text count, also where they look like comments.
	text := "const text = `\n// 1\n// 2\n// 3`\n"
	f([]string{"a/a.go b/a.go"}, map[string]string{"a/a.go": text, "b/a.go": text})
	// Four lines twice in a row are one pair; pairs that overlap are left out.
	row := strings.Repeat("\ta()\n", 8)
	f([]string{"a/a.go a/a.go"}, map[string]string{"a/a.go": "func f() {\n" + row + "}\n"})
}

func TestExamplesThatRun(t *testing.T) {
	f := func(want []string, example string) {
		t.Helper()
		files := map[string]string{"a/a.go": "package a\n"}
		if example != "" {
			files["a/a_test.go"] = "package a_test\n\n" + example
		}
		if got := subjects(t, "example", architecture.Limits{}, files); !slices.Equal(got, want) {
			t.Errorf("rooms without an example: %q, want %q with %q", got, want, example)
		}
	}
	f([]string{"a"}, "")
	f([]string{"a"}, "func ExampleA() {}\n")
	f([]string{"a"}, "func TestA() {\n\t// Output: 1\n}\n")
	f(nil, "func ExampleA() {\n\t// Output: 1\n}\n")
	f(nil, "func Example_b() {\n\t// Unordered output: 1\n}\n")
	f(nil, "func ExampleA() {\n\t// Output:\n}\n")
}
