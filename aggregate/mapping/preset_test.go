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

// Lines of the presets' programs get the names that the conventions have for them.
func TestPresetNames(t *testing.T) {
	f := func(preset mapping.Preset, name string, typ mapping.Type, want string) {
		t.Helper()
		r := preset.Rules().NewMatcher().Match([]byte(name), typ, nil)
		switch {
		case r == nil && want != "":
			t.Errorf("%s: %s: no rule, want %s", preset, name, want)
		case r != nil && string(r.Name) != want:
			t.Errorf("%s: %s: %s, want %q", preset, name, r.Name, want)
		}
	}
	const llm, agent = mapping.PresetLLM, mapping.PresetAgent
	f(llm, "llm.requests", mapping.TypeCounter, "gen_ai_client_operations_total")
	f(llm, "llm.requests", mapping.TypeGauge, "llm.requests")
	f(llm, "llm.inflight", mapping.TypeGauge, "gen_ai_client_operations_in_flight")
	f(llm, "llm.request.duration", mapping.TypeObserver, "gen_ai_client_operation_duration_seconds")
	f(llm, "llm.ttft", mapping.TypeObserver, "gen_ai_client_operation_time_to_first_chunk_seconds")
	f(llm, "llm.tokens.input", mapping.TypeCounter, "gen_ai_client_inference_usage_input_tokens_total")
	f(llm, "llm.tokens.input", mapping.TypeObserver, "gen_ai_client_inference_operation_input_tokens")
	f(llm, "llm.server.ttft", mapping.TypeObserver, "gen_ai_server_time_to_first_token_seconds")
	f(llm, "llm.custom.thing", mapping.TypeSet, "llm.custom.thing")
	f(llm, "llmx.requests", mapping.TypeCounter, "")
	f(llm, "agent.steps", mapping.TypeCounter, "")
	f(agent, "agent.steps", mapping.TypeCounter, "gen_ai_invoke_agent_steps_total")
	f(agent, "agent.steps", mapping.TypeObserver, "gen_ai_invoke_agent_steps")
	f(agent, "agent.tool.duration", mapping.TypeObserver, "gen_ai_execute_tool_duration_seconds")
	f(agent, "agent.mcp.client.session.duration", mapping.TypeObserver, "mcp_client_session_duration_seconds")
	f(agent, "agent.other", mapping.TypeGauge, "agent.other")
	f(agent, "llm.requests", mapping.TypeCounter, "")
}

// A label that is left out is dropped under every name that its tag may have.
func TestPresetWithout(t *testing.T) {
	for _, p := range []mapping.Preset{mapping.PresetLLM, mapping.PresetAgent} {
		rules := p.Rules(mapping.LabelTool)
		for i := range rules.Len() {
			r := rules.Rule(i)
			for _, tag := range []string{mapping.LabelTool, "tool", "tool_name"} {
				if !slices.Contains(r.DropLabels, tag) {
					t.Errorf("%s:%d: keeps %s", r.File, r.Line, tag)
				}
			}
			if slices.Contains(r.DropLabels, "model") {
				t.Errorf("%s:%d: drops model, which was not asked for", r.File, r.Line)
			}
		}
		if again := p.Rules().Rule(0); slices.Contains(again.DropLabels, "tool") {
			t.Errorf("%s: leaving out a label changes the preset for all", p)
		}
	}
}
