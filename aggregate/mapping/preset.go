package mapping

import (
	"embed"
	"slices"
)

//go:embed presets/*.yaml
var presetFiles embed.FS

// Preset is a rule file that comes with weir.
type Preset string

// The presets. Their rules name samples as OpenTelemetry's conventions for generative AI do.
const (
	PresetLLM   Preset = "llm"   // for llm.*
	PresetAgent Preset = "agent" // for agent.*
)

// Labels of the presets that have many values.
const (
	LabelRequestModel  = "gen_ai_request_model"
	LabelResponseModel = "gen_ai_response_model"
	LabelTool          = "gen_ai_tool_name"
)

// File returns the name that the rules have in messages.
func (p Preset) File() string { return "presets/" + string(p) + ".yaml" }

// Source returns the rules as they are written, for people to read.
func (p Preset) Source() []byte {
	content, err := presetFiles.ReadFile(p.File())
	if err != nil {
		panic("BUG: preset: " + err.Error())
	}
	return content
}

// Rules returns the rules, which leave out the labels without, whatever the tags they are made of are called.
func (p Preset) Rules(without ...string) *Rules {
	rules, err := Parse(p.File(), p.Source())
	if err != nil {
		panic("BUG: preset: " + err.Error())
	}
	for _, r := range rules.rules {
		leaveOut(r, without)
	}
	return rules
}

// leaveOut adds the labels, and the labels that become one of them, to the labels that r drops.
func leaveOut(r *Rule, labels []string) {
	r.DropLabels = append(r.DropLabels, labels...)
	for from, to := range r.LabelMap {
		if slices.Contains(labels, to) {
			r.DropLabels = append(r.DropLabels, from)
		}
	}
}
