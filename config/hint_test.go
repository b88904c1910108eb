package config_test

import (
	"strings"
	"testing"

	"weir/config"
)

// Each of the values that Choices lists is allowed, and a list may have all of them.
func TestChoicesAreAllowed(t *testing.T) {
	for path, kind := range keys(t) {
		choices := config.Choices(path)
		if kind == "bool" && strings.Join(choices, " ") != "true false" {
			t.Errorf("Choices(%q) = %q, want true and false", path, choices)
		}
		if kind == "list" {
			choices = append(choices, strings.Join(choices, ","))
		}
		for _, value := range choices {
			_, err := config.Load(config.Sources{Environ: []string{environName(path) + "=" + value}})
			if err != nil && path != "authentication.enabled" && value != "" { // which needs tokens
				t.Errorf("%s: %q is no choice: %v", path, value, err)
			}
		}
	}
	if config.Choices("log.level") == nil || config.Choices("cache.ttl") != nil || config.Choices("nonsense") != nil {
		t.Error("want choices of log.level, and none of cache.ttl")
	}
}
