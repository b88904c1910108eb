package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"

	"weir/aggregate/mapping"
	"weir/cmd/weir/explain"
	"weir/cmd/weir/self"
	"weir/config"
	"weir/protocol"
)

var update = flag.Bool("update", false, "write the generated parts of the documentation")

// docsTables are the parts of pages that the program itself writes, by the name in the comment that begins
// them.
var docsTables = map[string]func(*testing.T) string{
	"self-metrics":  func(*testing.T) string { return selfMetricsTable(self.Families()) },
	"compat":        func(*testing.T) string { return selfMetricsTable(self.CompatFamilies()) },
	"reasons":       func(*testing.T) string { return reasonsTable() },
	"configuration": keysTables,
	"llm":           tableOf(mapping.PresetLLM),
	"agent":         tableOf(mapping.PresetAgent),
}

var generatedPart = regexp.MustCompile(
	`(?s)(<!-- ([a-z-]+): made by go test \./cmd/weir -run TestDocsTables -update -->\n).*?(<!-- end of ([a-z-]+) -->)`)

// The generated parts of the pages are what the program says today. With -update they are written.
func TestDocsTables(t *testing.T) {
	written := map[string]bool{}
	for _, p := range readPages(t) {
		text := generatedPart.ReplaceAllStringFunc(p.text, func(part string) string {
			match := generatedPart.FindStringSubmatch(part)
			name := match[2]
			table, known := docsTables[name]
			if !known || match[4] != name {
				t.Errorf("%s: the part %s: want one of %d known names, and the same at its end", p.path, name, len(docsTables))
				return part
			}
			written[name] = true
			return match[1] + table(t) + match[3]
		})
		switch {
		case text == p.text:
		case !*update:
			t.Errorf("%s: its generated parts are not up to date: run the test with -update", p.path)
		default:
			if err := os.WriteFile(filepath.Join(repo, p.path), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name := range docsTables {
		if !written[name] {
			t.Errorf("no page has the part %s", name)
		}
	}
}

func tableOf(preset mapping.Preset) func(*testing.T) string {
	return func(t *testing.T) string {
		t.Helper()
		return presetTable(t, preset)
	}
}

func selfMetricsTable(families []self.Family) string {
	var b strings.Builder
	b.WriteString("| family | type | labels | meaning |\n|---|---|---|---|\n")
	for _, f := range families {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", f.Name, f.Type, strings.Join(f.Labels, ", "), f.Help)
	}
	return b.String()
}

// reasonsTable lists why samples are not recorded, with the same advice as weir explain.
func reasonsTable() string {
	var b strings.Builder
	b.WriteString("| reason | counted by | what is wrong |\n|---|---|---|\n")
	for reason := protocol.ReasonNone + 1; reason < protocol.NumReasons; reason++ {
		family := "weir_samples_rejected_total"
		switch {
		case reason.Refused():
			family = "weir_samples_refused_total"
		case !reason.Rejected():
			family = "weir_samples_dropped_total"
		}
		fmt.Fprintf(&b, "| `%s` | `%s` | %s |\n", reason, family, cell(explain.Advice(reason)))
	}
	return b.String()
}

// keysTables returns a table of keys for each section, from the comments of example.yaml.
func keysTables(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(repo, "config/example.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	defaults := map[string]string{}
	flags := pflag.NewFlagSet("weir", pflag.ContinueOnError)
	config.AddFlags(flags)
	flags.VisitAll(func(f *pflag.Flag) { defaults[f.Name] = f.DefValue })
	var b strings.Builder
	sections := doc.Content[0].Content
	for i := 0; i < len(sections); i += 2 {
		fmt.Fprintf(&b, "### %s\n\n%s\n\n| key | default | meaning |\n|---|---|---|\n",
			sections[i].Value, strings.ReplaceAll(strings.TrimPrefix(sections[i].HeadComment, "# "), "\n# ", " "))
		keyRows(&b, sections[i].Value, sections[i+1], defaults)
		b.WriteString("\n")
	}
	return b.String()
}

// keyRows writes a row for each key of the section n, with those of the sections in it.
func keyRows(b *strings.Builder, in string, n *yaml.Node, defaults map[string]string) {
	for i := 0; i < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		name := in + "." + key.Value
		if value.Kind == yaml.MappingNode {
			keyRows(b, name, value, defaults)
			continue
		}
		show := "`" + defaults[name] + "`"
		if defaults[name] == "" {
			show = "empty"
		}
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", name, show, cell(comment(key)))
	}
}

// comment returns the comment above a key, as sentences: the first line, which is the help of the flag, is one.
func comment(key *yaml.Node) string {
	lines := strings.Split(strings.ReplaceAll(key.HeadComment, "# ", ""), "\n")
	first := strings.ToUpper(lines[0][:1]) + lines[0][1:]
	if !strings.HasSuffix(first, ".") {
		first += "."
	}
	return strings.Join(append([]string{first}, lines[1:]...), " ")
}

// cell makes text fit a cell of a table in Markdown.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "*", `\*`, "<", `\<`).Replace(text)
}
