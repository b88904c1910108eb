package mapping_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"weir/aggregate/mapping"
)

// goodKeys are the keys of a rule beside match and name, each with a value that is allowed with all the
// others.
func goodKeys() map[string]string {
	return map[string]string{
		"match_type": "glob", "match_metric_type": "counter", "action": "map", "labels": "{l: $1}",
		"honor_labels": "true", "help": "text", "scale": "2", "except": "[a.b]", "match_tags": "{env: prod}",
		"label_map": "{old: new}", "drop_labels": "[x]", "max_label_values": "{l: 5}", "init": "[{l: a}]",
		"ttl": "60s", "observer_type": "histogram",
		"histogram_options": "{buckets: [1, 2], native_histogram_bucket_factor: 1.1, native_histogram_max_buckets: 9}",
	}
}

// badValues are values that none of those keys may have: of the wrong kind, or out of range.
func badValues(key string) []string {
	switch key {
	case "labels", "match_tags", "label_map", "max_label_values", "histogram_options":
		return []string{"text", "5", "[a]"}
	case "except", "drop_labels":
		return []string{"text", "5", "{a: b}"}
	case "init":
		return []string{"text", "5"}
	case "help":
		return []string{"[a]", "{a: b}"}
	case "scale":
		return []string{"text", "[a]", "{a: b}", "'2'", ".nan"}
	default:
		return []string{"surely", "[a]", "{a: b}", "-5"}
	}
}

// A single bad value among good ones is the only mistake, and is told at its line and key.
func TestOneBadValueIsFound(t *testing.T) {
	names := slices.Sorted(func(yield func(string) bool) {
		for name := range goodKeys() {
			if !yield(name) {
				return
			}
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		keys := goodKeys()
		order := rapid.Permutation(names).Draw(t, "order")
		bad := rapid.SampledFrom(names).Draw(t, "bad")
		keys[bad] = rapid.SampledFrom(badValues(bad)).Draw(t, "value")
		before := rapid.IntRange(0, 3).Draw(t, "rules before")
		var yaml strings.Builder
		yaml.WriteString("mappings:\n" + strings.Repeat("- {match: x.y, name: n}\n", before) + "- match: a.*\n  name: n\n")
		line := 0
		for i, key := range order {
			fmt.Fprintf(&yaml, "  %s: %s\n", key, keys[key])
			if key == bad {
				line = 1 + before + 2 + i + 1
			}
		}
		_, err := mapping.Parse("m.yaml", []byte(yaml.String()))
		want := fmt.Sprintf("m.yaml:%d: mappings[%d].%s", line, before, bad)
		if err == nil || strings.Contains(err.Error(), "\n") || !strings.HasPrefix(err.Error(), want) {
			t.Fatalf("%s\ngot\n%v\nwant only %s", yaml.String(), err, want)
		}
	})
}

// The same rules without a bad value are allowed in every order of the keys, and mean the same.
func TestOrderOfKeysIsFree(t *testing.T) {
	keys := goodKeys()
	names := make([]string, 0, len(keys))
	for name := range keys {
		names = append(names, name)
	}
	slices.Sort(names)
	read := func(t *rapid.T, order []string) string {
		var yaml strings.Builder
		yaml.WriteString("mappings:\n- match: a.*\n  name: n\n")
		for _, key := range order {
			fmt.Fprintf(&yaml, "  %s: %s\n", key, keys[key])
		}
		rules, err := mapping.Parse("m.yaml", []byte(yaml.String()))
		if err != nil {
			t.Fatalf("%s\n%v", yaml.String(), err)
		}
		text, err := json.Marshal([]any{rules.Rule(0), rules.Initial()})
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	rapid.Check(t, func(t *rapid.T) {
		order := rapid.Permutation(names).Draw(t, "order")
		if got, want := read(t, order), read(t, names); got != want {
			t.Fatalf("in the order %q:\n%s\nwant\n%s", order, got, want)
		}
	})
}

// A key with one slip is refused, and the key that was meant is suggested.
func TestSlipIsCorrected(t *testing.T) {
	keys := goodKeys()
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.SampledFrom([]string{
			"match_metric_type", "honor_labels", "match_tags", "drop_labels", "max_label_values", "observer_type", "ttl",
		}).Draw(t, "key")
		at := rapid.IntRange(0, len(key)-2).Draw(t, "at")
		slip := key[:at] + key[at+1:at+2] + key[at:at+1] + key[at+2:]
		if slip == key {
			slip = key + "s"
		}
		yaml := fmt.Sprintf("mappings:\n- match: a.*\n  name: n\n  %s: %s\n", slip, keys[key])
		_, err := mapping.Parse("m.yaml", []byte(yaml))
		want := fmt.Sprintf("m.yaml:4: mappings[0].%s: unknown key: did you mean %s?", slip, key)
		if err == nil || err.Error() != want {
			t.Fatalf("%s\ngot %v, want %s", yaml, err, want)
		}
	})
}

// The mistakes of many rules come all at once, in the order of the file.
func TestMistakesOfAllRules(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bad := rapid.SliceOfN(rapid.Bool(), 1, 30).Draw(t, "bad")
		yaml, want := "mappings:\n", []string{}
		for i, isBad := range bad {
			if isBad {
				yaml += "- {match: a..b, name: n}\n"
				want = append(want, fmt.Sprintf("m.yaml:%d: mappings[%d].match: a..b: "+
					"want words or stars with single dots between them", i+2, i))
				continue
			}
			yaml += "- {match: a.b, name: n}\n"
		}
		_, err := mapping.Parse("m.yaml", []byte(yaml))
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != strings.Join(want, "\n") {
			t.Fatalf("%s\ngot\n%s\nwant\n%s", yaml, got, strings.Join(want, "\n"))
		}
	})
}
