package mapping_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/aggregate/mapping"
)

// FuzzParse holds that nothing panics, that every mistake and warning is one line that names the file, and
// that what was parsed can be matched against and explained, with one outcome.
func FuzzParse(f *testing.F) {
	files, _ := filepath.Glob("testdata/corpus/*.yaml")
	for i, file := range files {
		if content, err := os.ReadFile(file); err == nil && i%5 == 0 {
			f.Add(content, "app.login.x", uint8(i), "env:prod")
		}
	}
	f.Add([]byte("defaults: &a {<<: *a, match_order: file}\nmappings: [*a, {<<: [*a, {match: 'a*.*'}], name: $1}]"), "ab.c", uint8(0), "")
	f.Add([]byte("mappings: [{match: a, name: n, match_metric_type: gauge, init: {x: [1, 2]}, label_map: {a: b}}]"), "a", uint8(1), "")
	f.Add([]byte("mappings: [{match: '(a)|', match_type: regex, name: 'x$1_${2}$$'}]"), "\xff..", uint8(2), ",:")
	f.Fuzz(func(t *testing.T, content []byte, name string, typ uint8, tags string) {
		rules, err := mapping.Parse("m.yaml", content)
		if err != nil {
			for line := range strings.Lines(err.Error()) {
				if !strings.HasPrefix(line, "m.yaml:") {
					t.Errorf("a mistake without its file: %q", line)
				}
			}
			return
		}
		for _, w := range rules.Warnings() {
			if !strings.HasPrefix(w, "m.yaml:") || strings.Contains(w, "\n") {
				t.Errorf("bad warning %q", w)
			}
		}
		m, sampleType := rules.NewMatcher(), mapping.Type(typ%4)
		explained := m.Explain([]byte(name), sampleType, tagsOf(tags))
		if r := m.Match([]byte(name), sampleType, tagsOf(tags)); r != nil {
			if won := explained[len(explained)-1]; !won.Won || won.Rule != r.Rule {
				t.Errorf("%s\n%q: rule %d matches, explained as %+v", content, name, r.Rule.Index, won)
			}
		}
		for i := range rules.Len() {
			m.Match([]byte(rules.Rule(i).Match), sampleType, nil)
		}
	})
}
