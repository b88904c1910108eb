package label_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"weir/aggregate/label"
)

// Tags become labels in order of their names.
func ExampleSanitizer() {
	s := label.Sanitizer{Values: label.Values{MaxRunes: 10, AllowUnicode: true}, UTF8: true}
	s.AddTag([]byte("http.method"), []byte("GET"))
	s.AddTag([]byte("canary"), nil)
	s.Add("zone", []byte("a"))
	text, utf8, _ := s.Render(nil)
	fmt.Printf("%s\n%s\n", text, utf8)
	// Output:
	// canary="true",http_method="GET",zone="a"
	// canary="true","http.method"="GET",zone="a"
}

// A Sanitizer makes the label set that a map of sanitised names and values has, whatever it made before.
func TestSanitizerEqualsMap(t *testing.T) {
	s := label.Sanitizer{Values: label.Values{MaxRunes: 5, AllowUnicode: true}}
	rapid.Check(t, func(t *rapid.T) {
		s.Reset()
		s.UTF8 = rapid.Bool().Draw(t, "utf8")
		values := map[string]string{}
		lastIsTag := map[string]bool{}
		wantOverridden := 0
		for range rapid.IntRange(0, 8).Draw(t, "labels") {
			key := rapid.StringMatching(`[ab.]{0,2}`).Draw(t, "key")
			value := rapid.StringMatching(`[a-c"]{0,6}`).Draw(t, "value")
			isTag := rapid.Bool().Draw(t, "is a tag")
			if isTag {
				s.AddTag([]byte(key), []byte(value))
			} else {
				s.Add(key, []byte(value))
			}
			if key == "" || isTag && value == "" {
				continue
			}
			name := string(label.AppendKey(nil, []byte(key), label.ReservedInObservers))
			if isTag && lastIsTag[name] {
				wantOverridden++
			}
			values[name] = string(s.Values.Append(nil, []byte(value)))
			lastIsTag[name] = isTag
		}
		text, utf8, overridden := s.Render(nil)
		var want []string
		for _, name := range slices.Sorted(maps.Keys(values)) {
			if values[name] != "" {
				want = append(want, fmt.Sprintf(`%s="%s"`, name, values[name]))
			}
		}
		if got := string(text); got != strings.Join(want, ",") || overridden != wantOverridden {
			t.Fatalf("%s, %d overridden, want %s, %d", got, overridden, strings.Join(want, ","), wantOverridden)
		}
		if !s.UTF8 && utf8 != nil {
			t.Fatalf("names as sent: %s, want none", utf8)
		}
		if _, err := label.ParseText(string(utf8)); err != nil {
			t.Fatalf("%s: %v", utf8, err)
		}
	})
}

// Values can be replaced when it is known which label has them.
func TestSanitizerReplaces(t *testing.T) {
	s := label.Sanitizer{Values: label.Values{MaxRunes: 10}}
	s.AddTag([]byte("user"), []byte("alice"))
	s.AddTag([]byte("user"), []byte("bob"))
	s.AddTag([]byte("code"), []byte("200"))
	text, _, overridden := s.Render(func(name, value []byte) []byte {
		if string(name) == "user" && string(value) == "bob" {
			return []byte("other")
		}
		return value
	})
	if got, want := string(text), `code="200",user="other"`; got != want || overridden != 1 {
		t.Errorf("%s, %d overridden, want %s, 1", got, overridden, want)
	}
}

// In memory that it has, a Sanitizer allocates nothing.
func TestSanitizerAllocatesNothing(t *testing.T) {
	s := label.Sanitizer{Values: label.Values{MaxRunes: 10}}
	key, value := []byte("http.method"), []byte("GET")
	if n := testing.AllocsPerRun(100, func() {
		s.Reset()
		s.AddTag(key, value)
		s.AddTag(value, nil)
		s.Render(nil)
	}); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}
