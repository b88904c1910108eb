package config

import (
	_ "embed" // for example.yaml
	"strings"

	"weir/internal/yamlfile"
)

// example documents every key, with its default.
//
//go:embed example.yaml
var example []byte

// helpTexts returns the help of every key by path: the first line of the comment above it in example.yaml.
func helpTexts() map[string]string {
	document := yamlfile.Parse("example.yaml", example, yamlfile.Options{})
	root, ok := document.Root()
	if !ok {
		panic("BUG: example.yaml: " + document.Err().Error())
	}
	texts := map[string]string{}
	addHelpTexts(texts, root)
	return texts
}

func addHelpTexts(texts map[string]string, section yamlfile.Value) {
	for _, p := range section.Pairs("") {
		first, _, _ := strings.Cut(p.Key.Comment(), "\n")
		texts[p.Key.Path] = strings.TrimPrefix(first, "# ")
		if p.Value.IsSection() {
			addHelpTexts(texts, p.Value)
		}
	}
}
