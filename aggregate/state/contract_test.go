//go:build !race

package state_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"weir/aggregate"
)

// TestOfferedAllocatesNothing holds that a scrape of series that changed writes them into the journal without allocating.
func TestOfferedAllocatesNothing(t *testing.T) {
	l, _ := begin(t, filepath.Join(t.TempDir(), "state"), nil)
	defer l.kill()
	lines := make([]string, 50)
	for i := range lines {
		lines[i] = fmt.Sprintf("hits:1|c|#a:%d", i)
	}
	values := aggregate.Values{CreatedAsZero: true}
	round := func(offer bool) float64 {
		return testing.AllocsPerRun(20, func() {
			for _, line := range lines {
				l.record(t, 0, line)
			}
			f := l.registry.Snapshot().Families[0]
			values.Reset()
			values.Read(f.Family, f.Series)
			if offer {
				l.registry.Offered(&values)
			}
		})
	}
	l.record(t, 0, lines[0])
	round(true) // creates
	if without, with := round(false), round(true); with > without {
		t.Errorf("%v allocations with a journal, %v without", with, without)
	}
}
