package yamlfile_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"weir/internal/yamlfile"
)

func TestSuggest(t *testing.T) {
	f := func(name, want string) {
		t.Helper()
		if got := yamlfile.Suggest(name, []string{"ttl", "max_age", "buckets", "observer_type"}); got != want {
			t.Errorf("Suggest(%q) = %q, want %q", name, got, want)
		}
	}
	f("tlt", "did you mean ttl?") // neighbours swapped are one mistake
	f("tt", "did you mean ttl?")
	f("maxage", "did you mean max_age?")
	f("bukets", "did you mean buckets?")
	f("observer-type", "did you mean observer_type?")
	f("Buckets", "did you mean buckets?")
	f("quantiles", "want one of ttl, max_age, buckets, observer_type")
	f("", "want one of ttl, max_age, buckets, observer_type")
}

// A name that differs from one of the names by a single slip is found again, unless another is as near.
func TestNearestFindsASlip(t *testing.T) {
	names := []string{"receive_buffer", "max_connections", "idle_timeout", "overflow_action", "required_scope"}
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.SampledFrom(names).Draw(t, "name")
		at := rapid.IntRange(0, len(want)-2).Draw(t, "at")
		letter := rapid.StringMatching("[a-z]").Draw(t, "letter")
		slips := []string{
			want[:at] + want[at+1:],                                            // one left out
			want[:at] + letter + want[at:],                                     // one too many
			want[:at] + letter + want[at+1:],                                   // another one
			want[:at] + want[at+1:at+2] + want[at:at+1] + want[at+2:],          // two swapped
			want[:at] + want[at+1:at+2] + want[at:at+1] + want[at+2:] + letter, // two slips in a long name
		}
		for _, slip := range slips {
			if got := yamlfile.Nearest(slip, names); got != want {
				t.Fatalf("Nearest(%q) = %q, want %q", slip, got, want)
			}
		}
	})
}

// The nearest name is one of the names or none; it is the name itself when that is among them.
func TestNearest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOf(rapid.StringMatching("[ab]{0,6}")).Draw(t, "names")
		name := rapid.StringMatching("[ab]{0,6}").Draw(t, "name")
		got := yamlfile.Nearest(name, names)
		if got != "" && !slices.Contains(names, got) {
			t.Fatalf("Nearest(%q, %q) = %q, which is none of them", name, names, got)
		}
		if slices.Contains(names, name) && got != name {
			t.Fatalf("Nearest(%q, %q) = %q, want the name itself", name, names, got)
		}
	})
}
