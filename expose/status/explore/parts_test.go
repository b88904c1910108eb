package explore_test

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"weir/expose/status/explore"
	"weir/expose/status/wire"
)

func Example() {
	f := newFixture(nil)
	for i := range 3 {
		_ = f.shard.Record(sample(&testing.T{}, fmt.Sprintf("checkout.requests:2|c|#user:u%d", i)))
	}
	families, err := f.Families(wire.FamiliesQuery{Match: "check*"})
	fmt.Println(families.Families[0].Name, families.Families[0].Series, families.Families[0].Names, err)
	detail, err := f.Family(wire.FamilyQuery{Name: "checkout_requests", Limit: 1})
	fmt.Print(detail.Exposed)
	fmt.Println(detail.Why[0], detail.PromQL[0].Query, err)
	// Output:
	// checkout_requests 3 [checkout.requests] <nil>
	// # HELP checkout_requests StatsD counter.
	// # TYPE checkout_requests counter
	// checkout_requests{user="u0"} 2
	// sent as checkout.requests sum(rate(checkout_requests[5m])) <nil>
}

func TestTop(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		keys := rapid.MapOf(rapid.StringMatching(`[a-d]{1,3}`), rapid.Custom(func(t *rapid.T) float64 {
			return float64(rapid.IntRange(-1, 3).Draw(t, "key"))
		})).Draw(t, "keys")
		most := rapid.IntRange(1, 10).Draw(t, "most")
		var want []string
		for name := range keys {
			want = append(want, name)
		}
		slices.SortFunc(want, func(a, b string) int {
			return cmp.Or(cmp.Compare(keys[b], keys[a]), strings.Compare(a, b))
		})
		got, more := explore.Top(keys, most)
		if !slices.Equal(got, want[:min(len(want), most)]) || more != (len(want) > most) {
			t.Fatalf("%v, %v, want the first %d of %v", got, more, most, want)
		}
	})
}

// Values that very many series have are found among any number of others.
func TestFrequent(t *testing.T) {
	var values []string
	for i := range 300_000 {
		values = append(values, fmt.Sprint("once", i))
		if i%3 == 0 {
			values = append(values, "often")
		}
		if i%6 == 0 {
			values = append(values, "sometimes")
		}
	}
	got := explore.Frequent(values, 2)
	for value, want := range map[string]int{"often": 100_000, "sometimes": 50_000} {
		if n := got[value]; n > want || n < want-20 {
			t.Errorf("%s: %d, want %d", value, n, want)
		}
	}
	few := explore.Frequent([]string{"a", "b", "a"}, 5)
	if few["a"] != 2 || few["b"] != 1 || len(few) != 2 {
		t.Errorf("few: %v", few)
	}
}

func TestCountDistinct(t *testing.T) {
	for _, n := range []int{0, 1, 100, 65_536, 200_000} {
		var values []string
		for i := range n {
			values = append(values, fmt.Sprint(i), fmt.Sprint(i/2))
		}
		got, most := explore.CountDistinct(values), 0.0
		if n > 65_536 {
			most = 0.04 * float64(n)
		}
		if math.Abs(float64(got-n)) > most {
			t.Errorf("%d values are counted as %d", n, got)
		}
	}
}

// Readers ask beside a shard that writes, and somebody who deletes.
func TestBesideWriters(t *testing.T) {
	f := newFixture(nil)
	f.rates = rates{"a0": 1}
	var readers sync.WaitGroup
	stop := make(chan struct{})
	for reader := range 3 {
		readers.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				_, err := f.Families(wire.FamiliesQuery{Sort: wire.FamilySorts[i%len(wire.FamilySorts)], Limit: 3})
				_, seriesErr := f.Series(wire.SeriesQuery{Match: `{i=~"3.*"}`, Limit: 5})
				_, labelsErr := f.Labels(wire.LabelsQuery{})
				tsdb, tsdbErr := f.TSDB(3)
				if err != nil || seriesErr != nil || labelsErr != nil || tsdbErr != nil || tsdb.HeadStats.NumSeries > 501 {
					t.Errorf("%v, %v, %v", err, seriesErr, labelsErr)
					return
				}
				_, _ = f.Family(wire.FamilyQuery{Name: "a1", Format: wire.Formats[i%3]})
				if reader == 0 {
					_, _ = f.Delete(wire.DeleteQuery{Match: []string{fmt.Sprintf(`a2{i="%d"}`, i%100)}})
				}
			}
		})
	}
	for i := range 20_000 {
		f.record(t, fmt.Sprintf("a%d:1|c|#i:%d", i%5, i%100), "h:1|ms")
	}
	close(stop)
	readers.Wait()
}
