package config_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"weir/config"
)

// The rules of the presets come behind those of mapping.file, and leave out what they are told to.
func TestLoadPresets(t *testing.T) {
	const models, tools = "gen_ai_request_model gen_ai_response_model", "gen_ai_tool_name"
	dir := t.TempDir()
	own := filepath.Join(dir, "own.yaml")
	if err := os.WriteFile(own, []byte("mappings: [{match: llm.cost, name: own}]"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := func(flags string, want ...string) {
		t.Helper()
		c := mustLoad(t, config.Sources{Flags: mustParse(t, strings.Fields(flags)...)})
		var got []string
		for _, rules := range c.Aggregate.Rules {
			words := []string{filepath.Base(rules.Rule(0).File)}
			for label := range strings.FieldsSeq(models + " model " + tools + " tool") {
				if slices.Contains(rules.Rule(0).DropLabels, label) {
					words = append(words, "-"+label)
				}
			}
			got = append(got, strings.Join(words, " "))
		}
		if !slices.Equal(got, want) {
			t.Errorf("rules by %s: %q, want %q", flags, got, want)
		}
	}
	f("")
	f("--collectors.llm.enabled", "llm.yaml")
	f("--collectors.agent.enabled", "agent.yaml")
	f("--collectors.llm.enabled --collectors.agent.enabled --mapping.file="+own, "own.yaml", "llm.yaml", "agent.yaml")
	f("--collectors.llm.enabled --collectors.llm.include_model_metrics=false",
		"llm.yaml -gen_ai_request_model -gen_ai_response_model -model")
	f("--collectors.agent.enabled --collectors.agent.include_tool_metrics=false",
		"agent.yaml -gen_ai_tool_name -tool")
	f("--collectors.llm.include_model_metrics=false")
}

// Every value of the production configuration is in effect, except the values that have a note.
func TestProductionNotes(t *testing.T) {
	for _, note := range mustLoad(t, config.Sources{File: "testdata/production.good.yaml"}).Notes() {
		if strings.Contains(note, "collectors") {
			t.Error(note)
		}
	}
}
