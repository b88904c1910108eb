package guard

import (
	"maps"
	"os"
	"slices"
	"strconv"

	"golang.org/x/crypto/bcrypt"

	"weir/internal/mistake"
	"weir/internal/yamlfile"
)

// parse reads a YAML file strictly. Values are never shown: one may be a secret in the wrong place. Merge
// keys work, as they do for other programs that read web configuration files.
func parse(path string, content []byte) *yamlfile.Document {
	return yamlfile.Parse(path, content, yamlfile.Options{Hide: true, Merge: true})
}

// readFile returns the content of a file; the error names the path once.
func readFile(path string) ([]byte, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, mistake.File(path, err)
	}
	return content, nil
}

// field reads the value of one key.
type field func(v yamlfile.Value)

// readFields reads the section v, the value of each key by the field of the same name. It returns the keys
// that are given.
func readFields(v yamlfile.Value, fields map[string]field) (given map[string]bool) {
	given = map[string]bool{}
	for name, v := range v.Section(slices.Sorted(maps.Keys(fields))...) {
		given[name] = true
		fields[name](v)
	}
	return given
}

// setText returns the field that puts a text into target.
func setText(target *string) field {
	return func(v yamlfile.Value) { *target, _ = v.Text("want text") }
}

// setTexts returns the field that puts a list of texts into target.
func setTexts(target *[]string) field {
	return func(v yamlfile.Value) {
		for v := range v.List("texts") {
			if text, ok := v.Text("want text"); ok {
				*target = append(*target, text)
			}
		}
	}
}

// setChoice returns the field that puts into target what a text stands for.
func setChoice[T any](target *T, choices map[string]T) field {
	return func(v yamlfile.Value) {
		if word, ok := v.Choice(slices.Sorted(maps.Keys(choices))...); ok {
			*target = choices[word]
		}
	}
}

// setChoices is setChoice for a list.
func setChoices[T any](target *[]T, choices map[string]T) field {
	return func(v yamlfile.Value) {
		for v := range v.List("texts") {
			if word, ok := v.Choice(slices.Sorted(maps.Keys(choices))...); ok {
				*target = append(*target, choices[word])
			}
		}
	}
}

// ignore is the field of a switch without effect here.
func ignore(v yamlfile.Value) { _, _ = v.Bool() }

// bcryptHash reads a hash as htpasswd -B and others make it; nil when it is none.
func bcryptHash(v yamlfile.Value) []byte {
	cost, err := bcrypt.Cost([]byte(v.Source()))
	switch {
	case err != nil || !v.IsScalar() || len(v.Source()) != bcryptBytes:
		v.Refuse("want a bcrypt hash, $2y$10$ and 53 characters: htpasswd -nBC 10 ''")
		return nil
	case cost > maxBcryptCost:
		v.RefuseAs("a cost of "+strconv.Itoa(cost), "want at most "+strconv.Itoa(maxBcryptCost))
		return nil
	default:
		return []byte(v.Source())
	}
}
