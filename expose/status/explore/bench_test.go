package explore_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"weir/aggregate"
	"weir/expose/status/explore"
	"weir/expose/status/wire"
	"weir/protocol"
)

// million returns a registry with so many series in families of 10,000, as the limit of a metric has it.
func million(t testing.TB, series, perFamily int) *aggregate.Registry {
	t.Helper()
	o := aggregate.DefaultOptions()
	o.Limits.MaxTotalSeries, o.Limits.MaxSeriesPerMetric = series, perFamily
	r := aggregate.New(o)
	s := r.NewShard()
	var name, tags []byte
	for i := range series {
		name = fmt.Appendf(name[:0], "app.requests.%d", i/perFamily)
		tags = fmt.Appendf(tags[:0], "host:h%d,path:/a/%d,user:u%d", i%100, i%1000, i)
		m := protocol.Sample{Kind: protocol.KindCounter, Name: name, Tags: tags, Value: 1, Rate: 1}
		if reason := s.Record(&m); reason != protocol.ReasonNone {
			t.Fatal(reason)
		}
	}
	r.Snapshot()
	return r
}

// Answers on 1,000,000 series: the slowest one in a hundred must be under 100 ms.
//
//	go test ./expose/status/explore -run '^$' -bench Million -benchtime 100x
func BenchmarkMillion(b *testing.B) {
	for _, perFamily := range []int{10_000, 1} {
		r := million(b, 1_000_000, perFamily)
		r.Tick(time.Now().Add(time.Hour)) // nothing was seen just now: the slowest case
		e := explore.New(explore.Source{Registry: r})
		if _, err := e.TSDB(0); err != nil { // the first survey
			b.Fatal(err)
		}
		for name, ask := range map[string]func() error{
			"families/name":   func() error { _, err := e.Families(wire.FamiliesQuery{}); return err },
			"families/match":  func() error { _, err := e.Families(wire.FamiliesQuery{Match: "quests.99"}); return err },
			"families/series": func() error { _, err := e.Families(wire.FamiliesQuery{Sort: "series"}); return err },
			"families/bytes":  func() error { _, err := e.Families(wire.FamiliesQuery{Sort: "bytes"}); return err },
			"families/new":    func() error { _, err := e.Families(wire.FamiliesQuery{Sort: "new"}); return err },
			"families/rate":   func() error { _, err := e.Families(wire.FamiliesQuery{Sort: "rate"}); return err },
			"family":          func() error { _, err := e.Family(wire.FamilyQuery{Name: "app_requests_7"}); return err },
			"series/one":      func() error { _, err := e.Series(wire.SeriesQuery{Match: `{user="u999999"}`}); return err },
			"series/regexp":   func() error { _, err := e.Series(wire.SeriesQuery{Match: `{user=~".*77.*9",path!~".*1"}`}); return err },
			"labels":          func() error { _, err := e.Labels(wire.LabelsQuery{}); return err },
			"tsdb":            func() error { _, err := e.TSDB(0); return err },
		} {
			b.Run(fmt.Sprintf("families=%d/%s", 1_000_000/perFamily, name), func(b *testing.B) {
				var took []time.Duration
				for b.Loop() {
					began := time.Now()
					if err := ask(); err != nil {
						b.Fatal(err)
					}
					took = append(took, time.Since(began))
				}
				slices.Sort(took)
				b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
			})
		}
	}
}
