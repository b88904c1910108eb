package rival_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestDiffer runs weir and statsd_exporter side by side, sends both the same lines, and holds that they show
// the same, except the differences that docs/migration.md lists, and that each listed difference is there.
func TestDiffer(t *testing.T) {
	p := buildPrograms(t)
	t.Run("listed", p.testListed)
	t.Run("corpus", p.testCorpus)
	t.Run("mapping", p.testMapping)
	t.Run("random", p.testRandom)
	t.Run("rates", p.testRates)
	t.Run("quantiles", p.testQuantiles)
	t.Run("relay", p.testRelay)
	t.Run("upstream", p.testUpstream)
	t.Run("loads", p.testLoads)
}

// usualLast is the name in the last line of a flow, which few rules match, and usualLastFamily its family then.
const usualLast, usualLastFamily = "the.last.of.all.lines", "the_last_of_all_lines"

// takeBoth sends lines to both programs, started with flags, and returns what they show, by their names.
func (p programs) takeBoth(t *testing.T, rules string, lines []string, last string, flags ...string) map[string]exposition {
	t.Helper()
	file := writeRules(t, rules)
	taken := make(map[string]exposition)
	for name, start := range p.starters() {
		c, err := start(t, file, flags...)
		if err != nil {
			t.Fatal(err)
		}
		if taken[name], err = c.take(lines, last); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		c.stop()
	}
	return taken
}

// differences sends lines to both programs and returns what they show differently.
func (p programs) differences(t *testing.T, rules string, lines []string, last string, flags ...string) []string {
	t.Helper()
	taken := p.takeBoth(t, rules, lines, last, flags...)
	return compare(taken["weir"], taken["statsd_exporter"])
}

// testCorpus holds that the lines of testdata/differ mean the same to both. Each file NAME.lines is sent
// with the rules of NAME.yaml, if there are any.
func (p programs) testCorpus(t *testing.T) {
	files, _ := filepath.Glob("testdata/differ/*.lines")
	if len(files) == 0 {
		t.Error("there is no corpus")
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			rules, err := os.ReadFile(strings.TrimSuffix(file, ".lines") + ".yaml")
			if err != nil && !errors.Is(err, os.ErrNotExist) {
				t.Fatal(err)
			}
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if found := p.differences(t, string(rules), readLines(t, content), usualLast); len(found) > 0 {
				t.Errorf("%s\nrules:\n%s", strings.Join(found, "\n"), rules)
			}
		})
	}
}

// readLines returns the lines of a corpus. One that begins with a quote is a Go string, one with // is a
// comment.
func readLines(t *testing.T, content []byte) (lines []string) {
	t.Helper()
	for line := range bytes.Lines(content) {
		text := string(bytes.TrimSuffix(line, []byte("\n")))
		if text != "" && !strings.HasPrefix(text, "//") {
			lines = append(lines, unquote(t, text))
		}
	}
	return lines
}

// unquote returns what text that begins with a quote stands for.
func unquote(t *testing.T, text string) string {
	t.Helper()
	if !strings.HasPrefix(text, `"`) {
		return text
	}
	line, err := strconv.Unquote(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return line
}

// refused are the files of mapping's corpus that statsd_exporter does not take, for they have keys or
// patterns of weir's own, or of version 0.30.
var refused = []string{
	"02-envoy-ratelimit", "05-rails", "06-ceph-like", "08-order-specific", "11-typed-twins", "14-match-order-file", "15-except",
	"16-match-tags", "19-honor-labels", "20-static-labels", "23-regex-templates", "25-kubernetes-sidecar", "26-partial-first-and-last",
	"27-partial-in-many-segments", "28-specific-partials", "29-specific-left-to-right", "30-specific-except", "32-nginx-lua",
	"35-game-server", "37-payments-histograms", "38-anchors", "39-utf8-and-odd-names", "42-literal-stars", "43-initial-series",
	"44-legacy-030", "49-tags-and-types",
}

// differing are the files of which some lines have a listed difference, with its name.
var differing = map[string]string{
	"09-specific-backtracking": "most specific first",
	"10-prefix-rules":          "the start of an earlier rule",
	"17-templates-glob":        "percent signs in templates",
	"18-ten-captures":          "ten captures",
	"31-duplicates":            "a rule twice",
	"45-same-name-many-rules":  "the start of an earlier rule",
	"50-mixed-depth-specific":  "stars in names",
}

// testMapping sends the samples of mapping's own corpus.
func (p programs) testMapping(t *testing.T) {
	listed := readList(t)
	files, _ := filepath.Glob("../../aggregate/mapping/testdata/corpus/*.yaml")
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			rules := acceptable(string(content))
			if slices.Contains(refused, name) {
				if _, err := p.startExporter(t, writeRules(t, rules)); !errors.Is(err, errRefused) {
					t.Errorf("statsd_exporter does not refuse the rules: %v", err)
				}
				return
			}
			want, err := os.ReadFile(strings.TrimSuffix(file, ".yaml") + ".want")
			if err != nil {
				t.Fatal(err)
			}
			last := usualLast
			if name == "40-drop-all-but" {
				last = "keep.a"
			}
			var lines []string
			for sample := range strings.Lines(string(want)) {
				lines = append(lines, lineOf(sample))
			}
			difference, isListed := differing[name]
			if isListed && !slices.ContainsFunc(listed, func(d listedDifference) bool { return d.name == difference }) {
				t.Errorf("%q is not listed", difference)
			}
			if found := p.differences(t, rules, lines, last); (len(found) > 0) != isListed {
				t.Errorf("%d differences\n%s\nrules:\n%s", len(found), strings.Join(found, "\n"), rules)
			}
		})
	}
}

var (
	shortLabel = regexp.MustCompile(`([{,] ?)([a-z]): `)
	nameless   = regexp.MustCompile(`action: drop}`)
)

// acceptable gives labels of one letter two, and rules that drop a name, neither of which statsd_exporter
// takes else.
func acceptable(rules string) string {
	return nameless.ReplaceAllString(shortLabel.ReplaceAllString(rules, "$1$2$2: "), "action: drop, name: dropped}")
}

// lineOf returns the line of a sample of mapping's corpus: "name type tags => outcome".
func lineOf(sample string) string {
	fields := strings.SplitN(sample, " ", 4)
	letters := map[string]string{"counter": "c", "gauge": "g", "observer": "ms", "set": "s"}
	line := fmt.Sprintf("%s:1|%s", fields[0], letters[fields[1]])
	if fields[2] != "-" {
		line += "|#" + fields[2]
	}
	return line
}
