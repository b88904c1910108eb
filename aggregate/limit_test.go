package aggregate_test

import (
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"weir/aggregate"
	"weir/protocol"
)

func folding(perMetric, total int) func(*aggregate.Options) {
	return func(o *aggregate.Options) {
		o.Limits = aggregate.Limits{
			MaxSeriesPerMetric: perMetric, MaxTotalSeries: total, OverflowAction: aggregate.OverflowFold,
		}
	}
}

// total returns the sum over the series of a family, and their number.
func total(r *aggregate.Registry, name string) (sum float64, series int) {
	for _, f := range r.Snapshot().Families {
		if f.Name() != name {
			continue
		}
		for _, s := range f.Series {
			sum += value(r, name+"{"+s.Labels().Text()+"}")
			series++
		}
	}
	return sum, series
}

// Totals stay right beyond the limit, which holds with the series that the others are folded into.
func TestFoldKeepsTotals(t *testing.T) {
	r := newRegistry(folding(10, 1000))
	shards := []*aggregate.Shard{r.NewShard(), r.NewShard()}
	const n = 500
	for round := range 2 {
		for i := range n {
			shard := shards[(i+round)%2]
			tag := fmt.Sprintf("#user:%d,host:a", i)
			if got := line(t, shard, "c:2|c|"+tag+"\nh:1|h|"+tag+"\ns:m"+fmt.Sprint(i)+"|s|"+tag); got != "  " {
				t.Fatalf("record: %q", got)
			}
		}
	}
	for name, want := range map[string]float64{"c": 2 * 2 * n, "h": 2 * n, "s": n} {
		sum, series := total(r, name)
		if sum != want || series != 10 {
			t.Errorf("%s: %v in %d series, want %v in 10", name, sum, series, want)
		}
	}
	if got := value(r, `c{weir_overflow="true"}`); got != 2*2*(n-9) {
		t.Errorf("folded %v, want %v", got, 2*2*(n-9))
	}
	for _, o := range r.Overflows() {
		if o.Samples != 2*(n-9) || o.Limit != protocol.ReasonSeriesPerMetric {
			t.Errorf("%+v, want %d samples of max_series_per_metric", o, 2*(n-9))
		}
	}
	if got := float64(r.Stats().SeriesRefused); math.Abs(got-3*(n-9)) > 0.02*3*n {
		t.Errorf("about %v distinct series were folded, want %d", got, 3*(n-9))
	}
}

// Gauges have no total: they are refused.
func TestFoldRefusesGauges(t *testing.T) {
	r := newRegistry(folding(2, 1000))
	shard := r.NewShard()
	if got := line(t, shard, "g:1|g|#a:1\ng:1|g|#a:2\ng:1|g|#a:3"); got != "  max_series_per_metric" {
		t.Errorf("record: %q, want the third refused", got)
	}
}

// A new family needs two places; without them it is refused, and the total is exact.
func TestFoldWithinTotal(t *testing.T) {
	r := newRegistry(folding(100, 5))
	shard := r.NewShard()
	for _, c := range []struct{ sent, want string }{
		{"a:1|c|#x:1", ""},
		{"b:1|c|#x:1", ""}, // four places with the kept ones
		{"a:1|c|#x:2", ""},
		{"a:1|c|#x:3", ""}, // folded
		{"c:1|c", "max_total_series"},
		{"g:1|g", "max_total_series"},
		{"b:1|c|#x:2", ""},                // folded
		{"a:1|c|#weir_overflow:true", ""}, // as if folded
	} {
		if got := line(t, shard, c.sent); got != c.want {
			t.Errorf("%q: %q, want %q", c.sent, got, c.want)
		}
	}
	if got := r.Stats().Series; got != 5 {
		t.Errorf("%d series, want 5", got)
	}
	if a, b := value(r, `a{weir_overflow="true"}`), value(r, `b{weir_overflow="true"}`); a != 2 || b != 1 {
		t.Errorf("folded %v and %v, want 2 and 1", a, b)
	}
}

// Places of families that expired, with the one that is kept, come back.
func TestFoldPlacesComeBack(t *testing.T) {
	r := newRegistry(func(o *aggregate.Options) {
		folding(2, 4)(o)
		o.Series.TTL = 10 * time.Second
	})
	start := time.Unix(1_800_000_000, 0)
	for i := range 20 {
		r.Tick(start.Add(time.Duration(i) * time.Minute))
		r.Sweep()
		shard := r.NewShard()
		name := fmt.Sprint("n", i)
		if got := line(t, shard, name+":1|c|#a:1\n"+name+":1|c|#a:2\n"+name+":1|c|#a:3\nother:1|h"); got != "   " {
			t.Fatalf("round %d: %q", i, got)
		}
		if sum, series := total(r, name); sum != 3 || series != 2 {
			t.Fatalf("round %d: %v in %d series, want 3 in 2", i, sum, series)
		}
	}
}

func TestFoldUnderConcurrency(t *testing.T) {
	r := newRegistry(folding(30, 100))
	var writing sync.WaitGroup
	for range 4 {
		shard := r.NewShard()
		writing.Go(func() {
			for i := range 2000 {
				shard.Record(&protocol.Sample{
					Name: fmt.Append(nil, "m", i%5), Tags: fmt.Appendf(nil, "i:%d", i), Value: 1, Rate: 1,
				})
			}
		})
	}
	writing.Wait()
	if got := r.Stats().Series; got > 100 {
		t.Errorf("%d series, want at most 100", got)
	}
	sum := 0.0
	for i := range 5 {
		s, series := total(r, fmt.Sprint("m", i))
		if series > 30 {
			t.Errorf("m%d has %d series, want at most 30", i, series)
		}
		sum += s
	}
	if sum != 4*2000 {
		t.Errorf("the total is %v, want %d", sum, 4*2000)
	}
}

