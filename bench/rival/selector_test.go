package rival_test

import (
	"slices"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	"pgregory.net/rapid"

	"weir/aggregate/label"
	"weir/expose/status/selector"
)

// Selectors of the status API are what Prometheus takes for series: each text is one for both or for neither, and
// selects the same series.
func TestSelectors(t *testing.T) {
	prometheus := parser.NewParser(parser.Options{})
	names := rapid.SampledFrom([]string{"a", "hits", "http.hits", "code", "größe", "__name__", "_x"})
	values := rapid.SampledFrom([]string{"", "a", "b", "500", "503", "x\ny", `q"o'te`, `\`, "ü", "hits"})
	pieces := rapid.SampledFrom([]string{
		"hits", "a", "a:b", "sum", "code", `"http.hits"`, `'größe'`, "`a`", "{", "{", "}", "}", ",", ",", "=", "=", "!=", "=~", "!~",
		`"500"`, `"5.."`, `".*"`, `".+"`, `""`, `"a|b"`, `"("`, `'q"o\'te'`, `"\x41"`, `"\u00fc"`, `"\z"`, "`x.y`", `"x.y"`,
		" ", "\n", "# c\n", "1", "__name__", "__name__=", `"[a-`,
	})
	// likely are texts that are selectors more often than not.
	likely := rapid.Custom(func(t *rapid.T) string {
		text := rapid.SampledFrom([]string{"", "hits", "a:b", "sum"}).Draw(t, "name") + "{"
		for range rapid.IntRange(0, 3).Draw(t, "matchers") {
			text += rapid.SampledFrom([]string{"code", "a", `"http.method"`, "__name__", "'ü'"}).Draw(t, "label")
			text += rapid.SampledFrom([]string{"=", "!=", "=~", "!~"}).Draw(t, "operator")
			text += rapid.SampledFrom([]string{`""`, `"a"`, `"5.."`, `"a|b|"`, "`x.y`", `'.*'`, `"q\"o.te"`, `"hits"`}).Draw(t, "value")
			text += rapid.SampledFrom([]string{",", ", ", ","}).Draw(t, "comma")
		}
		return text + "}"
	})
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(likely, rapid.Custom(func(t *rapid.T) (text string) {
			for _, piece := range rapid.SliceOfN(pieces, 1, 10).Draw(t, "pieces") {
				text += piece
			}
			return text
		})).Draw(t, "text")
		expression, wantErr := prometheus.ParseExpr(text)
		want, isSelector := expression.(*parser.VectorSelector)
		got, err := selector.Parse(text)
		if (err == nil) != (wantErr == nil && isSelector) {
			t.Fatalf("Parse(%q): %v; Prometheus: %v", text, err, wantErr)
		}
		if err != nil {
			return
		}
		var b label.Builder
		name := names.Draw(t, "family")
		all := labels.NewBuilder(labels.EmptyLabels()).Set(model.MetricNameLabel, name)
		for range rapid.IntRange(0, 3).Draw(t, "labels") {
			name, value := names.Filter(func(n string) bool { return n != "__name__" }).Draw(t, "label"), values.Draw(t, "value")
			b.Add(name, value)
			all.Set(name, value)
		}
		set := all.Labels()
		matches := !slices.ContainsFunc(want.LabelMatchers, func(m *labels.Matcher) bool { return !m.Matches(set.Get(m.Name)) })
		if got := got.MatchesName(name) && got.Matches(b.Labels()); got != matches {
			t.Fatalf("%q selects %s%s: %v, Prometheus: %v", text, name, b.Labels(), got, matches)
		}
	})
}
