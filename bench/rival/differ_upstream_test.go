package rival_test

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"weir/aggregate/mapping"
)

// testUpstream holds that the cases of statsd_exporter's own tests mean the same to both, except for listed
// differences.
func (p programs) testUpstream(t *testing.T) {
	cases := readUpstream(t)
	lines, files := 0, 0
	for _, c := range cases {
		lines += len(c.lines)
		if c.config != "" {
			files++
		}
	}
	t.Logf("%d lines and %d mapping files", lines, files)
	if lines < 400 || files < 60 {
		t.Errorf("%d lines and %d mapping files are fewer than there are", lines, files)
	}
	t.Run("lines", func(t *testing.T) { p.testUpstreamLines(t, cases) })
	t.Run("mapping", func(t *testing.T) { p.testUpstreamMapping(t, cases) })
}

// testUpstreamLines sends the lines that no rules are for. Those with the same types and flags are one flow, so that
// few of them clash; each line is sent once.
func (p programs) testUpstreamLines(t *testing.T, cases []upstreamCase) {
	t.Helper()
	type group struct{ types, flags string }
	types := regexp.MustCompile(`\|[a-z]+`)
	groups := make(map[group][]string)
	for _, c := range cases {
		if c.config != "" {
			continue
		}
		for _, line := range c.lines {
			if !isListed(line, "") {
				g := group{strings.Join(types.FindAllString(line, -1), ""), strings.Join(c.flags, " ")}
				groups[g] = append(groups[g], line)
			}
		}
	}
	for g, lines := range groups {
		slices.Sort(lines)
		lines = slices.Compact(lines)
		t.Run(g.types+g.flags, func(t *testing.T) {
			t.Parallel()
			if found := p.differences(t, "", lines, usualLast, strings.Fields(g.flags)...); len(found) > 0 {
				t.Errorf("%s\nlines:\n%s", strings.Join(found, "\n"), strings.Join(lines, "\n"))
			}
		})
	}
}

// upstreamExcuses are listed differences that mapping files have, each with what stands in such a file.
var upstreamExcuses = map[string]*regexp.Regexp{
	"other letters and signs in a match": regexp.MustCompile(`match: .*!`),
	"keys of version 0.30":               regexp.MustCompile(`timer_type:`),
	"ten captures":                       regexp.MustCompile(`^[^(]*\$1[^\d].*\$1\d`), // of globs
}

// testUpstreamMapping loads the mapping files, and sends the lines of their cases and lines for each of their rules.
func (p programs) testUpstreamMapping(t *testing.T, cases []upstreamCase) {
	t.Helper()
	listed := readList(t)
	for name := range upstreamExcuses {
		if !slices.ContainsFunc(listed, func(d listedDifference) bool { return d.name == name }) {
			t.Errorf("%q is not listed", name)
		}
	}
	for _, c := range cases {
		if c.config == "" {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			excused := false
			for _, pattern := range upstreamExcuses {
				excused = excused || pattern.MatchString(c.config)
			}
			difference := p.upstreamDifference(t, &c)
			if (difference != "") != excused {
				t.Errorf("difference %q, which should be one: %v; rules:\n%s", difference, excused, c.config)
			}
		})
	}
}

// upstreamDifference returns what weir makes of a mapping file otherwise than statsd_exporter; empty when nothing.
func (p programs) upstreamDifference(t *testing.T, c *upstreamCase) string {
	t.Helper()
	rules, err := mapping.ParseCompat("m.yaml", []byte(c.config))
	exporter, refused := p.startExporter(t, writeRules(t, c.config))
	switch {
	case refused == nil && c.isBad:
		t.Error("statsd_exporter loads what its test says is bad")
	case errors.Is(refused, errRefused) && err == nil:
		return "weir loads it"
	case errors.Is(refused, errRefused):
		return ""
	case refused != nil:
		t.Fatal(refused)
	case err != nil:
		return err.Error()
	}
	exporter.stop()
	lines := slices.DeleteFunc(slices.Concat(c.lines, linesFor(rules)), func(line string) bool {
		return isListed(line, c.config)
	})
	if match := rules.NewMatcher().Match([]byte(usualLast), mapping.TypeCounter, nil); match != nil {
		return "" // the rules drop all lines, or rename all: only that they are loaded can be compared
	}
	return strings.Join(p.differences(t, patient(c.config), lines, usualLast), "\n")
}

// patient returns a mapping file whose series do not expire during a test.
func patient(config string) string {
	return regexp.MustCompile(`ttl: *[^\s,}]+`).ReplaceAllString(config, "ttl: 1h")
}

// linesFor returns two lines for each glob, of the type that it asks for.
func linesFor(rules *mapping.Rules) (lines []string) {
	letters := map[string]string{"gauge": "g", "observer": "ms"}
	for i := range rules.Len() {
		r := rules.Rule(i)
		if r.MatchType != mapping.MatchGlob {
			continue
		}
		for _, word := range []string{"x", "y-1"} {
			lines = append(lines, fmt.Sprintf("%s:1|%s", strings.ReplaceAll(r.Match, "*", word), cmp.Or(letters[r.MetricType], "c")))
		}
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}
