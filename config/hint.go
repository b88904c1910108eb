package config

import (
	"slices"
	"strings"
	"time"

	"weir/aggregate"
	"weir/ingest"
	"weir/internal/mistake"
)

// hints are examples for the keys whose default shows none: it is empty, or zero.
var hints = map[string]string{
	"ingest.unixgram":              "/run/weir/weir.sock",
	"ingest.unix":                  "/run/weir/stream.sock",
	"ingest.origin_labels":         "container_id",
	"ingest.relay":                 "udp://10.0.0.2:9125",
	"ingest.relay_tls.ca_file":     "ca.pem",
	"ingest.relay_tls.cert_file":   "cert.pem",
	"ingest.relay_tls.key_file":    "key.pem",
	"ingest.relay_tls.server_name": "statsd.example",
	"endpoint.web_config_file":     "web.yaml",
	"endpoint.linger":              "20s",
	"authentication.tokens_file":   "tokens.yaml",
	"authentication.jwt.key_file":  "key.pem",

	"authentication.jwt.jwks_file": "jwks.json",
	"authentication.jwt.issuer":    "https://login.example",
	"authentication.jwt.audience":  "weir",
	"self.alias_prefix":            "llmdevops_metrics_",

	"series.ttl":           "1h",
	"series.exemplar_tags": "trace_id,span_id",
	"mapping.file":         "rules.yaml",
	"state.file":           "/var/lib/weir/state",
}

// exampleOf returns a value that k may have, as a flag takes it; "" when none is known.
func exampleOf(k *key) string {
	if k.aliasOf != nil {
		return ""
	}
	if hint, ok := hints[k.path]; ok {
		return hint
	}
	switch value := k.value(Default()).(type) {
	case string, []string, []float64:
		return format(value)
	case time.Duration:
		if value != 0 {
			return format(value)
		}
	}
	return ""
}

// wantOf says what the value of the leaf k looks like, with an example for this key where the kind alone
// does not say it all. In a file, texts have quotes and lists have brackets.
func wantOf(k *key, inFile bool) string {
	example := exampleOf(k)
	if example == "" {
		return k.kind.want()
	}
	if parts := strings.SplitAfterN(example, ",", 4); len(parts) == 4 {
		example = strings.TrimSuffix(parts[0]+parts[1]+parts[2], ",") // three elements are example enough
	}
	quoted := example
	if inFile {
		quoted = `"` + strings.ReplaceAll(example, ",", `", "`) + `"`
	}
	words := Choices(k.path)
	switch {
	case k.kind == duration:
		return "want a duration with a unit, like " + example
	case k.kind == numberList && inFile:
		return "want a list of numbers, like [" + strings.ReplaceAll(example, ",", ", ") + "]"
	case k.kind == textList && inFile:
		return "want a list of texts, like [" + quoted + "]"
	case len(words) > 0 && k.kind == text:
		return "want " + mistake.Or(words)
	case k.kind == text && strings.HasSuffix(k.path, ".listen"):
		return "want an address, such as " + quoted
	case k.kind == text && inFile:
		return "want text in quotes, such as " + quoted
	default:
		return k.kind.want()
	}
}

// Choices returns the values that the key at path may have, where they are few: true and false, or words. It
// is nil for other keys. The elements of a list may be any of them.
func Choices(path string) []string {
	words := map[string][]string{
		"ingest.dialects":             ingest.DefaultOptions().Dialects,
		"ingest.gauge_sign":           {"relative", "absolute"},
		"ingest.origin_labels":        {"container_id", "pod_uid", "container_name"},
		"ingest.relay_lines":          {"accepted", ingest.RelayAll},
		"ingest.spread":               {"flow", "random"},
		"cardinality.overflow_action": {"drop_and_warn", "fold"},
		"sanitize.names":              {"legacy", "utf8"},
		"series.counter_birth":        {"value", "zero"},
		"timers.observer":             {"histogram", "native", "both", aggregate.ObserverSummary},
		"log.level":                   {"debug", "info", "warn", "error"},
		"log.format":                  {FormatConsole, FormatJSON, FormatLogfmt},
	}[path]
	if words != nil {
		return slices.Clone(words)
	}
	if k := newSchema().find(path); k != nil && k.kind == boolean {
		return []string{"true", "false"}
	}
	return nil
}
