package mapping_test

import (
	"fmt"
	"strings"
	"testing"

	"weir/aggregate/mapping"
)

// rulesOfShape is a file of n rules; the last of them matches app9999.x.y.count (n = 10,000).
func rulesOfShape(shape string, n int) string {
	var b strings.Builder
	if shape == "specific" {
		b.WriteString("defaults: {glob_disable_ordering: true}\n")
	}
	b.WriteString("mappings:\n")
	for i := range n {
		switch shape {
		case "regex":
			fmt.Fprintf(&b, "- {match_type: regex, match: '^app%d\\.(\\w+)\\.(\\w+)\\.count$', ", i)
		case "partial":
			fmt.Fprintf(&b, "- {match: 'app%d*.*.*.count', ", i)
		case "suffix":
			fmt.Fprintf(&b, "- {match: '*.*.*.x%d_*_count', ", i)
		default:
			fmt.Fprintf(&b, "- {match: 'app%d.*.*.count', ", i)
		}
		fmt.Fprintf(&b, "name: 'app_${1}', labels: {what: '$2', rule: '%d'}}\n", i)
	}
	return b.String()
}

// BenchmarkMatch matches the last of 10,000 rules, and a name that none matches.
//
//	go test -run '^$' -bench Match ./aggregate/mapping
//
// A hit costs 205 ns with 10 rules and 250 ns with 10,000, a miss 65 ns with either (AMD EPYC, 2 cores,
// go1.26).
func BenchmarkMatch(b *testing.B) {
	for _, shape := range []string{"ordered", "specific", "partial", "regex"} {
		for _, n := range []int{10, 10_000} {
			m := mustParse(b, rulesOfShape(shape, n)).NewMatcher()
			hit, miss := fmt.Appendf(nil, "app%d.x.y.count", n-1), []byte("web1.x.y.count")
			if m.Match(hit, mapping.TypeCounter, nil) == nil || m.Match(miss, mapping.TypeCounter, nil) != nil {
				b.Fatalf("%s: wrong outcome", shape)
			}
			b.Run(fmt.Sprintf("shape=%s/rules=%d/hit", shape, n), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					m.Match(hit, mapping.TypeCounter, nil)
				}
			})
			b.Run(fmt.Sprintf("shape=%s/rules=%d/miss", shape, n), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					m.Match(miss, mapping.TypeCounter, nil)
				}
			})
		}
	}
}

// BenchmarkParse compiles 10,000 rules, in 0.16 to 0.29 s (AMD EPYC, 2 cores, go1.26).
//
//	go test -run '^$' -bench Parse -benchtime 5x ./aggregate/mapping
func BenchmarkParse(b *testing.B) {
	for _, shape := range []string{"ordered", "specific", "partial", "suffix", "regex"} {
		content := []byte(rulesOfShape(shape, 10_000))
		b.Run("rules=10000/shape="+shape, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := mapping.Parse("m.yaml", content); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
