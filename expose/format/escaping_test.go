package format_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/model"
	"pgregory.net/rapid"

	"weir/aggregate"
	"weir/expose/format"
	"weir/expose/format/formattest"
	"weir/protocol"
)

// newUTF8Registry returns an empty registry that keeps names as they are sent, and a shard of it.
func newUTF8Registry() (*aggregate.Registry, *aggregate.Shard) {
	options := aggregate.DefaultOptions()
	options.Sanitize.Names = aggregate.NamesUTF8
	options.Timers.Buckets = []float64{1}
	registry := aggregate.New(options)
	return registry, registry.NewShard()
}

// Names are written as each escaping wants it, in text and in OpenMetrics.
func TestNamesInUTF8(t *testing.T) {
	registry, shard := newUTF8Registry()
	shard.Record(&protocol.Sample{Name: []byte("llm.requests_total"), Tags: []byte(`model.name:a"b,zone:x`), Value: 1, Rate: 1})
	shard.Record(&protocol.Sample{Name: []byte("légal.ms"), Value: 500, Rate: 1, Kind: protocol.KindTimer})
	shard.Record(&protocol.Sample{Name: []byte("plain_one"), Tags: []byte("a:b"), Value: 2, Rate: 1, Kind: protocol.KindGauge})
	f := func(as format.Format, escaping format.Escaping, want string) {
		t.Helper()
		renderer := &formattest.Exposition{}
		renderer.Format = as
		renderer.Escaping = escaping
		got := string(renderer.Encode(registry))
		for line := range strings.Lines(got) {
			if strings.HasPrefix(line, "# HELP") {
				got = strings.Replace(got, line, "", 1)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: -want +got:\n%s", format.Media{Format: as, Escaping: escaping}.ContentType(), diff)
		}
	}
	f(format.Text, format.EscapeUnderscores, `# TYPE l_gal_ms histogram
l_gal_ms_bucket{le="1"} 1
l_gal_ms_bucket{le="+Inf"} 1
l_gal_ms_sum 0.5
l_gal_ms_count 1
# TYPE llm_requests_total counter
llm_requests_total{model_name="a\"b",zone="x"} 1
# TYPE plain_one gauge
plain_one{a="b"} 2
`)
	f(format.Text, format.EscapeNothing, `# TYPE "légal.ms" histogram
{"légal.ms_bucket",le="1"} 1
{"légal.ms_bucket",le="+Inf"} 1
{"légal.ms_sum"} 0.5
{"légal.ms_count"} 1
# TYPE "llm.requests_total" counter
{"llm.requests_total","model.name"="a\"b",zone="x"} 1
# TYPE plain_one gauge
plain_one{a="b"} 2
`)
	f(format.OpenMetrics, format.EscapeNothing, `# TYPE "légal.ms" histogram
{"légal.ms_bucket",le="1.0"} 1
{"légal.ms_bucket",le="+Inf"} 1
{"légal.ms_sum"} 0.5
{"légal.ms_count"} 1
# TYPE "llm.requests" counter
{"llm.requests_total","model.name"="a\"b",zone="x"} 1.0
# TYPE plain_one gauge
plain_one{a="b"} 2.0
# EOF
`)
	f(format.Text, format.EscapeDots, `# TYPE l__gal_dot_ms histogram
l__gal_dot_ms_bucket{le="1"} 1
l__gal_dot_ms_bucket{le="+Inf"} 1
l__gal_dot_ms_sum 0.5
l__gal_dot_ms_count 1
# TYPE llm_dot_requests__total counter
llm_dot_requests__total{model_dot_name="a\"b",zone="x"} 1
# TYPE plain_one gauge
plain_one{a="b"} 2
`)
	f(format.Text, format.EscapeValues, `# TYPE U__l_e9_gal_2e_ms histogram
U__l_e9_gal_2e_ms_bucket{le="1"} 1
U__l_e9_gal_2e_ms_bucket{le="+Inf"} 1
U__l_e9_gal_2e_ms_sum 0.5
U__l_e9_gal_2e_ms_count 1
# TYPE U__llm_2e_requests__total counter
U__llm_2e_requests__total{U__model_2e_name="a\"b",zone="x"} 1
# TYPE plain_one gauge
plain_one{a="b"} 2
`)
}

// similarNames draws names that escaping could make the same.
var similarNames = rapid.StringOfN(rapid.SampledFrom([]rune("ab.__--1é!:{U2e")), 1, 12, -1)

// Names that differ as legacy names differ under every escaping, with any suffix. The result is legal, and equals
// what Prometheus's own code makes of the same name, unless that would not keep them apart.
func TestEscapingKeepsNamesApart(t *testing.T) {
	_, shard := newUTF8Registry()
	name := rapid.OneOf(similarNames, rapid.SampledFrom([]string{
		"a.b", "a_b", "a__b", "a_dot_b", "a_dot", "a.", "U__a_2e_b", "a.b_sum", "a_b_sum", "_a", "-a", "1a", "_1a",
		"__a", "a_", "a!sum", "a.sum",
	}))
	rapid.Check(t, func(t *rapid.T) {
		escaping, scheme := format.EscapeValues, model.ValueEncodingEscaping
		if rapid.Bool().Draw(t, "dots") {
			escaping, scheme = format.EscapeDots, model.DotsEscaping
		}
		isLabel := rapid.Bool().Draw(t, "label")
		suffixes := []string{"", "_sum", "_count", "_bucket", "_created"}
		if isLabel {
			suffixes = suffixes[:1]
		}
		legacyOf := make(map[string]string) // escaped -> legacy, both with a suffix
		for _, sent := range rapid.SliceOfN(name, 1, 60).Draw(t, "names") {
			legacy, utf8 := namesOf(shard, sent, isLabel)
			escaped := escaping.Escape(utf8, isLabel)
			for _, suffix := range suffixes {
				other, found := legacyOf[escaped+suffix]
				if found && other != legacy+suffix {
					t.Fatalf("%s becomes %s, as what else is %s", legacy+suffix, escaped+suffix, other)
				}
				legacyOf[escaped+suffix] = legacy + suffix
			}
			isLegal := model.LegacyValidation.IsValidMetricName(escaped)
			if isLabel {
				isLegal = model.LegacyValidation.IsValidLabelName(escaped) && !strings.HasPrefix(escaped, "__")
			}
			if !isLegal {
				t.Fatalf("%s becomes %s, which is not legal", utf8, escaped)
			}
			isUsual := utf8 != legacy && !strings.Contains(utf8, "--") && strings.ContainsAny(utf8[:1], "abeU")
			if want := model.EscapeName(utf8, scheme); isUsual && escaped != want {
				t.Fatalf("%s becomes %s, want %s", utf8, escaped, want)
			}
		}
	})
}

// namesOf returns what a name, or the name of a label, becomes.
func namesOf(shard *aggregate.Shard, name string, isLabel bool) (legacy, utf8 string) {
	if !isLabel {
		e := shard.Explain(&protocol.Sample{Name: []byte(name), Rate: 1})
		return e.Family, e.UTF8Family
	}
	e := shard.Explain(&protocol.Sample{
		Name: []byte("x"), Tags: []byte(strings.ReplaceAll(name, ":", "!") + ":v"), Rate: 1,
	})
	for name := range e.Labels.Escaped() {
		legacy = name
	}
	for name := range e.UTF8Labels.Escaped() {
		utf8 = name
	}
	return legacy, utf8
}
