package config

// IsSecret is isSecret.
var IsSecret = isSecret
