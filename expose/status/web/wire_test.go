package web_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The types of src/wire.ts have no name that package wire does not write. What the tester shows comes from
// package explain.
func TestWireNames(t *testing.T) {
	written := map[string]bool{}
	for _, pattern := range []string{"../wire/*.go", "../../../cmd/weir/explain/*.go"} {
		paths, err := filepath.Glob(pattern)
		if err != nil || len(paths) == 0 {
			t.Fatalf("%s: %q, %v", pattern, paths, err)
		}
		for _, path := range paths {
			for _, name := range regexp.MustCompile(`json:"([a-zA-Z_0-9]+)`).FindAllStringSubmatch(read(t, path), -1) {
				written[name[1]] = true
			}
		}
	}
	names := regexp.MustCompile(`(?m)(?:^ +|[{;] )([a-z_0-9]+)\??: `).FindAllStringSubmatch(read(t, "src/wire.ts"), -1)
	if len(names) < 100 {
		t.Fatalf("src/wire.ts has only %d names", len(names))
	}
	for _, name := range names {
		if !written[name[1]] {
			t.Errorf("src/wire.ts: nobody writes %s", name[1])
		}
	}
	if written["nothing"] || !strings.Contains(read(t, "src/wire.ts"), "interface Status") {
		t.Error("the test reads other files than it means")
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
