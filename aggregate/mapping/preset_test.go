package mapping_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"weir/aggregate/mapping"
)

// The rules of a preset are as good as they ask the rules of others to be.
func TestPresets(t *testing.T) {
	for _, p := range []mapping.Preset{mapping.PresetLLM, mapping.PresetAgent} {
		rules := p.Rules()
		if warnings := rules.Warnings(); len(warnings) > 0 {
			t.Errorf("%s: %q", p, warnings)
		}
		if !cmp.Equal(*rules.Defaults(), mapping.Settings{}) || len(rules.StaticLabels()) > 0 {
			t.Errorf("%s: its defaults change samples that are none of its own", p)
		}
		for i := range rules.Len() {
			r := rules.Rule(i)
			for label := range rules.MaxLabelValues() {
				if slices.Contains(r.DropLabels, label) {
					t.Errorf("%s:%d: drops %s", r.File, r.Line, label)
				}
			}
			for _, label := range []string{"user_id", "session_id", "conversation_id", "prompt", "trace_id"} {
				if !slices.Contains(r.DropLabels, label) {
					t.Errorf("%s:%d: keeps %s", r.File, r.Line, label)
				}
			}
			if r.LabelMap["model"] != mapping.LabelRequestModel || r.LabelMap["tool"] != mapping.LabelTool {
				t.Errorf("%s:%d: model and tool become %v", r.File, r.Line, r.LabelMap)
			}
		}
	}
}
