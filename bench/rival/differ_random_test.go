package rival_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// badValue matches values that may be no number.
const badValue = `([^|:]*[^-+.0-9:|][^|:]*|[^|:]*[-+.])`

// excuses are the listed differences that random lines have, each with the lines that may have it.
var excuses = map[string]*regexp.Regexp{
	"sets":             regexp.MustCompile(`\|s(\||:|$)`),
	"meters":           regexp.MustCompile(`\|m(\||:|$)`),
	"invalid UTF-8":    regexp.MustCompile(`\x{FFFD}`),
	"one bracket":      regexp.MustCompile(`^([^:\]]*\[[^:\]]*|[^:\[]*\][^:\[]*):`),
	"external data":    regexp.MustCompile(`\|e:`),
	"cardinality":      regexp.MustCompile(`\|card:`),
	"unknown fields":   regexp.MustCompile(`\|x|\|extra:|\|#[^|]*\|c(\||$)`),
	"empty fields":     regexp.MustCompile(`\|(\||$|:)`),
	"empty container":  regexp.MustCompile(`\|c:(\||$)`),
	"marked container": regexp.MustCompile(`\|c:ci-`),

	"packed values of counters, gauges and sets": regexp.MustCompile(`:[^|:]*:[^|]*\|[cgs](\||:|$)`),
	"packed values before another sample":        regexp.MustCompile(`:[^|:]*:[^|]*\|(ms|h|d)(\|@[^|:]*)?:`),
	"a bad value among packed values": regexp.MustCompile(
		`:(` + badValue + `:[^|]*|[^|]*:` + badValue + `)\|(ms|h|d)(\||:|$)`),
	"packed values behind another sample":         regexp.MustCompile(`\|[a-z]+(\|@[^|:]*)?:[^|:]*:`),
	"unknown types before another sample":         regexp.MustCompile(`\|(kv|x)(\|@[^|:]*)?:`),
	"what looks like an event":                    regexp.MustCompile(`^_(e\{|sc\|)`),
	"control characters in values":                regexp.MustCompile(`[\x00-\x1f\x7f]`),
	"several samples with DogStatsD tags":         regexp.MustCompile(`:.*\|[a-z]+(\|@[^|:]*)?:[^#]*\|#`),
	"container without tags":                      regexp.MustCompile(`^[^:]*:[^#]*\|c:`),
	"many fields":                                 regexp.MustCompile(`(\|[^|]*){6}`),
	"no tags behind, tags in the name":            regexp.MustCompile(`^[^:]*[,#\[].*\|#[,#]*(\||$)`),
	"several tag sections":                        regexp.MustCompile(`\|#.*\|#`),
	"reserved tags of the other kind of timer":    regexp.MustCompile(`^[^|]*\b(le|quantile)=.*\|(ms|h|d)|\|(ms|h|d)(\||:).*\b(le|quantile):`),
	"tags with two underscores":                   regexp.MustCompile(`[#,\[]__`),
	"values that are no number":                   regexp.MustCompile(`(?i):nan`),
	"infinite counters":                           regexp.MustCompile(`(?i)inf`),
	"rates over 1":                                regexp.MustCompile(`@[2-9]`),
	"repeated rates":                              regexp.MustCompile(`\|@.*\|@`),
	"rates that are no inverse of a whole number": regexp.MustCompile(`@0\.[37]`),
	"names that are only tags":                    regexp.MustCompile(`^[,#\[][^:\]]*\]?:`),
	"names beside a gauge":                        regexp.MustCompile(`^[^:]*[._](sum|count|bucket)`),
}

// excusedByRules are the excuses that depend on the rules as well.
var excusedByRules = map[string]*regexp.Regexp{
	"labels of several samples":            regexp.MustCompile(`:.*\|[a-z]+(\|@[^|:]*)?:`),
	"negative counters that a rule scales": regexp.MustCompile(`:-[^|]*\|c`),
}

// isListed reports whether a line may have a listed difference.
func isListed(line, rules string) bool {
	for _, pattern := range excuses {
		if pattern.MatchString(line) {
			return true
		}
	}
	for _, pattern := range excusedByRules {
		if rules != "" && pattern.MatchString(line) {
			return true
		}
	}
	return false
}

