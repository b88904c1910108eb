package glob_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weir/internal/glob"
)

func TestGlob(t *testing.T) {
	text := rapid.StringMatching(`[ab.]{0,8}`)
	rapid.Check(t, func(t *rapid.T) {
		pattern, text := rapid.StringMatching(`[ab.*?]{0,8}`).Draw(t, "glob"), text.Draw(t, "text")
		expression := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(pattern))
		want := regexp.MustCompile(`\A` + expression + `\z`).MatchString(text)
		if got := glob.Match(pattern, text); got != want {
			t.Fatalf("%q matches %q: %v, want %v", pattern, text, got, want)
		}
	})
	pattern, long := strings.Repeat("*a", 100)+"b", strings.Repeat("a", 100_000)
	began := time.Now()
	if glob.Match(pattern, long) {
		t.Errorf("%q matches", pattern)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("a bad glob took %v", took)
	}
}

// Names and bytes of names match alike, and only wildcards make a glob.
func TestBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pattern, text := rapid.StringMatching(`[ab*?]{0,6}`).Draw(t, "glob"), rapid.StringMatching(`[ab]{0,8}`).Draw(t, "text")
		if glob.Match(pattern, []byte(text)) != glob.Match(pattern, text) {
			t.Errorf("%q and %q", pattern, text)
		}
		if hasWildcard := strings.Contains(pattern, "*") || strings.Contains(pattern, "?"); glob.Is(pattern) != hasWildcard {
			t.Errorf("%q is a glob: %v", pattern, glob.Is(pattern))
		}
	})
}

func ExampleMatch() {
	fmt.Println(glob.Match("checkout.*.time", "checkout.pay.time"), glob.Match("checkout.?", "checkout.pay"))
	// Output: true false
}
