package architecture_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"weir/internal/architecture"
)

func TestLoad(t *testing.T) {
	m, err := architecture.Load(fstest.MapFS{
		"go.mod":                  {Data: []byte("// A comment.\nmodule example.org/m\n\ngo 1.26\n")},
		"root.go":                 {Data: []byte("package root\n")},
		"b/b.go":                  {Data: []byte("package b\n\n// end\n")},
		"b/b_test.go":             {Data: []byte("package b\n")},
		"b/c/c.go":                {Data: []byte("package c\n")},
		"b/inner/go.mod":          {Data: []byte("module inner\n")},
		"b/inner/inner_test.go":   {Data: []byte("package inner\n")},
		"b/testdata/no.go":        {Data: []byte("not Go\n")},
		".hidden/no.go":           {Data: []byte("not Go\n")},
		"_old/no.go":              {Data: []byte("not Go\n")},
		"vendor/x/no.go":          {Data: []byte("not Go\n")},
		"web/node_modules/x/n.go": {Data: []byte("not Go\n")},
		"web/readme.md":           {Data: []byte("not Go\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	if m.Path != "example.org/m" {
		t.Errorf("Path = %q", m.Path)
	}
	var got []string
	for _, room := range m.Rooms {
		for _, file := range slices.Concat(room.Code, room.Tests) {
			got = append(got, room.Dir+" "+file.Path)
		}
	}
	want := []string{". root.go", "b b/b.go", "b b/b_test.go", "b/c b/c/c.go", "b/inner b/inner/inner_test.go"}
	if !slices.Equal(got, want) {
		t.Errorf("files = %q, want %q", got, want)
	}
	if n := m.Rooms[1].Code[0].Lines; n != 3 {
		t.Errorf("b/b.go has %d lines, want 3", n)
	}
}

func TestLoadErrors(t *testing.T) {
	f := func(want string, files fstest.MapFS) {
		t.Helper()
		if _, err := architecture.Load(files); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Load = %v, want an error with %q", err, want)
		}
	}
	f("go.mod", fstest.MapFS{})
	f("names no module", fstest.MapFS{"go.mod": {Data: []byte("go 1.26\n")}})
	f("a/a.go:1:1", fstest.MapFS{"go.mod": {Data: []byte("module m\n")}, "a/a.go": {Data: []byte("not Go\n")}})
}