// testRandom holds that random lines mean the same to both, by no rules and by random rules, except those with
// a listed difference. Each excuse must be for one.
func (p programs) testRandom(t *testing.T) {
	listed := readList(t)
	for name, pattern := range union(excuses, excusedByRules) {
		at := slices.IndexFunc(listed, func(d listedDifference) bool { return d.name == name })
		if at < 0 || !slices.ContainsFunc(listed[at].lines, pattern.MatchString) {
			t.Errorf("%q excuses what is not listed", name)
		}
	}
	for seed := range uint64(60) {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			t.Parallel()
			r := dice{rand.New(rand.NewPCG(seed, 0))}
			rules := ""
			if seed%4 != 0 {
				rules = r.rules()
			}
			var lines []string
			for len(lines) < 500 {
				if line := r.line(); !isListed(line, rules) {
					lines = append(lines, line)
				}
			}
			if found := p.differences(t, rules, lines, usualLast); len(found) > 0 {
				lines, found = p.shrink(t, rules, lines, found)
				t.Errorf("%s\nrules:\n%s\nlines:\n%s", strings.Join(found, "\n"), rules, strings.Join(lines, "\n"))
			}
		})
	}
}

// shrink leaves lines out as long as a difference stays.
func (p programs) shrink(t *testing.T, rules string, lines, found []string) (fewer, differences []string) {
	t.Helper()
	for size := len(lines) / 2; size > 0; size /= 2 {
		for start := 0; start+size <= len(lines); {
			rest := slices.Concat(lines[:start], lines[start+size:])
			if left := p.differences(t, rules, rest, usualLast); len(left) > 0 {
				lines, found = rest, left
			} else {
				start += size
			}
		}
	}
	return lines, found
}

// dice draw lines and rules.
type dice struct{ *rand.Rand }

// one returns one of words.
func (r dice) one(words ...string) string { return words[r.IntN(len(words))] }

// chance is true so many times in a hundred.
func (r dice) chance(percent int) bool { return r.IntN(100) < percent }

// line draws a line: mostly well formed, of few names, so that they meet in families; with much that can be
// wrong.
func (r dice) line() string {
	var b strings.Builder
	b.WriteString(r.name())
	style := r.IntN(10) // of tags; from 4 on there are none in the name
	switch style {
	case 0:
		b.WriteString("," + r.tags("="))
	case 1:
		b.WriteString("#" + r.tags("="))
	case 2:
		b.WriteString("[" + r.tags("=") + "]" + r.one("", "", ".end", "-"))
	}
	for range 1 + r.IntN(8)/7 {
		for range 1 + r.IntN(6)/5 {
			b.WriteString(":" + r.value())
		}
		b.WriteString("|" + r.one("c", "c", "c", "g", "g", "ms", "ms", "h", "d", "s", "m", "kv", ""))
		if r.chance(20) {
			b.WriteString("|@" + r.one("1", "0.5", "0.1", "0.25", "1e-1", "0.3", "0", "2", "x", ""))
		}
	}
	if style > 5 || r.chance(3) {
		b.WriteString("|#" + r.tags(":"))
	}
	for range r.IntN(8) / 6 {
		b.WriteString("|" + r.one("T1656581400", "Tx", "c:abc", "c:", "c:ci-abc", "e:it-false", "card:low", "x:y", "", "@0.5"))
	}
	return b.String()
}

func (r dice) name() string {
	if r.chance(5) {
		return r.one("", " ", "é.ü", "日本", "a b", "1.2", "a\x00b", "a\xffb", "foo{}", "x;y=z", "__name__", "a:b", "[",
			"_e{1,1}", "_sc")
	}
	segments := make([]string, 1+r.IntN(4))
	for i := range segments {
		segments[i] = r.one("a", "b", "c", "d1", "B", "a-b", "a--b", "-", "sum", "count", "9", "")
		if r.chance(60) {
			segments[i] = r.one("a", "b", "c")
		}
	}
	return strings.Join(segments, r.one(".", ".", ".", ".", "_"))
}

