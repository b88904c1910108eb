package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"weir/config"
	"weir/internal/mistake"
)

// Paths in a file are relative to the folder of that file, wherever weir runs; those of the environment and
// of flags to the folder where it runs.
func TestPathsAreBesideTheirFile(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(t.TempDir())
	file := filepath.Join(dir, "weir.yaml")
	content := `endpoint: {web_config_file: web.yaml}
authentication: {tokens_file: sub/../tokens.yaml, jwt: {jwks_file: /etc/jwks.json}}
mapping: {file: rules.yaml}
state: {file: ../state}
ingest: {unixgram: "@weir", unix: stream.sock}
`
	for name, text := range map[string]string{"weir.yaml": content, "rules.yaml": "mappings: []\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	flags := mustParse(t, "--authentication.jwt.jwks_file=keys.json")
	c := mustLoad(t, config.Sources{File: file, Flags: flags})
	a := &c.Expose.Authentication
	f := func(key, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s = %q, want %q", key, got, want)
		}
	}
	f("endpoint.web_config_file", c.Expose.Endpoint.WebConfigFile, filepath.Join(dir, "web.yaml"))
	f("authentication.tokens_file", a.TokensFile, filepath.Join(dir, "tokens.yaml"))
	f("authentication.jwt.jwks_file", a.JWT.JWKSFile, "keys.json")
	f("mapping.file", c.Mapping.File, filepath.Join(dir, "rules.yaml"))
	f("state.file", c.State.File, filepath.Join(filepath.Dir(dir), "state"))
	f("ingest.unixgram", c.Ingest.Unixgram, "@weir")
	f("ingest.unix", c.Ingest.Unix, filepath.Join(dir, "stream.sock"))
}

// A relative --config gives absolute paths too: they are the same in every message.
func TestMissingFileHasKeyAndLine(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	if err := os.WriteFile("weir.yaml", []byte("\nmapping: {file: rules.yaml}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	errorsOf(t, config.Sources{File: "weir.yaml"},
		`weir.yaml:2: mapping.file: "`+dir+`/rules.yaml": no such file or directory`)
	errorsOf(t, config.Sources{Flags: mustParse(t, "--mapping.file=rules.yaml")},
		`--mapping.file: "`+dir+`/rules.yaml": no such file or directory`)
}

func TestLocate(t *testing.T) {
	file := writeFile(t, "endpoint: {web_config_file: /w.yaml}\nauthentication:\n  jwt: {key_file: /key.pem}\n")
	c := mustLoad(t, config.Sources{File: file})
	err := c.Locate(errors.Join(
		mistake.File("/w.yaml", os.ErrNotExist), errors.New("/key.pem: is a private key"),
		&mistake.Mistake{Place: mistake.Place{Name: "/w.yaml", Line: 3}, Path: "a", Value: "b"}, os.ErrClosed))
	want := []string{
		file + `:1: endpoint.web_config_file: "/w.yaml": file does not exist`,
		file + `:3: authentication.jwt.key_file: "/key.pem": is a private key`,
		"/w.yaml:3: a: b", "file already closed",
	}
	if got := strings.Split(err.Error(), "\n"); !slices.Equal(got, want) {
		t.Errorf("Locate: got %q, want %q", got, want)
	}
	if c.Locate(nil) != nil {
		t.Error("Locate(nil) is not nil")
	}
}

// One underscore where two are meant is ignored with a warning that has the right spelling; what Kubernetes
// sets for a service is not warned of.
func TestEnvironOneUnderscore(t *testing.T) {
	f := func(variable string, want ...string) {
		t.Helper()
		got := mustLoad(t, config.Sources{Environ: []string{variable}}).Notes()
		if !slices.Equal(got, want) {
			t.Errorf("%s: notes %q, want %q", variable, got, want)
		}
	}
	meant := func(name, spelling string) string {
		return name + ": ignored: did you mean " + spelling + ", with two underscores?"
	}
	f("WEIR_INGEST_UDP=:1", meant("WEIR_INGEST_UDP", "WEIR__INGEST__UDP"))
	f("WEIR_INGEST__UDP=:1", meant("WEIR_INGEST__UDP", "WEIR__INGEST__UDP"))
	f("WEIR_LOG_LEVELS=info", meant("WEIR_LOG_LEVELS", "WEIR__LOG__LEVEL"))
	f("WEIR_CARDINALITY_MAX_TOTAL_SERIES=1",
		meant("WEIR_CARDINALITY_MAX_TOTAL_SERIES", "WEIR__CARDINALITY__MAX_TOTAL_SERIES"))
	f("WEIR_ENDPOINT_PORT=9102", meant("WEIR_ENDPOINT_PORT", "WEIR__ENDPOINT__LISTEN"))
	f("WEIR_CACHE_TTL_MS=5", meant("WEIR_CACHE_TTL_MS", "WEIR__CACHE__TTL"))
	f("WEIR_INGEST_NONSENSE_OF_MINE=1",
		"WEIR_INGEST_NONSENSE_OF_MINE: ignored: want WEIR__SECTION__KEY, as in weir --help")
	f("WEIR_CONFIG=/etc/weir.yaml", "WEIR_CONFIG: ignored: name the file with --config")
	for _, name := range []string{
		"WEIR_PORT=tcp://10.0.0.1:9102", "WEIR_SERVICE_HOST=10.0.0.1", "WEIR_SERVICE_PORT=9102",
		"WEIR_SERVICE_PORT_HTTP=9102", "WEIR_PORT_9102_TCP=tcp://10.0.0.1:9102", "WEIR_PORT_9125_UDP_ADDR=10.0.0.1",
		"WEIR_INGEST_PORT=udp://10.0.0.1:9125", "WEIR_INGEST_SERVICE_HOST=10.0.0.1", "WEIR_INGEST_PORT_9125_UDP_PROTO=udp",
		"WEIR_E2E=skip", "WEIR_HOME=/", "WEIR_=",
	} {
		f(name)
	}
}
