package rival_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"pgregory.net/rapid"

	"weir/aggregate"
	"weir/aggregate/label"
)

// wantID holds that an ID is the hash that Prometheus has for the labels of a series, name included.
func wantID(t rapid.TB, got label.ID, name string, set label.Labels) {
	t.Helper()
	all := labels.NewScratchBuilder(0)
	if name != "" {
		all.Add(model.MetricNameLabel, name)
	}
	for name, value := range set.All() {
		all.Add(name, value)
	}
	all.Sort()
	if want := label.ID(labels.StableHash(all.Labels())); got != want {
		t.Errorf("ID of %s%s = %s, Prometheus has %s", name, set, got, want)
	}
}

// The ID of a label set is Prometheus's: without a name and without labels, for names that sort before and
// behind __name__, for names and values in UTF-8, with escapes, and longer than any buffer.
func TestIDOfLabels(t *testing.T) {
	names := rapid.OneOf(
		rapid.SampledFrom([]string{"A", "Zone", "_", "__", "__address__", "__name", "__name_", "__name__a", "a", "le", "zone"}),
		rapid.StringMatching(`[a-zA-Z_][a-zA-Z0-9_]{0,12}`),
		rapid.SampledFrom([]string{"http.method", "größe", "模型", " ", "9lives", "a=b", "a,b", `\`, "\n", "{", "__name__.a"}),
		rapid.StringN(1, 8, -1).Filter(func(s string) bool { return utf8.ValidString(s) && !strings.Contains(s, `"`) }),
	)
	values := rapid.OneOf(
		rapid.SampledFrom([]string{"", "200", `"`, `\`, `C:\new`, "\n", `\n`, "é", "\x00", "a,b=\"c\"}", "\ufffd"}),
		rapid.String().Filter(utf8.ValidString),
		rapid.Custom(func(t *rapid.T) string { return strings.Repeat("x", rapid.IntRange(0, 3000).Draw(t, "length")) }),
	)
	pairs := rapid.MapOfN(names.Filter(func(name string) bool { return name != model.MetricNameLabel }), values, 0, 8)
	rapid.Check(t, func(t *rapid.T) {
		var b label.Builder
		for name, value := range pairs.Draw(t, "labels") {
			b.Add(name, value)
		}
		name := rapid.OneOf(rapid.SampledFrom([]string{"", "hits", "HITS", "größe", "a.b"}), names).Draw(t, "name")
		set := b.Labels()
		wantID(t, set.ID(name), name, set)
		wantID(t, label.IDOf([]byte(name), []byte(set.Text())), name, set)
	})
}

// The ID of a series that arbitrary lines made is Prometheus's for the labels that the series has.
func TestIDOfSeries(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		options := aggregate.DefaultOptions()
		options.Sanitize.Names = rapid.SampledFrom([]string{
			aggregate.NamesLegacy, aggregate.NamesUTF8,
		}).Draw(t, "sanitize names")
		registry := aggregate.New(options)
		record(registry.NewShard(), rapid.SliceOfN(line, 0, 30).Draw(t, "lines"))
		for _, f := range registry.Snapshot().Families {
			for _, s := range f.Series {
				wantID(t, s.ID(), f.Name(), s.Labels())
			}
		}
	})
}
