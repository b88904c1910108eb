package format_test

import (
	"bytes"
	stdcmp "cmp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
	"pgregory.net/rapid"

	"weir/aggregate"
	"weir/aggregate/exponential"
	"weir/expose/format"
	"weir/expose/format/formattest"
	"weir/protocol"
)

// drawRegistry draws a registry with arbitrary samples, with names that meet in OpenMetrics.
func drawRegistry(t *rapid.T) *aggregate.Registry {
	options := aggregate.DefaultOptions()
	options.Sanitize.Names = rapid.SampledFrom([]string{aggregate.NamesLegacy, aggregate.NamesUTF8}).Draw(t, "names")
	options.Timers.Observer = rapid.SampledFrom([]string{
		aggregate.ObserverHistogram, aggregate.ObserverNative, aggregate.ObserverBoth, aggregate.ObserverSummary,
	}).Draw(t, "observer")
	options.Timers.Native.MaxBuckets = rapid.SampledFrom([]int{1, 4, 160}).Draw(t, "buckets")
	options.Timers.Buckets = []float64{0.001, 1, 2.5, 1e6}
	options.Series.CounterBirth = rapid.SampledFrom([]string{aggregate.BirthValue, aggregate.BirthZero}).Draw(t, "birth")
	options.Series.ExemplarTags = []string{"trace_id", "b"}
	registry := aggregate.New(options)
	shards := []*aggregate.Shard{registry.NewShard(), registry.NewShard()}
	word := rapid.SliceOfN(rapid.SampledFrom([]byte("ab.:_-{}\"\\ \n\xff\xc3\xa9=#09")), 1, 6)
	name := rapid.SampledFrom([]string{"x", "x_total", "x_created", "y_total", "_total", "z", "z_created", "a.b", "a.b_total", "c.total", "a.b_created", "x_created_total", "z_sum_total", "z_created_total"})
	for range rapid.IntRange(0, 60).Draw(t, "samples") {
		tags := word.Draw(t, "tags")
		if rapid.Bool().Draw(t, "is traced") {
			tags = append(append(tags, ",trace_id:"...), word.Draw(t, "trace id")...)
		}
		shards[rapid.IntRange(0, 1).Draw(t, "shard")].Record(&protocol.Sample{
			Name: []byte(name.Draw(t, "name")), Tags: tags, Text: word.Draw(t, "text"), Rate: 1,
			Value: rapid.OneOf(rapid.Float64(), rapid.Float64Range(-3, 3)).Draw(t, "value"),
			Kind:  protocol.Kind(rapid.IntRange(0, int(protocol.KindEvent)-1).Draw(t, "kind")),
		})
	}
	return registry
}

// messages returns a registry as messages of client_model, without native histograms. It is made from the text
// exposition, by a parser that weir did not write, with the times of creation, which text lacks.
func messages(t formattest.T, registry *aggregate.Registry, text []byte) []*dto.MetricFamily {
	t.Helper()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	parsed, err := parser.TextToMetricFamilies(bytes.NewReader(text))
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	var families []*dto.MetricFamily
	for _, f := range registry.Snapshot().Families {
		family := stdcmp.Or(parsed[f.UTF8Name()], parsed[f.Name()])
		for i, m := range family.GetMetric() {
			created := timestamppb.New(f.Series[i].Created())
			switch {
			case m.Counter != nil:
				m.Counter.CreatedTimestamp = created
			case m.Histogram != nil:
				m.Histogram.CreatedTimestamp = created
			case m.Summary != nil:
				m.Summary.CreatedTimestamp = created
			}
		}
		families = append(families, family)
	}
	return families
}

