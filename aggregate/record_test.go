package aggregate_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"weir/aggregate"
	"weir/protocol"
)

// line records every sample of one line and returns the reasons, "" for a recorded sample.
func line(t *testing.T, shard *aggregate.Shard, text string) string {
	t.Helper()
	reasons, err := recordLine(shard, text)
	if err != nil {
		t.Fatalf("decode %q: %v", text, err)
	}
	return reasons
}

func recordLine(shard *aggregate.Shard, text string) (string, error) {
	var d protocol.Decoder
	d.Reset([]byte(text))
	var reasons []string
	for d.Next() {
		for {
			sample, err := d.Sample()
			if sample == nil && err == nil {
				break
			}
			if err != nil {
				return "", err
			}
			reason := ""
			if r := shard.Record(sample); r != protocol.ReasonNone {
				reason = r.String()
			}
			reasons = append(reasons, reason)
		}
	}
	return strings.Join(reasons, " "), nil
}

func newRegistry(change func(*aggregate.Options), reserved ...string) *aggregate.Registry {
	o := aggregate.DefaultOptions()
	if change != nil {
		change(&o)
	}
	return aggregate.New(o, reserved...)
}

// value returns the value of the series `name` or `name{labels}`, NaN without such a series.
func value(r *aggregate.Registry, series string) float64 {
	name, labels, _ := strings.Cut(strings.TrimSuffix(series, "}"), "{")
	for _, f := range r.Snapshot().Families {
		for _, s := range f.Series {
			if f.Name() == name && s.Labels().Text() == labels {
				if f.Type() == aggregate.TypeHistogram || f.Type() == aggregate.TypeSummary {
					var o aggregate.Observations
					s.Observe(&o)
					return float64(o.Count)
				}
				return s.Value()
			}
		}
	}
	return math.NaN()
}

func TestRecord_Success(t *testing.T) {
	f := func(lines, series string, want float64) {
		t.Helper()
		r := newRegistry(nil)
		if got := strings.TrimSpace(line(t, r.NewShard(), lines)); got != "" {
			t.Errorf("record %q: rejected: %s", lines, got)
		}
		if got := value(r, series); got != want {
			t.Errorf("after %q: %s = %v, want %v", lines, series, got, want)
		}
	}
	f("hits:1|c", "hits", 1)
	f("hits:1|c\nhits:2.5|c", "hits", 3.5)
	f("hits:0|c", "hits", 0)
	f("hits:-0|c", "hits", 0)
	f("hits:1|c|@0.1", "hits", 10)
	f("hits:3|c|@0.5", "hits", 6)
	f("hits:1|c|#b:2,a:1\nhits:1|c|#a:1,b:2", `hits{a="1",b="2"}`, 2)
	f("web.hits:1|c\nweb_hits:1|c", "web_hits", 2)
	f("web---hits:1|c\nweb-hits:1|c", "web_hits", 2)
	f("web-.--hits:1|c|#a--b:1", `web___hits{a_b="1"}`, 1)
	f("--hits-[a=1]-:1|c", `_hits_{a="1"}`, 1)
	f("hits:1|c|#bare", `hits{bare="true"}`, 1)
	f("hits:1|c|#empty:", "hits", 1)
	f("hits:1|c|#a:1,a:2", `hits{a="2"}`, 1)
	f("hits:1|c|#a:1,a:2,a:", `hits{a="2"}`, 1)
	f("hits:1|c|#a.b:1,a-b:2", `hits{a_b="2"}`, 1)

	f("depth:5|g", "depth", 5)
	f("depth:5|g\ndepth:7|g", "depth", 7)
	f("depth:5|g\ndepth:+3|g\ndepth:-1|g", "depth", 7)
	f("depth:-4|g", "depth", -4)
	f("depth:5|g|@0.1", "depth", 5)
	f("depth:inf|g", "depth", math.Inf(1))

	f("size:3|h", "size", 1)
	f("size:3|h|@0.5", "size", 2)
	f("time:3|ms|@0.1", "time", 10)
	f("time:1:2:3|ms", "time", 3)
	f("time:1|ms\ntime:1|h\ntime:1|d", "time", 3)
	f("size:inf|d", "size", 1)

	f("users:a|s\nusers:b|s\nusers:a|s", "users", 2)
	f("users:a:b|s", "users", 1)
}

