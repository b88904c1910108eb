package mapping_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/aggregate/mapping"
)

// TestCorpus holds what mapping files make of samples. Each line of a .want file is
// "name type tags => outcome", where tags are "-" for none and the name may be empty. The outcomes were
// worked out by hand.
func TestCorpus(t *testing.T) {
	types := map[string]mapping.Type{
		"counter": mapping.TypeCounter, "gauge": mapping.TypeGauge, "observer": mapping.TypeObserver, "set": mapping.TypeSet,
	}
	files, _ := filepath.Glob("testdata/corpus/*.yaml")
	samples := 0
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			rules, err := mapping.Parse(file, content)
			if err != nil {
				t.Fatal(err)
			}
			want, err := os.ReadFile(strings.TrimSuffix(file, ".yaml") + ".want")
			if err != nil {
				t.Fatal(err)
			}
			m := rules.NewMatcher()
			for line := range strings.Lines(string(want)) {
				sample, want, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " => ")
				fields := strings.Split(sample, " ")
				typ, known := types[fields[1]]
				if !known || want == "" {
					t.Fatalf("bad line: %s", line)
				}
				samples++
				if got := outcome(m, fields[0], typ, tagsOf(fields[2])); got != want {
					t.Errorf("%s: got %s, want %s", sample, got, want)
				}
			}
		})
	}
	if len(files) < 40 || samples < 300 {
		t.Errorf("%d files with %d samples, want at least 40 with 300", len(files), samples)
	}
}
