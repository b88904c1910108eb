package config

import (
	_ "embed" // for example.yaml
	"strings"

	"go.yaml.in/yaml/v3"
)

// example documents every key, with its default.
//
//go:embed example.yaml
var example []byte

// helpTexts returns the help of every key by path: the first line of the comment above it in example.yaml.
func helpTexts() map[string]string {
	var doc yaml.Node
	if err := yaml.Unmarshal(example, &doc); err != nil {
		panic("BUG: example.yaml: " + err.Error())
	}
	texts := map[string]string{}
	addHelpTexts(texts, "", doc.Content[0])
	return texts
}

func addHelpTexts(texts map[string]string, in string, n *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i < len(n.Content); i += 2 {
		path := join(in, n.Content[i].Value)
		first, _, _ := strings.Cut(n.Content[i].HeadComment, "\n")
		texts[path] = strings.TrimPrefix(first, "# ")
		addHelpTexts(texts, path, n.Content[i+1])
	}
}
