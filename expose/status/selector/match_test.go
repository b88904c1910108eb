package selector_test

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"weir/aggregate/label"
	"weir/expose/status/selector"
)

// TestMatchesEqualsModel holds a selector equal to its matchers, one by one, on a map of labels.
func TestMatchesEqualsModel(t *testing.T) {
	type matcher struct{ name, operator, value string }
	names := rapid.SampledFrom([]string{"a", "b", "http.method"})
	values := rapid.SampledFrom([]string{"", "a", "b", "ab", "a\nb", `\"`, "ü"})
	patterns := rapid.SampledFrom([]string{"", "a", "a.*", ".+", "a|b", "[^a]*", `\\"`, "ü+"})
	rapid.Check(t, func(t *rapid.T) {
		var matchers []matcher
		var text strings.Builder
		text.WriteString("hits{")
		for range rapid.IntRange(0, 4).Draw(t, "matchers") {
			m := matcher{names.Draw(t, "name"), rapid.SampledFrom([]string{"=", "!=", "=~", "!~"}).Draw(t, "operator"), ""}
			if strings.HasSuffix(m.operator, "~") {
				m.value = patterns.Draw(t, "pattern")
			} else {
				m.value = values.Draw(t, "value")
			}
			matchers = append(matchers, m)
			text.WriteString(strconv.Quote(m.name) + m.operator + strconv.Quote(m.value) + ",")
		}
		s, err := selector.Parse(text.String() + "}")
		if err != nil {
			t.Fatal(err)
		}
		var b label.Builder
		set := map[string]string{}
		for range rapid.IntRange(0, 3).Draw(t, "labels") {
			name, value := names.Draw(t, "label"), values.Draw(t, "value")
			b.Add(name, value)
			set[name] = value
		}
		want := true
		for _, m := range matchers {
			is := set[m.name] == m.value
			if strings.HasSuffix(m.operator, "~") {
				is = regexp.MustCompile(`\A(?s:` + m.value + `)\z`).MatchString(set[m.name])
			}
			want = want && is == strings.HasPrefix(m.operator, "=")
		}
		if got := s.Matches(b.Labels()); got != want {
			t.Fatalf("%s} matches %s: %v, want %v", text.String(), b.Labels(), got, want)
		}
	})
}

// One selector serves any number of readers.
func TestSelectorIsShared(t *testing.T) {
	s, err := selector.Parse(`{__name__=~"h.*",a=~"x+"}`)
	if err != nil {
		t.Fatal(err)
	}
	var readers sync.WaitGroup
	for i := range 4 {
		readers.Go(func() {
			for n := range 200 {
				value := strings.Repeat("x", 1+n%9)
				if !s.MatchesName(fmt.Sprint("h", i)) || !s.Matches(label.Of(`a="`+value+`"`)) || s.Matches(label.Of(`a="y"`)) {
					t.Errorf("reader %d: %s", i, value)
					return
				}
			}
		})
	}
	readers.Wait()
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{`hits{a="b"}`, `{"x",'y'!~"z"}`, "{a=`b`} # c", `{a=~"(a+)+$"}`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := selector.Parse(text)
		if (s == nil) != (err != nil) {
			t.Fatalf("Parse(%q) = %v, %v", text, s, err)
		}
		again, spacedErr := selector.Parse(" \n" + text + " # end")
		if (spacedErr == nil) != (err == nil) && !strings.Contains(text, "#") {
			t.Fatalf("Parse(%q): %v, with space around it: %v", text, err, spacedErr)
		}
		if s == nil || again == nil {
			return
		}
		for _, labels := range []string{"", `a="b"`, `a="b",y="z"`} {
			if s.Matches(label.Of(labels)) != again.Matches(label.Of(labels)) {
				t.Fatalf("%q with space around it is another selector", text)
			}
		}
	})
}
