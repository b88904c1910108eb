package config

// alias is another spelling of a key: with its unit in the name instead of the value, or the port alone.
type alias struct {
	section, name, of string // of is the key in the same section
	kind              kind
	everywhere        bool // in the environment and as a flag too, not only in files
}

// aliases are the other spellings. Those that were the only spelling once are for the environment and the
// flags too. The others are for files alone: over a file that listens on one host only, a port alone in the
// environment would listen on all.
func aliases() []alias {
	return []alias{
		{"endpoint", "port", "listen", port, false},
		{"cache", "ttl_ms", "ttl", millis, false},
		{"cache", "max_size_bytes", "max_size", byteCount, true},
		{"compression", "min_size_bytes", "min_size", byteCount, true},
		{"authentication", "required_scope", "scopes.metrics", text, true},
		{"timeouts", "scrape_timeout_ms", "scrape_timeout", millis, false},
		{"timeouts", "collection_timeout_ms", "collection_timeout", millis, false},
	}
}
