package rival_test

import (
	"os"
	"strings"
	"testing"

	"github.com/prometheus/otlptranslator"
	metricspb "go.opentelemetry.io/proto/otlp/metrics/v1"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/types/descriptorpb"
	"pgregory.net/rapid"

	"weir/aggregate"
	"weir/aggregate/label"
	"weir/expose/remote/otlp"
	"weir/expose/remote/point"
)

// The schema by which the tests of package otlp read requests is that of the generated code.
func TestOTLPSchema(t *testing.T) {
	data, err := os.ReadFile("../../expose/remote/otlp/testdata/metrics.binpb")
	if err != nil {
		t.Fatal(err)
	}
	var got, want descriptorpb.FileDescriptorSet
	if err := proto.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	metrics := metricspb.File_opentelemetry_proto_metrics_v1_metrics_proto
	for i := range metrics.Imports().Len() {
		want.File = append(want.File, protodesc.ToFileDescriptorProto(metrics.Imports().Get(i)))
	}
	want.File = append(want.File, protodesc.ToFileDescriptorProto(metrics))
	if !proto.Equal(&got, &want) {
		t.Error("it differs from go.opentelemetry.io/proto/otlp: write the set that this test makes into that file")
	}
}

// Prometheus's receiver makes the same series of a request as a scrape does, and ends them all with one of stale
// points, whatever lines come.
func TestOTLPEqualsScrape(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		options := aggregate.DefaultOptions()
		options.Timers.Observer = rapid.SampledFrom([]string{
			aggregate.ObserverHistogram, aggregate.ObserverNative, aggregate.ObserverBoth, aggregate.ObserverSummary,
		}).Draw(t, "observer")
		options.Sanitize.Names = rapid.SampledFrom([]string{aggregate.NamesLegacy, aggregate.NamesUTF8}).Draw(t, "names")
		options.Series.ExemplarTags = []string{"trace_id", "b"}
		registry := aggregate.New(options)
		record(registry.NewShard(), rapid.SliceOfN(rapid.OneOf(line, tracedLine), 0, 30).Draw(t, "lines"))
		want := scrapeSeries(t, registry)

		got := receive(t, otlptranslator.NoTranslation, otlpRequests(registry, point.Point{At: 1_700_000_000_000})...)
		got.compare(t, want)
		checkStarts(t, registry, &got)

		stale := receive(t, otlptranslator.NoTranslation, otlpRequests(registry, point.Point{At: 1, What: point.Stale})...)
		checkStale(t, &got, &stale)
	})
}

// Whatever lines come, Prometheus does not refuse a request for a name that it cannot translate.
func TestOTLPNamesAreTranslatable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		options := aggregate.DefaultOptions()
		options.Sanitize.Names = rapid.SampledFrom([]string{aggregate.NamesLegacy, aggregate.NamesUTF8}).Draw(t, "names")
		registry := aggregate.New(options)
		name := rapid.OneOf(rapid.SampledFrom([]string{"---", "ü", "город", "_", "9", "a.b"}), rapid.String())
		var lines []string
		for range rapid.IntRange(1, 5).Draw(t, "lines") {
			lines = append(lines, name.Draw(t, "name")+":1|g|#"+name.Draw(t, "tag")+":x,"+name.Draw(t, "tag")+":y")
		}
		record(registry.NewShard(), lines)
		for _, strategy := range []otlptranslator.TranslationStrategyOption{
			otlptranslator.UnderscoreEscapingWithSuffixes, otlptranslator.UnderscoreEscapingWithoutSuffixes,
			otlptranslator.NoUTF8EscapingWithSuffixes, otlptranslator.NoTranslation,
		} {
			receive(t, strategy, otlpRequests(registry, point.Point{At: 1})...)
		}
	})
}

// tracedLine draws lines with labels of exemplars, and outliers.
var tracedLine = rapid.Custom(func(t *rapid.T) string {
	name := rapid.SampledFrom([]string{"a|c", "b|h", "c|ms", "d|g"}).Draw(t, "name")
	name, kind, _ := strings.Cut(name, "|")
	value := rapid.SampledFrom([]string{"1", "0", "0.5", "250", "1e300", "1e-30", "-3"}).Draw(t, "value")
	tags := rapid.SampledFrom([]string{
		"", "|#trace_id:abc", "|#trace_id:4bf92f3577b34da6a3ce929d0e0e4736", "|#b:x", "|#job:j,instance:i", "|#job:j,exported_job:k",
	}).Draw(t, "tags")
	return name + ":" + value + "|" + kind + tags
})

// external are the external labels.
const external = `instance="here",job="weir"`

// otlpRequests returns a request of what Add adds of every series, and one of what AddNative does, if anything. Series
// count since their creation.
func otlpRequests(registry *aggregate.Registry, p point.Point) (requests [][]byte) {
	e := otlp.NewEncoder(label.Of(external))
	values := aggregate.Values{Native: true}
	for _, add := range []func(*aggregate.Family, *aggregate.Series, aggregate.Words, []*aggregate.Exemplar, point.Point){
		e.Add, e.AddNative,
	} {
		for _, f := range registry.Snapshot().Families {
			values.Reset()
			values.Read(f.Family, f.Series)
			for i, s := range f.Series {
				w, exemplars := values.Of(i), make([]*aggregate.Exemplar, f.ExemplarPlaces())
				s.Exemplars(exemplars)
				switch {
				case p.What != point.Value:
					w, exemplars = nil, nil
				case w[0] == 0 && f.Type() == aggregate.TypeCounter:
					exemplars = nil // as in a scrape
				}
				p.Start = s.Created().UnixMilli()
				if len(requests) == 0 || f.HasNative() {
					add(f.Family, s, w, exemplars, p)
				}
			}
		}
		requests = append(requests, e.AppendTo(nil))
		e.Reset()
	}
	return requests
}
