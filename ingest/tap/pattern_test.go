package tap_test

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"weir/ingest/tap"
)

func TestPattern(t *testing.T) {
	f := func(pattern, name string, want bool) {
		t.Helper()
		if got, may := tap.Matches(pattern, []byte(name)); got != want || got && !may {
			t.Errorf("%q matches %q: %t, may match: %t; want %t", pattern, name, got, may, want)
		}
	}
	f("", "", true)
	f("", "a", true)
	f("b", "abc", true)
	f("B", "abc", false)
	f("*", "", true)
	f("a*", "abc", true)
	f("a*", "ba", false)
	f("*c", "abc", true)
	f("a*b*c", "a1b2b3c", true)
	f("a*b*c", "acb", false)
	f("a?c", "abc", true)
	f("a?c", "ac", false)
	f("?", "\xff", true)
	f("**", "x", true)
	f("a.*.c", "a.b.d.c", true)
	f("[a]", "a", false)
}

// A run has the literal, or has it not, wherever it is.
func TestPatternMayMatch(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		letters := rapid.SampledFrom([]byte("ezq\xff"))
		literal := rapid.SliceOfN(letters, 0, 4).Draw(rt, "literal")
		run := rapid.SliceOfN(letters, 0, 20).Draw(rt, "run")
		if _, got := tap.Matches(string(literal)+"*", run); got != bytes.Contains(run, literal) {
			rt.Errorf("%q may be in %q: %t", literal, run, got)
		}
	})
}

// asRegexp is the oracle: the pattern as a regular expression over Latin-1, so that a rune is a byte.
func asRegexp(pattern string) *regexp.Regexp {
	quoted := regexp.QuoteMeta(latin1(pattern))
	if !strings.ContainsAny(pattern, "*?") {
		return regexp.MustCompile("(?s)" + quoted)
	}
	quoted = strings.ReplaceAll(strings.ReplaceAll(quoted, `\*`, ".*"), `\?`, ".")
	return regexp.MustCompile("(?s)^" + quoted + "$")
}

func latin1(text string) string {
	runes := make([]rune, 0, len(text))
	for i := range len(text) {
		runes = append(runes, rune(text[i]))
	}
	return string(runes)
}

func TestPatternProperty(t *testing.T) {
	letters := rapid.SampledFrom([]byte("ab.*?\xff"))
	rapid.Check(t, func(rt *rapid.T) {
		pattern := string(rapid.SliceOfN(letters, 0, 8).Draw(rt, "pattern"))
		name := string(rapid.SliceOfN(letters, 0, 12).Draw(rt, "name"))
		got, may := tap.Matches(pattern, []byte(name))
		if want := asRegexp(pattern).MatchString(latin1(name)); got != want || got && !may {
			rt.Errorf("%q matches %q: %t, may match: %t; want %t", pattern, name, got, may, want)
		}
	})
}

func FuzzPattern(f *testing.F) {
	f.Add("a.*", []byte("a.b"))
	f.Add("*?*", []byte("<b>\xff\x1b"))
	f.Fuzz(func(t *testing.T, pattern string, name []byte) {
		if len(pattern) > 200 || len(name) > 2000 {
			return
		}
		got, may := tap.Matches(pattern, name)
		if want := asRegexp(pattern).MatchString(latin1(string(name))); got != want || got && !may {
			t.Errorf("%q matches %q: %t, may match: %t; want %t", pattern, name, got, may, want)
		}
	})
}

// A pattern of many stars takes no time without end.
func TestPatternOfStars(t *testing.T) {
	got, _ := tap.Matches(strings.Repeat("*a", 1000)+"b", []byte(strings.Repeat("a", 8000)))
	if got {
		t.Error("a name without b matches")
	}
}

// FuzzTail takes any bytes as a datagram: every line is seen once, and the lines that pass are in it.
func FuzzTail(f *testing.F) {
	f.Add([]byte("a:1|c\nbad\n\r\n:x"), "a", false)
	f.Add([]byte("a:x|c:1|g\n_e{1,1}:a|b\nA::b:1|c"), "?:*", true)
	f.Fuzz(func(t *testing.T, datagram []byte, match string, rejected bool) {
		x := newFixture(nil)
		defer x.Close()
		l, poll := x.newLoop("udp"), tap.Poll{Filter: tap.Filter{Match: match, Rejected: rejected}}
		x.follow(t, &poll)
		l.take(host("10.0.0.1:1"), string(datagram))
		texts, page := x.follow(t, &poll)
		c := x.senders()["udp 10.0.0.1"]
		if page.Seen != c.Lines || uint64(len(texts))+page.Skipped > page.Seen {
			t.Errorf("%d lines, %d seen, %d shown, %d skipped", c.Lines, page.Seen, len(texts), page.Skipped)
		}
		for _, line := range page.Lines {
			if !strings.Contains(string(datagram), line.Text) || line.Text == "" {
				t.Errorf("the line %q was never sent", line.Text)
			}
		}
	})
}