func TestRecord_Failure(t *testing.T) {
	f := func(before, last string, want protocol.Reason) {
		t.Helper()
		r := newRegistry(func(o *aggregate.Options) { o.Limits.MaxSeriesPerMetric = 2; o.Limits.MaxTotalSeries = 3 },
			"weir_series", "go_gc_sum")
		shard := r.NewShard()
		if got := strings.TrimSpace(line(t, shard, before)); got != "" {
			t.Fatalf("record %q: rejected: %s", before, got)
		}
		if got := line(t, shard, last); got != want.String() {
			t.Errorf("record %q after %q: %q, want %q", last, before, got, want)
		}
		if got := line(t, shard, last); got != want.String() {
			t.Errorf("record %q again: %q, want %q", last, got, want)
		}
	}
	f("", "hits:-1|c", protocol.ReasonNegativeCounter)
	f("", "hits:-inf|c", protocol.ReasonNegativeCounter)
	f("", "hits:nan|c", protocol.ReasonNaN)
	f("", "hits:inf|c", protocol.ReasonInfiniteCounter)
	f("", "hits:1e308|c|@0.1", protocol.ReasonInfiniteCounter)
	f("hits:1e308|c", "hits:1e308|c", protocol.ReasonInfiniteCounter)
	f("", "depth:nan|g", protocol.ReasonNaN)
	f("depth:inf|g", "depth:-inf|g", protocol.ReasonNaN)
	f("", "time:nan|ms", protocol.ReasonNaN)
	f("size:inf|h", "size:-inf|h", protocol.ReasonNaN)

	f("x:1|c", "x:1|g", protocol.ReasonTypeConflict)
	f("x:1|g", "x:1|s", protocol.ReasonTypeConflict)
	f("x:1|s", "x:1|ms", protocol.ReasonTypeConflict)
	f("x:1|ms", "x_count:1|c", protocol.ReasonTypeConflict)
	f("x:1|ms", "x_bucket:1|g", protocol.ReasonTypeConflict)
	f("x.sum:1|c", "x:1|ms", protocol.ReasonTypeConflict)
	f("x_sum:1|ms", "x:1|ms", protocol.ReasonTypeConflict)
	f("", "weir.series:1|g", protocol.ReasonReservedName)
	f("", "go_gc:1|ms", protocol.ReasonReservedName)

	f("x:1|c|#a:1\nx:1|c|#a:2", "x:1|c|#a:3", protocol.ReasonSeriesPerMetric)
	f("x:1|c|#a:1\nx:1|c|#a:2\ny:1|c", "z:1|c", protocol.ReasonTotalSeries)
}

func TestRecordRejectedLeavesValue(t *testing.T) {
	r := newRegistry(nil)
	shard := r.NewShard()
	line(t, shard, "hits:5|c\nhits:-1|c\nhits:nan|c\nhits:inf|c\ndepth:inf|g\ndepth:-inf|g\nsize:1|h\nsize:nan|h")
	for series, want := range map[string]float64{"hits": 5, "depth": math.Inf(1), "size": 1} {
		if got := value(r, series); got != want {
			t.Errorf("%s = %v, want %v", series, got, want)
		}
	}
	if got := r.Stats().GaugesInfinite; got != 2 {
		t.Errorf("GaugesInfinite = %d, want 2", got)
	}
	if got := r.Stats().GaugeInfinite; got != "depth" {
		t.Errorf("GaugeInfinite = %q, want depth", got)
	}
}

func TestSanitizeNamesAndLabels(t *testing.T) {
	f := func(sent, want string) {
		t.Helper()
		r := newRegistry(func(o *aggregate.Options) { o.Sanitize.LabelValueMaxLength = 8 })
		line(t, r.NewShard(), sent)
		if got := value(r, want); got != 1 {
			var have []string
			for _, f := range r.Snapshot().Families {
				for _, s := range f.Series {
					have = append(have, f.Name()+"{"+s.Labels().Text()+"}")
				}
			}
			t.Errorf("%q gave %q, want %s", sent, have, want)
		}
	}
	f("a.b-c/d e:1|c", "a_b_c_d_e")
	f("9lives:1|c", "_9lives")
	f("ünï:1|c", "_n_")
	f("日本:1|c", "__")
	f("\xff\xfe:1|c", "__")
	f("x\x00y:1|c", "x_y")

	f("x:1|c|#le:1", `x{le="1"}`)
	f("x:1|m|#quantile:1", `x{quantile="1"}`)
	f("x:1|g|#quantile:1,le:2", `x{le="2",quantile="1"}`)
	f("x:1|s|#le:1", `x{le="1"}`)
	f("_sc|x|1|#le:1", `weir_service_check_status{check="x",le="1"}`)
	f("x:1|ms|#le:1,quantile:2", `x{exported_le="1",exported_quantile="2"}`)
	f("x:1|c|#__name__:y", `x{exported___name__="y"}`)
	f("x:1|c|#--y:1", `x{_y="1"}`)
	f("x:1|c|#-.y:1", `x{exported___y="1"}`)
	f("x:1|c|#_y:1", `x{_y="1"}`)
	f("x:1|c|#9:1", `x{_9="1"}`)
	f("x:1|c|#a.b:1", `x{a_b="1"}`)
	f("x:1|c|#:1", "x")
	f("x:1|c|#a:1:2", `x{a="1:2"}`)

	f("x:1|c|#a:12345678", `x{a="12345678"}`)
	f("x:1|c|#a:123456789", `x{a="12345678..."}`)
	f("x:1|c|#a:日本日本日本日本日", `x{a="日本日本日本日本..."}`)
	f("x:1|c|#a:日本", `x{a="日本"}`)
	f("x:1|c|#a:\x01b\x7f\tc", `x{a="bc"}`)
	f("x:1|c|#a:\x01", "x")
	f("x:1|c|#a:b\xffc", "x{a=\"b\ufffdc\"}")
	f(`x:1|c|#a:q"b\n`, `x{a="q\"b\\n"}`)
}

