package format_test

import (
	"bytes"
	"flag"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"pgregory.net/rapid"

	"weir/aggregate"
	"weir/aggregate/label"
	"weir/expose/format/formattest"
	"weir/protocol"
)

var update = flag.Bool("update", false, "write the golden files")

func TestGolden(t *testing.T) {
	own := prometheus.NewRegistry()
	build := prometheus.NewGauge(prometheus.GaugeOpts{Name: "own_info", Help: `A "quoted" \ help.`})
	build.Set(1 << 40)
	own.MustRegister(build)
	registry := aggregate.New(aggregate.DefaultOptions())
	formattest.Record(t, registry.NewShard(),
		"z.hits:1|c|#status:200", "z.hits:2|c|#status:500,env:prod", "z.hits:0.5|c",
		"big:9007199254740992|c", "bigger:9007199254740994|c",
		"small:0.000001|c", "third:0.1|c", "third:0.2|c",
		"level:inf|g", "level2:-inf|g", "level3:-0|g", "level4:-1.5|g", "level5:1e21|g",
		"time:30|ms|#route:/a", "time:1|ms|#route:/a", "time:60000|ms|#route:/a", "time:5|ms",
		"users:a|s", "users:b|s", "owner:1|c", "own:1|c", `text:1|c|#a:q"b\n,b:日本`,
	)
	gathered, err := own.Gather()
	if err != nil {
		t.Fatal(err)
	}
	body := formattest.Exposition{Self: gathered}.Encode(registry)
	formattest.Parse(t, body)
	const path = "testdata/kinds.golden"
	if *update {
		if err := os.WriteFile(path, body, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(body)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// Weir's own families read back the same as prometheus/common writes them.
func TestSelfFamilies(t *testing.T) {
	own := prometheus.NewRegistry()
	vec := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "vec", Help: "line\nbreak"}, []string{"a", "b"})
	vec.WithLabelValues("x\n\"y\"\\", "日").Set(math.Inf(-1))
	vec.WithLabelValues("", "2").Set(1e300)
	histogram := prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "h", Help: "h", Buckets: []float64{0.1, 1},
	})
	histogram.Observe(0.5)
	summary := prometheus.NewSummary(prometheus.SummaryOpts{
		Name: "s", Help: "s", Objectives: map[float64]float64{0.5: 0.05},
	})
	summary.Observe(3)
	untyped := prometheus.NewUntypedFunc(
		prometheus.UntypedOpts{Name: "u", Help: "u"}, func() float64 { return 7 })
	own.MustRegister(vec, histogram, summary, untyped, collectors.NewBuildInfoCollector(), infiniteBucket{})
	gathered, err := own.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	for _, f := range gathered {
		if _, err := expfmt.MetricFamilyToText(&text, f); err != nil {
			t.Fatal(err)
		}
	}
	body := formattest.Exposition{Self: gathered}.Encode(aggregate.New(aggregate.DefaultOptions()))
	got, want := formattest.Parse(t, body), formattest.Parse(t, text.Bytes())
	if diff := cmp.Diff(fmt.Sprint(want), fmt.Sprint(got)); diff != "" {
		t.Errorf("-expfmt +weir:\n%s", diff)
	}
}

// infiniteBucket collects a histogram that names its bucket of +Inf.
type infiniteBucket struct{}

// Describe implements prometheus.Collector.
func (infiniteBucket) Describe(descs chan<- *prometheus.Desc) { descs <- infiniteDesc }

// Collect implements prometheus.Collector.
func (infiniteBucket) Collect(metrics chan<- prometheus.Metric) {
	buckets := map[float64]uint64{1: 2, math.Inf(1): 3}
	metrics <- prometheus.MustNewConstHistogram(infiniteDesc, 3, 4.5, buckets)
}

var infiniteDesc = prometheus.NewDesc("infinite", "i", nil, nil)

// TestRandomRegistries encodes registries with arbitrary samples and reads them back: the same names, labels
// and values.
func TestRandomRegistries(t *testing.T) {
	bytesOf := rapid.SliceOfN(rapid.SampledFrom([]byte("ab.:_-{}\"\\ \n\xff\xc3\xa9=#09")), 1, 6)
	rapid.Check(t, func(t *rapid.T) {
		registry := aggregate.New(aggregate.DefaultOptions())
		shard := registry.NewShard()
		for range rapid.IntRange(0, 60).Draw(t, "samples") {
			shard.Record(&protocol.Sample{
				Name: bytesOf.Draw(t, "name"), Tags: bytesOf.Draw(t, "tags"), Text: bytesOf.Draw(t, "text"),
				Value: rapid.Float64().Draw(t, "value"), Rate: 1,
				Kind:     protocol.Kind(rapid.IntRange(0, int(protocol.KindEvent)-1).Draw(t, "kind")),
				Relative: rapid.Bool().Draw(t, "relative"),
			})
		}
		text := formattest.Exposition{}.Encode(registry)
		compareParsed(t, registry, formattest.Parse(t, text))
	})
}

func compareParsed(t *rapid.T, registry *aggregate.Registry, parsed map[string]*dto.MetricFamily) {
	t.Helper()
	families := registry.Snapshot().Families
	if len(parsed) != len(families) {
		t.Fatalf("%d families read back, want %d", len(parsed), len(families))
	}
	for _, f := range families {
		got := parsed[f.Name()]
		if got == nil || strings.ToLower(got.GetType().String()) != f.Type().String() ||
			len(got.GetMetric()) != len(f.Series) {
			t.Fatalf("family %s read back as %v", f.Name(), got)
		}
		for _, s := range f.Series {
			same := func(m *dto.Metric) bool { return sameSeries(f, s, m) }
			if !slices.ContainsFunc(got.GetMetric(), same) {
				t.Fatalf("series %s{%s} = %v is not in %v", f.Name(), s.Labels(), s.Value(), got)
			}
		}
	}
}

func sameSeries(f aggregate.FamilySeries, s *aggregate.Series, m *dto.Metric) bool {
	var labels label.Builder
	for _, l := range m.GetLabel() {
		labels.Add(l.GetName(), l.GetValue())
	}
	if labels.Labels() != s.Labels() {
		return false
	}
	if f.Type() != aggregate.TypeHistogram {
		return m.GetCounter().GetValue()+m.GetGauge().GetValue() == s.Value()
	}
	var o aggregate.Observations
	s.Observe(&o)
	h := m.GetHistogram()
	for i, b := range h.GetBucket() {
		if b.GetCumulativeCount() != o.Buckets[i] {
			return false
		}
	}
	return len(h.GetBucket()) == len(o.Buckets) && h.GetSampleCount() == o.Count && h.GetSampleSum() == o.Sum
}
