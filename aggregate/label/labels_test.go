package label_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"weir/aggregate/label"
)

func Example() {
	labels, err := label.Parse(`method="get", code="200", path="C:\\dir"`)
	if err != nil {
		panic(err)
	}
	fmt.Println(labels)
	for name, value := range labels.All() {
		fmt.Println(name, value)
	}
	fmt.Println(labels.ID("http_requests_total"))
	// Output:
	// {code="200",method="get",path="C:\\dir"}
	// code 200
	// method get
	// path C:\dir
	// 41d6d8cdacc29745
}

// set is a label set to test with: names that may need quotes, values that may need escapes.
func set(t *rapid.T) map[string]string {
	names := rapid.OneOf(
		rapid.StringMatching(`[a-zA-Z_][a-zA-Z0-9_]{0,8}`),
		rapid.StringMatching(`[a-zä.\- ]{1,6}`),
	)
	values := rapid.OneOf(rapid.StringMatching(`[a-z"\\\n,={}]{1,12}`), rapid.StringN(1, 40, -1))
	return rapid.MapOfN(names, values.Filter(func(s string) bool { return s != "" && utf8.ValidString(s) }), 0, 6).
		Draw(t, "labels")
}

func build(labels map[string]string) label.Labels {
	var b label.Builder
	for name, value := range labels { // in any order
		b.Add(name, value)
	}
	return b.Labels()
}

// What goes in comes out: by All, by Get, by Escaped and AppendUnescaped, and after reading the text again.
func TestLabelsKeepNamesAndValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := set(t)
		labels := build(want)
		var names []string
		for name, value := range labels.All() {
			names = append(names, name)
			if got, found := labels.Get(name); want[name] != value || got != value || !found {
				t.Fatalf("%s: %q, Get %q, want %q", name, value, got, want[name])
			}
		}
		if len(names) != len(want) || !slices.IsSorted(names) {
			t.Fatalf("names %q of %q", names, want)
		}
		for name, escaped := range labels.Escaped() {
			if got := string(label.AppendUnescaped(nil, escaped)); got != want[name] {
				t.Fatalf("%s: %q, want %q", name, got, want[name])
			}
			if got := string(label.AppendEscaped(nil, want[name])); got != escaped {
				t.Fatalf("%s: escaped %q, want %q", name, got, escaped)
			}
		}
		for _, parse := range []func(string) (label.Labels, error){label.Parse, label.ParseText} {
			if again, err := parse(labels.Text()); err != nil || again != labels {
				t.Fatalf("%s read again: %s, %v", labels, again, err)
			}
		}
		if labels.IsEmpty() != (len(want) == 0) || labels.Compare(build(want)) != 0 {
			t.Fatalf("%s: empty %v", labels, labels.IsEmpty())
		}
	})
}

func TestParse_Success(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		if got, err := label.Parse(text); err != nil || got.Text() != want {
			t.Errorf("Parse(%q) = %s, %v, want %s", text, got, err, want)
		}
	}
	f(``, ``)
	f(` b = "2" , a="1", `, `a="1",b="2"`)
	f(`a="",b="2"`, `b="2"`)
	f(`"http.method"="GET",a="b"`, `a="b","http.method"="GET"`)
	f(`"legal"="x"`, `legal="x"`)
	f(`a="\"\\\n"`, `a="\"\\\n"`)
	got, rest, err := label.ParsePrefix(`a="}"} 3`)
	if got.Text() != `a="}"` || rest != "} 3" || err != nil {
		t.Errorf("prefix: %s, rest %q, %v", got, rest, err)
	}
}

func TestParse_Failure(t *testing.T) {
	f := func(text string) {
		t.Helper()
		if got, err := label.Parse(text); !errors.Is(err, label.ErrSyntax) {
			t.Errorf("Parse(%q) = %s, %v, want ErrSyntax", text, got, err)
		}
	}
	for _, text := range []string{
		`a`, `a=`, `a=b`, `a="b`, `a="b\"`, `a="\x"`, `="b"`, `""="b"`, `"a="b"`, `1a="b"`, `a-b="c"`, `a="b"c="d"`,
		`,`, `a="b",,c="d"`, `a="b"}`, "a=\"\xff\"", `"a\"b"="c"`,
	} {
		f(text)
	}
	if _, err := label.Parse(`a="1",a="2"`); err == nil || !strings.Contains(err.Error(), "label a is given twice") {
		t.Errorf("a label twice: %v", err)
	}
}

// A damaged text is refused, never a panic, and one that is not refused can be walked.
func FuzzParseText(f *testing.F) {
	for _, seed := range []string{``, `a="b"`, `a="b","c.d"="\\e\""`, `a="b",`, `a=`, `"`, `a="\`, `a="b" ,c="d"`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		labels, err := label.ParseText(text)
		if err != nil {
			return
		}
		var again []byte
		for name, value := range labels.Escaped() {
			quoted := []byte(name)
			if strings.Contains(text, `"`+name+`"=`) {
				quoted = []byte(`"` + name + `"`)
			}
			again = label.Append(again, quoted, []byte(value))
		}
		for range labels.All() { // must not panic
		}
		if len(again) != len(text) && !strings.Contains(text, `"=`) {
			t.Fatalf("%q walked as %q", text, again)
		}
		_ = labels.ID("name")
	})
}
