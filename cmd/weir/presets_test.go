package main

import (
	"fmt"
	"strings"
	"testing"

	"weir/aggregate/mapping"
	"weir/cmd/weir/explain"
	"weir/config"
)

// presetExamples has lines for every rule of each preset.
var presetExamples = map[mapping.Preset]string{
	mapping.PresetLLM: `
llm.request.duration:1830|ms|#model:gpt-5,provider:openai,operation:chat
llm.request.duration:0.4|d|#model:text-embedding-3,provider:openai,operation:embeddings,error:timeout
llm.time_to_first_chunk:210|ms|#model:gpt-5
llm.time_to_first_token:210|ms|#model:gpt-5
llm.ttft:210|ms|#model:gpt-5
llm.time_per_output_chunk:12|ms|#model:gpt-5
llm.requests:1|c|#model:gpt-5,user_id:7,session_id:a8f
llm.errors:1|c|#model:gpt-5,type:rate_limit
llm.cost:0.0042|c|#model:gpt-5,provider:openai
llm.inflight:+1|g|#model:gpt-5
llm.tokens.input:1200|c|#model:gpt-5
llm.tokens.output:380|c|#model:gpt-5
llm.tokens.cache_read:1024|c|#model:gpt-5
llm.tokens.cache_write:128|c|#model:gpt-5
llm.tokens.reasoning:256|c|#model:gpt-5
llm.tokens.input:1200|h|#model:gpt-5,modality:text
llm.tokens.output:380|h|#model:gpt-5,modality:text
llm.token.usage:1200|h|#model:gpt-5,type:input
llm.server.request.duration:2.1|h|#model:llama-4
llm.server.time_to_first_token:45|ms|#model:llama-4
llm.server.ttft:45|ms|#model:llama-4
llm.server.time_per_output_token:18|ms|#model:llama-4
llm.cache.hits:1|c|#model:gpt-5,conversation_id:x`,
	mapping.PresetAgent: `
agent.run.duration:42|h|#agent:researcher
agent.runs:1|c|#agent:researcher
agent.errors:1|c|#agent:researcher,type:max_steps
agent.steps:1|c|#agent:researcher
agent.steps:12|h|#agent:researcher
agent.inflight:+1|g|#agent:researcher
agent.inference.calls:9|h|#agent:researcher
agent.tool.calls:1|c|#agent:researcher,tool:web_search
agent.tool.calls:4|h|#agent:researcher
agent.tool.duration:730|ms|#tool:web_search,error:timeout
agent.tool.errors:1|c|#tool:web_search,type:timeout
agent.workflow.duration:95|h|#workflow:report
agent.mcp.client.operation.duration:33|ms|#tool:read_file
agent.mcp.client.session.duration:61|h
agent.mcp.server.operation.duration:21|ms|#tool:read_file
agent.mcp.server.session.duration:61|h
agent.memory.items:310|g|#agent:researcher,thread_id:x`,
}

func presetConfig() *config.Config {
	c := config.Default()
	c.Aggregate.Rules = []*mapping.Rules{mapping.PresetLLM.Rules(), mapping.PresetAgent.Rules()}
	return c
}

// presetTable fails when a rule has no example, or an example meets no rule of the preset.
func presetTable(t *testing.T, preset mapping.Preset) string {
	t.Helper()
	c := presetConfig()
	rules := preset.Rules()
	unseen := map[int]bool{} // by line
	for i := range rules.Len() {
		unseen[rules.Rule(i).Line] = true
	}
	var b strings.Builder
	b.WriteString("| line | series | type |\n|---|---|---|\n")
	for line := range strings.SplitSeq(strings.TrimSpace(presetExamples[preset]), "\n") {
		s := explain.New(c).Lines(line)[0].Samples[0]
		if s.Rule == nil || s.Rule.File != preset.File() {
			t.Errorf("%s: %+v, want a rule of %s", line, s.Rule, preset)
			continue
		}
		delete(unseen, s.Rule.Line)
		fmt.Fprintf(&b, "| `%s` | `%s` | %s |\n", strings.ReplaceAll(line, "|", `\|`), s.Series, s.Type)
	}
	for line := range unseen {
		t.Errorf("%s:%d: no example", preset.File(), line)
	}
	return b.String()
}