// OpenMetrics equals, byte for byte, what expfmt makes of the same families, except where expfmt would write two
// families of one name.
func TestOpenMetricsEqualsExpfmt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		registry := drawRegistry(t)
		renderer := &formattest.Exposition{}
		if rapid.Bool().Draw(t, "UTF-8") {
			renderer.Escaping = format.EscapeNothing
		}
		text := renderer.Encode(registry)
		families := messages(t, registry, text)
		addExemplars(registry, families, true)
		names := make(map[string]bool) // legacy ones, which decide
		for _, f := range registry.Snapshot().Families {
			names[f.Name()] = true
		}
		renderer.Format, renderer.HasCreated = format.OpenMetrics, rapid.Bool().Draw(t, "created")
		var want bytes.Buffer
		for i, f := range families {
			base, _ := strings.CutSuffix(registry.Snapshot().Families[i].Name(), "_total")
			isTotal := strings.HasSuffix(f.GetName(), "_total")
			isCounter := f.GetType() == dto.MetricType_COUNTER
			if isCounter && (!isTotal || base == "" || clashes(registry, base)) {
				f.Type = dto.MetricType_UNTYPED.Enum()
				for _, m := range f.GetMetric() {
					m.Untyped, m.Counter = &dto.Untyped{Value: m.GetCounter().Value}, nil
				}
			}
			var options []expfmt.EncoderOption
			if !isCounter {
				base = registry.Snapshot().Families[i].Name()
			}
			if renderer.HasCreated && !names[base+"_created"] {
				options = append(options, expfmt.WithCreatedLines())
			}
			if _, err := expfmt.MetricFamilyToOpenMetrics(&want, f, options...); err != nil {
				t.Fatal(err)
			}
		}
		want.WriteString("# EOF\n")
		got := string(renderer.Encode(registry))
		// Times are printed exactly, not as floats.
		wanted := withoutForbidden(want.String())
		if families := registry.Snapshot().Families; len(families) > 0 {
			created := families[0].Series[0].Created().Unix()
			rounded := strconv.FormatFloat(float64(created), 'g', -1, 64)
			wanted = strings.ReplaceAll(wanted, " "+rounded+"\n", " "+strconv.FormatInt(created, 10)+"\n")
		}
		if diff := cmp.Diff(wanted, got); diff != "" {
			t.Fatalf("-expfmt +weir:\n%s", diff)
		}
	})
}

// clashes reports whether a counter that OpenMetrics calls base would have the name of a family, or of one of its
// samples, or the other way round.
func clashes(registry *aggregate.Registry, base string) bool {
	for _, f := range registry.Snapshot().Families {
		names := []string{f.Name()}
		switch f.Type() {
		case aggregate.TypeHistogram, aggregate.TypeSummary:
			names = append(names, f.Name()+"_sum", f.Name()+"_count", f.Name()+"_bucket", f.Name()+"_created")
		case aggregate.TypeCounter:
			if other, found := strings.CutSuffix(f.Name(), "_total"); found && other != base {
				names = append(names, other+"_created")
			}
		default: // a gauge has one name
		}
		if slices.Contains(names, base) || f.Name() == base+"_created" {
			return true
		}
	}
	return false
}

// withoutForbidden returns OpenMetrics without the lines that it forbids and expfmt writes: negative sums and
// quantiles, and the counts of histograms behind such sums.
func withoutForbidden(text string) string {
	var b strings.Builder
	typ, isBehind := "", false
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "# TYPE ") {
			typ = strings.Fields(line)[len(strings.Fields(line))-1]
		}
		isNegative := strings.HasPrefix(line[strings.LastIndexByte(line, ' ')+1:], "-") && !strings.HasPrefix(line, "#")
		isForbidden := isNegative && (typ == "summary" || typ == "histogram")
		if !isForbidden && !isBehind {
			b.WriteString(line)
		}
		isBehind = isForbidden && typ == "histogram"
	}
	return b.String()
}

// Protobuf reads back as the same families, and has the native buckets.
func TestProtobufEqualsText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		registry := drawRegistry(t)
		text := formattest.Exposition{}.Encode(registry) // new counters show 0 in both
		want := messages(t, registry, text)
		addExemplars(registry, want, false)
		renderer := &formattest.Exposition{}
		renderer.Format = format.Protobuf
		got := formattest.Decode(t, bytes.NewReader(renderer.Encode(registry)))
		for i, f := range got {
			for k, m := range f.GetMetric() {
				if m.Histogram == nil {
					continue
				}
				checkNative(t, registry.Snapshot().Families[i].Family, registry.Snapshot().Families[i].Series[k], m.Histogram)
				wantHistogram := want[i].GetMetric()[k].GetHistogram()
				wantHistogram.Bucket = slices.DeleteFunc(wantHistogram.Bucket, func(b *dto.Bucket) bool {
					return b.GetUpperBound() > 1e300 && b.Exemplar == nil // else the bucket is there for it
				})
			}
		}
		same := len(want) == len(got)
		for i := 0; same && i < len(want); i++ {
			if same = proto.Equal(want[i], got[i]); !same {
				t.Fatalf("want %v\n got %v", want[i], got[i])
			}
		}
		if !same {
			t.Fatalf("%d families, want %d", len(got), len(want))
		}
	})
}

