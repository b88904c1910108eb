package prw_test

import (
	"flag"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/types/known/timestamppb"

	"weir/aggregate"
	"weir/aggregate/label"
	"weir/expose/format/formattest"
	"weir/expose/remote/point"
	"weir/expose/remote/prw"
)

var update = flag.Bool("update", false, "write the golden files")

// start is when the registries of tests begin, and at when they are pushed.
var start = time.Unix(1_900_000_000, 0)

var at = point.Point{At: 1_900_000_015_250, Start: 1_900_000_000_000}

func registryOf(t formattest.T, change func(*aggregate.Options), lines ...string) *aggregate.Registry {
	t.Helper()
	options := aggregate.DefaultOptions()
	options.Timers.Buckets, options.Timers.Quantiles = []float64{0.25, 1, 1e6}, []float64{0.5, 0.99}
	options.Series.ExemplarTags = []string{"trace_id", "a"}
	if change != nil {
		change(&options)
	}
	registry := aggregate.New(options)
	registry.Tick(start)
	formattest.Record(t, registry.NewShard(), lines...)
	return registry
}

func observer(name string) func(*aggregate.Options) {
	return func(o *aggregate.Options) { o.Timers.Observer = name }
}

func labelsOf(t formattest.T, text string) label.Labels {
	t.Helper()
	labels, err := label.Parse(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return labels
}

// add adds all series of a registry: what was read of them, or what p wants instead.
func add(e *prw.Encoder, registry *aggregate.Registry, p point.Point) {
	for _, f := range registry.Snapshot().Families {
		values := aggregate.Values{Native: true}
		values.Read(f.Family, f.Series)
		for i, s := range f.Series {
			all := make([]*aggregate.Exemplar, f.ExemplarPlaces())
			s.Exemplars(all)
			words := values.Of(i)
			if p.What != point.Value {
				words, all = nil, nil
			}
			e.Add(f.Family, s, words, all, p)
			if f.HasNative() {
				e.AddNative(f.Family, s, words, all, p)
			}
		}
	}
}

// encode returns the request of all series of a registry.
func encode(version prw.Version, external label.Labels, registry *aggregate.Registry, p point.Point) []byte {
	e := prw.NewEncoder(version, external)
	add(e, registry, p)
	return e.AppendTo(nil)
}

var versions = []prw.Version{prw.Version1, prw.Version2}

var inf = math.Inf(1)

// TestGolden encodes a sample of each kind in both versions: values, zeros, stale markers, metadata.
func TestGolden(t *testing.T) {
	registry := registryOf(t, func(o *aggregate.Options) { o.Sanitize.Names = aggregate.NamesUTF8 },
		"http.hits_total:3|c|#http.method:get,zone:a,trace_id:abc,a:1", "level:-0.5|g|#Zone:x", "users:u|s|#job:cron", `esc:1|c|#path:C\dir`,
		"wait_seconds:200|ms|#le:x,trace_id:abc", "wait_seconds:5000|ms|#le:x,trace_id:def", "_sc|up|1",
	)
	native := registryOf(t, observer(aggregate.ObserverBoth), "size:4|h|#trace_id:x", "size:-4|h", "size:400|h|#trace_id:y", "size:0|h")
	summary := registryOf(t, observer(aggregate.ObserverSummary), "took:3|h|#zone:a", "took:5|h|#zone:a")
	var b strings.Builder
	for _, version := range versions {
		e := prw.NewEncoder(version, labelsOf(t, `instance="host:9102",job="weir",Region="eu"`))
		for _, p := range []point.Point{at, {At: at.At - 15_000, What: point.Zero}, {At: at.At + 15_000, What: point.Stale}} {
			for _, r := range []*aggregate.Registry{registry, native, summary} {
				add(e, r, p)
			}
		}
		for _, f := range registry.Snapshot().Families {
			e.AddMetadata(f.Family)
		}
		lines := read(t, version, e.AppendTo(nil))
		b.WriteString("# remote write " + version.String() + "\n" + strings.Join(lines, "\n") + "\n")
	}
	const path = "testdata/requests.golden"
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// A label with the name of an external one gets a prefix until it is free, and the labels stay sorted.
func TestExternalLabelsWin(t *testing.T) {
	f := func(version prw.Version, external, line, want string) {
		t.Helper()
		registry := registryOf(t, func(o *aggregate.Options) { o.Sanitize.Names = aggregate.NamesUTF8 }, line)
		got := read(t, version, encode(version, labelsOf(t, external), registry, at))
		if len(got) != 1 || !strings.HasPrefix(got[0], "{"+want+"} 1 @") {
			t.Errorf("%s with %s: %q, want %s", line, external, got, want)
		}
	}
	for _, v := range versions {
		f(v, `job="weir"`, "a:1|c", `__name__="a",job="weir"`)
		f(v, `job="weir"`, "a:1|c|#z:2,job:x,b:1", `__name__="a",b="1",exported_job="x",job="weir",z="2"`)
		f(v, `job="weir"`, "a:1|c|#exported_job:y,job:x",
			`__name__="a",exported_exported_job="x",exported_job="y",job="weir"`)
		f(v, `job="weir",exported_job="z"`, "a:1|c|#exported_job:y,job:x",
			`__name__="a",exported_exported_exported_job="x",exported_exported_job="y",exported_job="z",job="weir"`)
		f(v, `__name__="x",le="1",quantile="2",B="3"`, "a:1|c|#A:x,C:y", `A="x",B="3",C="y",__name__="a"`)
		f(v, `a="1"`, "a:1|c|#le:x", `__name__="a",a="1",le="x"`)
	}
	f(prw.Version1, `a_b="weir"`, "a:1|c|#a.b:x", `__name__="a",a_b="weir",exported_a_b="x"`)
	f(prw.Version2, `a_b="weir"`, "a.b:1|c|#a.b:x,a0:z", `__name__="a.b",a.b="x",a0="z",a_b="weir"`)
	f(prw.Version2, `b="weir"`, "é:1|c|#é:x,a-:z", `__name__="é",a-="z",b="weir",é="x"`) // legacy: _, a_
}

// No value that is read is a stale marker.
func TestNaN(t *testing.T) {
	for _, version := range versions {
		registry := registryOf(t, observer(aggregate.ObserverSummary), "b:1|h")
		registry.Tick(start.Add(time.Hour)) // nothing is in the window: the quantiles are NaN
		got := strings.Join(read(t, version, encode(version, label.Labels{}, registry, at)), "\n")
		if strings.Count(got, "NaN") != 2 || strings.Contains(got, "stale") {
			t.Errorf("%s: %s", version, got)
		}
	}
}

// A start that is not before the sample is none.
func TestStartIsBeforeSample(t *testing.T) {
	registry := registryOf(t, nil, "a:1|c")
	for _, start := range []int64{0, at.At, at.At + 1} {
		got := read(t, prw.Version2, encode(prw.Version2, label.Labels{}, registry, point.Point{At: at.At, Start: start}))
		if strings.Contains(got[0], "since") {
			t.Errorf("start %d: %s", start, got)
		}
	}
}

// Weir's own families have the samples that an exposition shows.
func TestAddSelf(t *testing.T) {
	counter := dto.MetricType_COUNTER
	families := []*dto.MetricFamily{
		{Name: new("c_total"), Help: new("C."), Type: &counter, Unit: new("jobs"), Metric: []*dto.Metric{
			{Counter: &dto.Counter{Value: new(3.0), CreatedTimestamp: timestamppb.New(start.Add(time.Second))}},
			{Counter: &dto.Counter{Value: new(4.0)}, Label: []*dto.LabelPair{{Name: new("a"), Value: new("")}, {Name: new("job"), Value: new(`\"`)}}},
		}},
		{Name: new("g"), Type: dto.MetricType_GAUGE.Enum(), Metric: []*dto.Metric{{Gauge: &dto.Gauge{Value: new(-1.5)}}}},
		{Name: new("h_seconds"), Type: dto.MetricType_HISTOGRAM.Enum(), Metric: []*dto.Metric{{Histogram: &dto.Histogram{
			SampleCount: new(uint64(3)), SampleSum: new(4.5), Bucket: []*dto.Bucket{
				{UpperBound: new(1.0), CumulativeCount: new(uint64(2))},
				{UpperBound: new(inf), CumulativeCount: new(uint64(3))},
			},
		}}}},
		{Name: new("s"), Type: dto.MetricType_SUMMARY.Enum(), Metric: []*dto.Metric{{Summary: &dto.Summary{
			SampleCount: new(uint64(1)), SampleSum: new(2.0), Quantile: []*dto.Quantile{{Quantile: new(0.5), Value: new(2.0)}},
		}}}},
		{Name: new("u"), Type: dto.MetricType_UNTYPED.Enum(), Metric: []*dto.Metric{{Untyped: &dto.Untyped{Value: new(7.0)}}}},
	}
	e := prw.NewEncoder(prw.Version1, labelsOf(t, `job="weir"`))
	two := prw.NewEncoder(prw.Version2, labelsOf(t, `job="weir"`))
	for _, f := range families {
		e.AddSelf(f, at)
		e.AddSelfMetadata(f)
		two.AddSelf(f, at)
		two.AddSelfMetadata(f)
	}
	want := []string{
		`{__name__="c_total",job="weir"} 3 @1900000015250`,
		`{__name__="c_total",exported_job="\\\"",job="weir"} 4 @1900000015250`,
		`{__name__="g",job="weir"} -1.5 @1900000015250`,
		`{__name__="h_seconds_bucket",job="weir",le="1.0"} 2 @1900000015250`,
		`{__name__="h_seconds_bucket",job="weir",le="+Inf"} 3 @1900000015250`,
		`{__name__="h_seconds_sum",job="weir"} 4.5 @1900000015250`,
		`{__name__="h_seconds_count",job="weir"} 3 @1900000015250`,
		`{__name__="s",job="weir",quantile="0.5"} 2 @1900000015250`,
		`{__name__="s_sum",job="weir"} 2 @1900000015250`,
		`{__name__="s_count",job="weir"} 1 @1900000015250`,
		`{__name__="u",job="weir"} 7 @1900000015250`,
		`metadata type=1 name=c_total help="C." unit="jobs"`,
		`metadata type=2 name=g help="" unit=""`,
		`metadata type=3 name=h_seconds help="" unit="seconds"`,
		`metadata type=5 name=s help="" unit=""`,
		`metadata type=0 name=u help="" unit=""`,
	}
	if diff := cmp.Diff(want, read(t, prw.Version1, e.AppendTo(nil))); diff != "" {
		t.Errorf("1.0: -want +got:\n%s", diff)
	}
	got := read(t, prw.Version2, two.AppendTo(nil))
	if len(got) != 11 || e.Samples() != 11 || two.Samples() != 11 {
		t.Fatalf("%d samples, %d and %d: %q", len(got), e.Samples(), two.Samples(), got)
	}
	wantFirst := []string{
		`{__name__="c_total",job="weir"} 3 @1900000015250 since 1900000001000 type=1 help="C." unit="jobs"`,
		`{__name__="c_total",exported_job="\\\"",job="weir"} 4 @1900000015250 since 1900000000000 type=1 help="C." unit="jobs"`,
		`{__name__="g",job="weir"} -1.5 @1900000015250 type=2 help="" unit=""`,
	}
	if diff := cmp.Diff(wantFirst, got[:3]); diff != "" {
		t.Errorf("2.0: -want +got:\n%s", diff)
	}
}

// A native histogram has one exemplar, which never comes before the one that was sent before it.
func TestNativeExemplarIsNewest(t *testing.T) {
	registry := registryOf(t, observer(aggregate.ObserverNative), "size:4|h|#trace_id:a", "size:900|h|#trace_id:b", "size:40|h|#trace_id:c")
	f := func(want string) {
		t.Helper()
		for _, version := range versions {
			got := read(t, version, encode(version, label.Labels{}, registry, at))
			if len(got) != 1 || strings.Count(got[0], "#") != 1 || !strings.Contains(got[0], "# "+want) {
				t.Errorf("%s: %q, want the exemplar %s", version, got, want)
			}
		}
	}
	f(`{trace_id="b"} 900 @1900000000000`)
	registry.Tick(start.Add(time.Second))
	formattest.Record(t, registry.NewShard(), "size:4|h|#trace_id:d")
	f(`{trace_id="d"} 4 @1900000001000`)
}