func (r dice) value() string {
	if r.chance(8) {
		return r.one("", "x", "nan", "inf", "-inf", "1e400", "0x1p4", "1_0", "é", " 1", "1e-32", "+", "-0", "1.", ".5", "1e3")
	}
	return r.one("", "", "", "+", "-") + fmt.Sprint(float64(r.IntN(10000))/float64([]int{1, 1, 10, 1000}[r.IntN(4)]))
}

func (r dice) tags(equals string) string {
	tags := make([]string, r.IntN(4))
	for i := range tags {
		tags[i] = r.one("aa", "bb", "cc") + equals + r.one("x", "y", "z")
		if r.chance(10) {
			tags[i] = r.one("", "#", "aa", "le", "quantile", "__x", "a.a", "a-a", "a--a", "é", "1", "AA", "container_id") +
				r.one(equals, equals, equals, "") + r.one("", "x", "é", "\"", "\\", "a b", "x"+equals+"y", "{}", "日本", "/")
		}
	}
	return strings.Join(tags, ",") + r.one("", "", "", "", "", "", "", ",")
}

// rules draws a mapping file without anything that makes all lines differ.
func (r dice) rules() string {
	var b strings.Builder
	fmt.Fprintf(&b, "defaults: {observer_type: %s}\nmappings:\n", r.one("summary", "histogram"))
	var matches []string
	for range 1 + r.IntN(8) {
		match, matchType := r.glob(matches), "glob"
		if match == "" || r.chance(25) {
			match, matchType = r.one(`^a\.(\w+)`, `b\.(.+)\.c$`, `(a|b)\.(\d+)`, `^(c)$`, `\.(a)\.`, `(?i)B\.([ac])`, `(.)-+(.)`), "regex"
		}
		matches = append(matches, match)
		fmt.Fprintf(&b, "- {match: '%s', match_type: %s", match, matchType)
		r.options(&b)
		b.WriteString("}\n")
	}
	return b.String()
}

// glob draws a pattern of which none is the start, nor the other way round: the order of those is a listed
// difference.
func (r dice) glob(others []string) string {
	for range 20 {
		segments := make([]string, 1+r.IntN(4))
		for i := range segments {
			segments[i] = r.one("a", "b", "c", "d1", "a-b", "*", "*", "*")
		}
		pattern := strings.Join(segments, ".")
		if !slices.ContainsFunc(others, func(other string) bool {
			return strings.HasPrefix(other+".", pattern+".") || strings.HasPrefix(pattern+".", other+".")
		}) {
			return pattern
		}
	}
	return ""
}

// options draws what a rule says but its match. What observers are depends on the name alone: that families
// have one set of buckets is a listed difference.
func (r dice) options(b *strings.Builder) {
	if r.chance(10) {
		b.WriteString(", action: drop, name: dropped")
		return
	}
	observers := map[string]string{
		"m1": "", "m2": ", observer_type: histogram, histogram_options: {buckets: [1, 10, 100]}",
		"m3":         ", observer_type: summary, summary_options: {quantiles: [{quantile: 0.25, error: 0.01}]}",
		"n_$1":       ", observer_type: histogram, histogram_options: {native_histogram_bucket_factor: 1}",
		"o_${1}_$2":  ", observer_type: summary, summary_options: {max_age: 1m, age_buckets: 2, buf_cap: 100}",
		"p_$1_x_$2q": ", observer_type: histogram",
		"q$0":        "",
	}
	name := r.one(slices.Sorted(maps.Keys(observers))...)
	fmt.Fprintf(b, ", name: '%s'%s", name, observers[name])
	if r.chance(60) {
		labels := []string{r.one("aa", "bb") + ": " + r.one("x", "'v$1'", "'v${1}_$2'", "'v$2'", "'u$$'", "'v$0'")}
		if r.chance(30) {
			labels = append(labels, "dd: 'w${2}-${1}'")
		}
		fmt.Fprintf(b, ", labels: {%s}, honor_labels: %t", strings.Join(labels, ", "), r.chance(40))
	}
	if r.chance(30) {
		b.WriteString(", match_metric_type: " + r.one("counter", "gauge", "observer"))
	}
	if r.chance(20) {
		b.WriteString(", scale: " + r.one("0.001", "2", "1000", "0", "1"))
	}
}
