package self_test

import (
	"slices"
	"strings"
	"testing"

	"weir/cmd/weir/self"
	"weir/config"
)

// Second names are reserved, also those of families that have no series yet, and those of buckets.
func TestSecondNamesAreReserved(t *testing.T) {
	c := config.Default()
	c.Expose.Self.AliasPrefix = "x_"
	names, err := self.Names(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"x_cardinality_overflow_total", "x_series_count", "x_scrape_size_bytes_bucket", "x_scrape_duration_seconds_sum",
	} {
		if !slices.Contains(names, want) {
			t.Errorf("%s is not reserved", want)
		}
	}
	m := newMetrics(t, c, nil)
	families, err := m.Gatherer().Gather()
	if err != nil {
		t.Fatal(err)
	}
	for i := 1; i < len(families); i++ {
		if families[i-1].GetName() >= families[i].GetName() {
			t.Errorf("%s comes before %s", families[i-1].GetName(), families[i].GetName())
		}
	}
}

// No prefix that is allowed gives a name to two families.
func TestSecondNamesAreFree(t *testing.T) {
	c := config.Default()
	c.Compat = true
	taken, err := self.Names(c)
	if err != nil {
		t.Fatal(err)
	}
	c.Expose.Self.AliasPrefix = "x_"
	all, err := self.Names(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range all {
		end, isSecond := strings.CutPrefix(name, "x_")
		for _, other := range taken {
			prefix, clashes := strings.CutSuffix(other, end)
			if !isSecond || !clashes {
				continue
			}
			if c.Expose.Self.AliasPrefix = prefix; prefix != "" && c.Validate() == nil {
				t.Errorf("the prefix %q is allowed: it gives the name of %s to two families", prefix, other)
			}
		}
	}
}
