package format_test

import (
	"fmt"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"pgregory.net/rapid"

	"weir/aggregate"
	"weir/expose/format"
	"weir/protocol"
)

// What the neighbours of a name tell is what a search among all names tells.
func TestFamilyAt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bases := []string{"a", "a_a", "a_b", "b"}
		suffixes := []string{"", "_total", "_created", "_total_created", "_created_total", "_sum", "_sum_total", "_sun", "_z"}
		name := rapid.Custom(func(t *rapid.T) string {
			return rapid.SampledFrom(bases).Draw(t, "base") + rapid.SampledFrom(suffixes).Draw(t, "suffix")
		})
		registry := aggregate.New(aggregate.DefaultOptions())
		shard := registry.NewShard()
		for _, name := range rapid.SliceOfN(name, 1, 12).Draw(t, "names") {
			kind := rapid.SampledFrom([]protocol.Kind{
				protocol.KindCounter, protocol.KindGauge, protocol.KindTimer,
			}).Draw(t, "kind")
			shard.Record(&protocol.Sample{Name: []byte(name), Kind: kind, Value: 1, Rate: 1}) // or its type conflicts
		}
		names := format.Names{Families: registry.Snapshot().Families}
		if rapid.Bool().Draw(t, "self") {
			names.Self = []*dto.MetricFamily{{Name: new(name.Draw(t, "self name")), Type: dto.MetricType_GAUGE.Enum()}}
		}
		for i, f := range names.Families {
			got, want := names.At(i), names.Family(f.Family, format.EscapeUnderscores)
			if got != want {
				t.Errorf("family %s: %v, want %v", f.Name(), fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want))
			}
		}
	})
}
