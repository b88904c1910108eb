package selector_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"weir/aggregate/label"
	"weir/expose/status/selector"
)

func Example() {
	s, err := selector.Parse(`web_hits{code=~"5..",zone!="a"}`)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(s.MatchesName("web_hits"), s.Matches(label.Of(`code="503",zone="b"`)), s.Matches(label.Of(`code="200"`)))
	_, err = selector.Parse(`web_hits{code=500}`)
	fmt.Println(err)
	// Output:
	// true true false
	// series selector "web_hits{code=500}", at byte 14: want a quoted text
}

func TestParse_Success(t *testing.T) {
	f := func(text, name, labels string, want bool) {
		t.Helper()
		s, err := selector.Parse(text)
		if err != nil {
			t.Errorf("Parse(%s): %v", text, err)
			return
		}
		set, err := label.Parse(labels)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.MatchesName(name) && s.Matches(set); got != want {
			t.Errorf("%s matches %s{%s}: %v, want %v", text, name, labels, got, want)
		}
	}
	f(`hits`, "hits", "", true)
	f(`hits`, "hits", `a="b"`, true)
	f(`hits`, "hits_total", "", false)
	f(` hits { } `, "hits", "", true)
	f(`AZ_az09{AZ_az09="b"}`, "AZ_az09", `AZ_az09="b"`, true)
	f(`hits{}`, "other", "", false)
	f(`ns:hits:rate{a="b",}`, "ns:hits:rate", `a="b"`, true)
	f(`{a="b"}`, "any", `a="b"`, true)
	f(`{a="b",c!="d"}`, "any", `a="b",c="d"`, false)
	f(`{a="b",c!="d"}`, "any", `a="b"`, true)
	f(`hits{a=""}`, "hits", "", true)
	f(`hits{a=""}`, "hits", `a="b"`, false)
	f(`{a=~"b.*"}`, "any", `a="xbc"`, false) // the whole value
	f(`{a=~"b.*"}`, "any", `a="b\nc"`, true) // "." is any character
	f(`{a=~"b|c"}`, "any", `a="c"`, true)
	f(`hits{a!~"b|c"}`, "hits", `a="c"`, false)
	f(`hits{a!~"b|c"}`, "hits", "", true)
	f(`{__name__=~"hi.*",a="b"}`, "hits", `a="b"`, true)
	f(`{__name__!="hits",a="b"}`, "hits", `a="b"`, false)
	f(`{"http.hits","http.method"="GET"}`, "http.hits", `"http.method"="GET"`, true)
	f(`{'it\'s "so"'='\x41\u00fc\n'}`, "any", "", false)
	f("{a=`\\n`}", "any", `a="\\n"`, true)
	f("hits # a comment\n{a=\"b\"}", "hits", `a="b"`, true)
	f(`sum{by="x"}`, "sum", `by="x"`, true)
}

func TestParse_Failure(t *testing.T) {
	f := func(text string, at int, want string) {
		t.Helper()
		_, err := selector.Parse(text)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), fmt.Sprintf("at byte %d:", at)) {
			t.Errorf("Parse(%s) = %v, want %q at %d", text, err, want, at)
		}
	}
	f("", 0, `want a name or "{"`)
	f(`{a=~"(a{0,1000}){0,1}(b{0,1000}){0,1}(c{0,900})"}`, 48, "too complex")
	f("{}", 2, "must not match the empty value")
	f(`{a=""}`, 6, "must not match the empty value")
	f(`{a=~".*"}`, 9, "must not match the empty value")
	f(`{a!="b"}`, 8, "must not match the empty value")
	f("1hits", 0, `want a name or "{"`)
	f("hits{", 5, "want a quoted text")
	f(`hits{a}`, 6, "want one of")
	f(`hits{a="b"`, 10, `want "," or "}"`)
	f(`hits{a="b" c="d"}`, 11, `want "," or "}"`)
	f(`hits{,}`, 5, "want a quoted text")
	f(`hits{a="b}`, 7, "does not end")
	f(`hits{a="\z"}`, 8, "unknown escape")
	f(`hits{a=~"("}`, 11, "missing closing )")
	f(`hits[5m]`, 4, "want the end")
	f(`sum(hits)`, 3, "want the end")
	f(`hits{__name__="x"}`, 18, "given twice")
	f(`{"a","b"}`, 8, "given twice")
	f(`{""="b"}`, 3, "not empty")
}

// The one name that a selector is about, so that nobody looks at other families.
func TestName(t *testing.T) {
	for text, want := range map[string]string{
		`hits`: "hits", `{"http.hits"}`: "http.hits", `{__name__="a"}`: "a", `{__name__=~"a"}`: "", `{a="b"}`: "",
	} {
		s, err := selector.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got, found := s.Name(); got != want || found != (want != "") {
			t.Errorf("the name of %s is %q, %v, want %q", text, got, found, want)
		}
	}
}

// No text makes the parser panic, and what a label set says of itself is a selector that selects it.
func TestParseAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		_, _ = selector.Parse(rapid.StringOf(rapid.RuneFrom([]rune("ab=~!{}\"'`\\,_:1# \n\xff.ü"))).Draw(t, "text"))
		var b label.Builder
		for range rapid.IntRange(1, 4).Draw(t, "labels") {
			b.Add(rapid.StringMatching(`[a-z_.ü]{1,8}`).Draw(t, "name"), rapid.StringN(1, 12, -1).Draw(t, "value"))
		}
		set := b.Labels()
		s, err := selector.Parse("hits{" + set.Text() + "}")
		if err != nil {
			t.Fatalf("Parse(hits%s): %v", set, err)
		}
		if !s.Matches(set) {
			t.Fatalf("hits%s does not match itself", set)
		}
	})
}
