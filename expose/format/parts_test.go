package format_test

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"

	"weir/expose/format"
	"weir/expose/format/formattest"
)

// A family that is written in parts has the bytes of one that is written whole, in every encoding.
func TestPartsEqualWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		registry := drawRegistry(t)
		x := formattest.Exposition{
			Format:     rapid.SampledFrom([]format.Format{format.Text, format.OpenMetrics, format.Protobuf}).Draw(t, "format"),
			Escaping:   rapid.SampledFrom([]format.Escaping{format.EscapeUnderscores, format.EscapeNothing}).Draw(t, "escaping"),
			HasCreated: rapid.Bool().Draw(t, "created"),
		}
		whole := x.Encode(registry)
		x.InParts = true
		if parts := x.Encode(registry); !bytes.Equal(whole, parts) {
			t.Fatalf("whole:\n%q\nin parts:\n%q", whole, parts)
		}
	})
}
