package mapping_test

import (
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"weir/aggregate/mapping"
)

var update = flag.Bool("update", false, "write the wanted messages into the .bad.yaml files")

// marker begins a comment in a .bad.yaml file with the mistake that the line above it must have. A line may
// have several; one without must have none.
const marker = "#! "

// TestMistakes holds the line, the key and the words of each mistake.
func TestMistakes(t *testing.T) {
	files, err := filepath.Glob("testdata/mistakes/*.bad.yaml")
	if err != nil || len(files) < 9 {
		t.Fatalf("%d files, %v, want at least 9", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := mark(t, string(content))
			if *update {
				got = mark(t, got) // a message may name another line, which the first time has moved
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if d := cmp.Diff(got, string(content)); d != "" && !*update {
				t.Errorf("%s: got-, want+:\n%s", file, d)
			}
		})
	}
}

// mark returns content with its mistakes as markers, which replace the markers that it had.
func mark(t *testing.T, content string) string {
	t.Helper()
	_, err := mapping.Parse("m.yaml", []byte(content))
	if err == nil {
		t.Fatal("no mistakes")
	}
	byLine := map[int]string{}
	for message := range strings.Lines(err.Error()) {
		line, text, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(message), "m.yaml:"), ": ")
		number, err := strconv.Atoi(line)
		if err != nil {
			t.Fatalf("the message %q has no line", message)
		}
		byLine[number] += marker + text + "\n"
	}
	var marked strings.Builder
	number := 0
	for line := range strings.Lines(content) {
		number++
		if strings.HasPrefix(line, marker) {
			continue
		}
		marked.WriteString(line + byLine[number])
		delete(byLine, number)
	}
	if len(byLine) > 0 {
		t.Errorf("mistakes in lines of markers: %v", byLine)
	}
	return marked.String()
}

// Mistakes of the document as a whole, each in a file of its own.
func TestDocumentMistakes(t *testing.T) {
	f := func(content, want string) {
		t.Helper()
		if _, err := mapping.Parse("m.yaml", []byte(content)); err == nil || err.Error() != want {
			t.Errorf("Parse(%q) = %v, want %s", content, err, want)
		}
	}
	f("\na: b: c", "m.yaml:2: invalid YAML: mapping values are not allowed in this context")
	f("{}\n---\n{}", "m.yaml:2: a second YAML document begins here: want only one")
	f("- match: a", "m.yaml:1: a list: want a section with the keys defaults, mappings")
	f("rules", "m.yaml:1: rules: want a section with the keys defaults, mappings")
	f("mappings: {match: a, name: b}",
		"m.yaml:1: mappings: a section: want a list of rules, each a section with match and name")
	f("defaults: [ttl]", "m.yaml:1: defaults: a list: want a section with the keys ttl, observer_type, timer_type, "+
		"summary_options, histogram_options, buckets, quantiles, match_type, match_order, glob_disable_ordering, "+
		"static_labels, max_label_values")
	f("mappings: *rules", "m.yaml: invalid YAML: unknown anchor 'rules' referenced")
}