// checkNative compares the native buckets of a message with those of a series, and takes them out of it.
func checkNative(t formattest.T, f *aggregate.Family, s *aggregate.Series, h *dto.Histogram) {
	t.Helper()
	var o aggregate.Observations
	s.Observe(&o)
	n, has := o.Native(f)
	if has != (h.Schema != nil) {
		t.Fatalf("%s: native %v, want %v", f.Name(), h, has)
	}
	if !has {
		return
	}
	if s.IsCreatedAsZero() { // it shows its beginning
		n = exponential.Buckets{Schema: int(h.GetSchema())}
	}
	got := exponential.Buckets{
		Schema: int(h.GetSchema()), ZeroThreshold: h.GetZeroThreshold(), ZeroCount: h.GetZeroCount(), Count: h.GetSampleCount(),
	}
	want := n
	want.Positive, want.Negative = nil, nil
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("%s: -want +got:\n%s", f.Name(), diff)
	}
	compare := func(populated []exponential.Bucket, spans []*dto.BucketSpan, deltas []int64) {
		t.Helper()
		buckets := make(map[int]uint64)
		for _, b := range populated {
			buckets[b.Index] = b.Count
		}
		index, count, read := 0, int64(0), make(map[int]uint64)
		for _, span := range spans {
			index += int(span.GetOffset())
			for range span.GetLength() {
				count += deltas[0]
				deltas = deltas[1:]
				if count != 0 {
					read[index] = uint64(count)
				}
				index++
			}
		}
		if diff := cmp.Diff(buckets, read); diff != "" || len(deltas) > 0 {
			t.Fatalf("%s: %d deltas left, -want +got:\n%s", f.Name(), len(deltas), diff)
		}
	}
	compare(n.Positive, h.GetPositiveSpan(), h.GetPositiveDelta())
	compare(n.Negative, h.GetNegativeSpan(), h.GetNegativeDelta())
	if len(h.GetPositiveSpan())+len(h.GetNegativeSpan()) == 0 {
		t.Fatalf("%s: no span tells that %v is native", f.Name(), h)
	}
	h.Schema, h.ZeroThreshold, h.ZeroCount = nil, nil, nil
	h.PositiveSpan, h.PositiveDelta, h.NegativeSpan, h.NegativeDelta = nil, nil, nil, nil
}

// Weir's own families equal in every format what expfmt makes of them, except a counter beside a gauge of the
// name without "_total", of which expfmt makes two families of one name.
func TestOwnFamiliesInEveryFormat(t *testing.T) {
	own := prometheus.NewRegistry()
	histogram := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "h", Help: `a "quoted" \ help`, Buckets: []float64{0.1, 1}})
	histogram.Observe(0.5)
	summary := prometheus.NewSummary(prometheus.SummaryOpts{Name: "s", Help: "s", Objectives: map[float64]float64{0.5: 0.05}})
	own.MustRegister(histogram, summary, infiniteBucket{},
		prometheus.NewCounter(prometheus.CounterOpts{Name: "c_total", Help: "c"}),
		prometheus.NewCounter(prometheus.CounterOpts{Name: "bare", Help: "c"}),
		prometheus.NewCounter(prometheus.CounterOpts{Name: "taken_seconds_total", Help: "c", Unit: "seconds"}),
		prometheus.NewCounter(prometheus.CounterOpts{Name: "busy_seconds_total", Help: "c", Unit: "seconds"}),
		prometheus.NewGauge(prometheus.GaugeOpts{Name: "size_bytes", Help: "g", Unit: "bytes"}),
		prometheus.NewUntypedFunc(prometheus.UntypedOpts{Name: "u", Help: "u"}, func() float64 { return 7 }))
	gathered, err := own.Gather()
	if err != nil {
		t.Fatal(err)
	}
	registry := aggregate.New(aggregate.DefaultOptions())
	registry.NewShard().Record(&protocol.Sample{Name: []byte("taken_seconds"), Value: 1, Rate: 1, Kind: protocol.KindGauge})
	renderer := &formattest.Exposition{}
	renderer.Self, renderer.Format = gathered, format.Protobuf
	read := formattest.Decode(t, bytes.NewReader(renderer.Encode(registry)))[1:]
	if !slices.EqualFunc(read, gathered, func(a, b *dto.MetricFamily) bool { return proto.Equal(a, b) }) {
		t.Errorf("protobuf: %v, want %v", read, gathered)
	}
	var want bytes.Buffer
	want.WriteString("# HELP taken_seconds StatsD gauge.\n# TYPE taken_seconds gauge\ntaken_seconds 1.0\n")
	for _, f := range gathered {
		f = proto.CloneOf(f)
		if f.GetName() == "taken_seconds_total" {
			f.Type = dto.MetricType_UNTYPED.Enum()
			f.Metric[0].Untyped, f.Metric[0].Counter = &dto.Untyped{Value: new(0.0)}, nil
			f.Unit = nil
		}
		if _, err := expfmt.MetricFamilyToOpenMetrics(&want, f); err != nil {
			t.Fatal(err)
		}
	}
	want.WriteString("# EOF\n")
	renderer = &formattest.Exposition{}
	renderer.Self, renderer.Format = gathered, format.OpenMetrics
	if diff := cmp.Diff(want.String(), string(renderer.Encode(registry))); diff != "" {
		t.Errorf("OpenMetrics: -expfmt +weir:\n%s", diff)
	}
}