func TestSanitizeWithoutUnicode(t *testing.T) {
	r := newRegistry(func(o *aggregate.Options) { o.Sanitize.AllowUnicode = false })
	line(t, r.NewShard(), "x:1|c|#a:日b\xff")
	if got := value(r, `x{a="?b?"}`); got != 1 {
		t.Errorf(`x{a="?b?"} = %v, want 1`, got)
	}
}

func TestHistogramBuckets(t *testing.T) {
	r := newRegistry(func(o *aggregate.Options) { o.Timers.Buckets = []float64{0.1, 1, 10} })
	line(t, r.NewShard(), "time:100|ms\ntime:101:999:1000:5000:20000|ms\ntime:-5|ms")
	var o aggregate.Observations
	r.Snapshot().Families[0].Series[0].Observe(&o)
	if want := []uint64{2, 5, 6, 7}; !slices.Equal(o.Buckets, want) || o.Count != 7 {
		t.Errorf("cumulative counts = %v of %d, want %v", o.Buckets, o.Count, want)
	}
	if want := 27.195; math.Abs(o.Sum-want) > 1e-9 {
		t.Errorf("sum = %v, want %v", o.Sum, want)
	}
}

// A rate of 0.3 means 3.33 observations: never 3, on average.
func TestSampledObservationsAreUnbiased(t *testing.T) {
	r := newRegistry(nil)
	shard := r.NewShard()
	const n = 30_000
	for range n {
		line(t, shard, "time:1|ms|@0.3")
	}
	// The weight is 3 or 4 with a standard deviation below 0.5, so the mean of n has one below 0.003.
	if mean := value(r, "time") / n; math.Abs(mean-1/0.3) > 0.02 {
		t.Errorf("mean weight at rate 0.3 = %v, want %v", mean, 1/0.3)
	}
}

func TestOverflowAccounting(t *testing.T) {
	r := newRegistry(func(o *aggregate.Options) { o.Limits.MaxTotalSeries = 1 })
	shard := r.NewShard()
	line(t, shard, "kept:1|c")
	for i := range 150 {
		name := "m" + strings.Repeat("x", i)
		line(t, shard, name+":1|c\n"+name+":1|c")
	}
	total, names := uint64(0), 0
	for _, o := range r.Overflows() {
		total += o.Samples
		names++
		if o.Metric == aggregate.OverflowOther && o.Samples != 100 {
			t.Errorf("refusals under %q = %d, want 100", o.Metric, o.Samples)
		}
	}
	if total != 300 || names != 101 {
		t.Errorf("%d refusals under %d names, want 300 under 101", total, names)
	}
	line(t, shard, "kept:1|c")
	if got := value(r, "kept"); got != 2 {
		t.Errorf("the existing series = %v, want 2", got)
	}
	if got := r.Stats(); got.Series != 1 || got.Families != 1 {
		t.Errorf("stats = %+v, want one series of one family", got)
	}
}

func TestSnapshotOrder(t *testing.T) {
	r := newRegistry(nil)
	shard := r.NewShard()
	check := func(want string) {
		t.Helper()
		var got []string
		for _, f := range r.Snapshot().Families {
			for _, s := range f.Series {
				got = append(got, f.Name()+"{"+s.Labels().Text()+"}")
			}
		}
		if joined := strings.Join(got, " "); joined != want {
			t.Errorf("snapshot = %s, want %s", joined, want)
		}
	}
	check("")
	line(t, shard, "b:1|c|#x:2\nb:1|c|#x:1\nc:1|g")
	check(`b{x="1"} b{x="2"} c{}`)
	before := r.Snapshot()
	if r.Snapshot() != before {
		t.Error("a second snapshot was built though no series was created")
	}
	line(t, shard, "a:1|g\nb:1|c\nb:1|c|#x:15\nd:1|ms")
	check(`a{} b{} b{x="1"} b{x="15"} b{x="2"} c{} d{}`)
	if len(before.Families) != 2 || len(before.Families[0].Series) != 2 {
		t.Error("an older snapshot changed")
	}
}