// The metrics with most refused samples are listed, and no count falls when others push in.
func TestOverflowsListsMost(t *testing.T) {
	r := newRegistry(func(o *aggregate.Options) { o.Limits.MaxTotalSeries = 1 })
	shard := r.NewShard()
	line(t, shard, "kept:1|c")
	refuse := func(name string, times int) {
		for range times {
			line(t, shard, name+":1|c")
		}
	}
	sums, other := map[string]uint64{}, uint64(0)
	check := func(want uint64) {
		t.Helper()
		listed := r.Overflows()
		sum := uint64(0)
		for _, o := range listed {
			sum += o.Samples
			if o.Metric == aggregate.OverflowOther {
				if o.Samples < other {
					t.Errorf("other fell from %d to %d", other, o.Samples)
				}
				other = o.Samples
			} else if o.Samples < sums[o.Metric] {
				t.Errorf("%s fell from %d to %d", o.Metric, sums[o.Metric], o.Samples)
			}
		}
		if sum != want || len(listed) > 101 {
			t.Errorf("%d samples of %d metrics, want %d of at most 101", sum, len(listed), want)
		}
	}
	for i := range 1500 {
		refuse(fmt.Sprint("small", i), 1)
	}
	check(1500)
	refuse("big", 50) // not counted by itself: there are too many names
	check(1550)
	refuse("small700", 50)
	check(1600)
	if got := r.Overflows()[0]; got.Metric != "small700" || got.Samples != 0 {
		t.Errorf("first is %+v, want small700, with what came before under other", got)
	}
	refuse("small700", 5)
	check(1605)
	if got := r.Overflows()[0]; got.Samples != 5 || got.Limit != protocol.ReasonTotalSeries {
		t.Errorf("first is %+v, want 5 more samples of max_total_series", got)
	}
}

func TestExploding(t *testing.T) {
	r := newRegistry(nil)
	shard := r.NewShard()
	for i := range 50 {
		line(t, shard, fmt.Sprintf(`x:1|c|#host:h%d,user:"u\%d,env:prod`, i%5, i))
	}
	line(t, shard, "y:1|c\nz:1|c|#only:1")
	for metric, want := range map[string]string{
		"x": "user 50", "y": " 0", "z": "only 1", "no such": "user 50",
	} {
		label, values := r.HighestCardinalityLabel(metric)
		if got := fmt.Sprint(label, " ", values); got != want {
			t.Errorf("HighestCardinalityLabel(%q) = %q, want %q", metric, got, want)
		}
	}
}

func TestConflictNamesBothTypes(t *testing.T) {
	r := newRegistry(nil, "reserved")
	shard := r.NewShard()
	line(t, shard, "c:1|c\nh:1|h\nx.sum:1|g")
	for sent, want := range map[string]string{
		"c:1|g": "c is a counter; a gauge was sent", "h:1|c": "h is a histogram; a counter was sent",
		"h_sum:1|s": "h is a histogram; a gauge was sent", "x:1|ms": "x_sum is a gauge; a histogram was sent",
		"c:1|c": "", "reserved:1|c": "",
	} {
		d := protocol.Decoder{}
		d.Reset([]byte(sent))
		d.Next()
		sample, err := d.Sample()
		if err != nil {
			t.Fatal(err)
		}
		reason := shard.Record(sample)
		if got := shard.Conflict(sample); got != want || (reason == protocol.ReasonTypeConflict) != (want != "") {
			t.Errorf("%q: %v, %q, want %q", sent, reason, got, want)
		}
	}
}

// A summary protects its suffixes, and may have what it does not use.
func TestSummarySuffixes(t *testing.T) {
	r := newRegistry(func(o *aggregate.Options) { o.Timers.Observer = aggregate.ObserverSummary })
	shard := r.NewShard()
	got := strings.Split(line(t, shard, "x:1|ms\nx_sum:1|c\nx_count:1|g\nx_bucket:1|c\ny_count:1|c\ny:1|h"), " ")
	want := []string{"", "type_conflict", "type_conflict", "", "", "type_conflict"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestGaugesAcrossShards: no delta is lost, and the last set wins, whoever sends.
func TestGaugesAcrossShards(t *testing.T) {
	r := newRegistry(nil)
	const writers, deltas = 8, 5000
	set := func(shard *aggregate.Shard, value float64, relative bool) {
		shard.Record(&protocol.Sample{
			Name: []byte("g"), Value: value, Rate: 1, Kind: protocol.KindGauge, Relative: relative,
		})
	}
	main := r.NewShard()
	for round := range 10 {
		base := float64(1000 * round)
		set(main, base, false)
		var writing sync.WaitGroup
		for w := range writers {
			shard := r.NewShard()
			writing.Go(func() {
				for i := range deltas {
					set(shard, float64(w+1), true)
					if i%2 == 1 {
						set(shard, -float64(w+1)/2, true)
					}
				}
			})
		}
		writing.Wait()
		want := base
		for w := range writers {
			want += float64(w+1) * (deltas - deltas/4.0)
		}
		if got := value(r, "g"); got != want {
			t.Fatalf("round %d: g = %v, want %v", round, got, want)
		}
	}
}
