package config_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"

	"weir/config"
)

// find returns the setting of a key.
func find(t *testing.T, all []config.Setting, key string) config.Setting {
	t.Helper()
	for _, s := range all {
		if s.Key == key {
			return s
		}
	}
	t.Fatalf("there is no setting %s", key)
	return config.Setting{}
}

func writeConfig(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "weir.yaml")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func flagsOf(t *testing.T, args ...string) *pflag.FlagSet {
	t.Helper()
	fs := pflag.NewFlagSet("weir", pflag.ContinueOnError)
	config.AddFlags(fs)
	config.AddStatsdFlags(fs)
	if err := fs.Parse(args); err != nil {
		t.Fatal(err)
	}
	return fs
}

// Each setting says which source has set it, and where.
func TestSettingsSayWhereFrom(t *testing.T) {
	path := writeConfig(t, "cache:\n  ttl: 3s\n  enabled: true\nlog: {level: info}\ningest:\n  udp: [\"127.0.0.1:1\", \"127.0.0.1:2\"]\n")
	all := mustLoad(t, config.Sources{
		File: path, Environ: []string{"WEIR__LOG__LEVEL=warn"}, Flags: flagsOf(t, "--ingest.loops=2"),
	}).Settings()
	for _, want := range []config.Setting{
		{Key: "cache.ttl", Value: "3s", Default: "1s", Origin: config.OriginFile, Place: path + ":2"},
		{Key: "cache.enabled", Value: "true", Default: "true", IsDefault: true, Origin: config.OriginFile, Place: path + ":3"},
		{Key: "log.level", Value: "warn", Default: "info", Origin: config.OriginEnvironment, Place: "WEIR__LOG__LEVEL"},
		{Key: "ingest.loops", Value: "2", Default: "0", Origin: config.OriginFlag, Place: "--ingest.loops"},
		{Key: "ingest.udp", Value: "127.0.0.1:1,127.0.0.1:2", Default: "127.0.0.1:9125", Origin: config.OriginFile, Place: path + ":6"},
		{Key: "log.format", Value: "console", Default: "console", IsDefault: true, Origin: config.OriginDefault},
	} {
		if d := cmp.Diff(find(t, all, want.Key), want); d != "" {
			t.Error(d)
		}
	}
}

// An alias sets the key that it stands for, and flags of statsd_exporter bring its defaults.
func TestSettingsOfStatsdExporter(t *testing.T) {
	all := mustLoad(t, config.Sources{Flags: flagsOf(t, "--statsd.listen-udp=127.0.0.1:7000")}).Settings()
	if s := find(t, all, "ingest.udp"); s.Origin != config.OriginFlag || s.Place != "--statsd.listen-udp" || s.Value != "127.0.0.1:7000" {
		t.Errorf("%+v", s)
	}
	s := find(t, all, "timers.observer")
	if s.Origin != config.OriginStatsd || s.Value != "summary" || s.Default != "histogram" || s.IsDefault || s.Place != "" {
		t.Errorf("%+v", s)
	}
}

// Every key is there once, in the order of the flags.
func TestSettingsHaveEveryKey(t *testing.T) {
	all := mustLoad(t, config.Sources{}).Settings()
	var keys []string
	fs := pflag.NewFlagSet("weir", pflag.ContinueOnError)
	fs.SortFlags = false
	config.AddFlags(fs)
	fs.VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			keys = append(keys, f.Name)
		}
	})
	if len(all) != len(keys) {
		t.Fatalf("%d settings, %d flags", len(all), len(keys))
	}
	for i, s := range all {
		if s.Key != keys[i] || !s.IsDefault || s.Value != fs.Lookup(s.Key).DefValue || s.Origin != config.OriginDefault {
			t.Errorf("%+v is not the default of --%s, %q", s, keys[i], fs.Lookup(keys[i]).DefValue)
		}
		if s.IsSecret {
			t.Errorf("%s: no key of today has a secret as its value; secrets are in files", s.Key)
		}
	}
}

// After a reload, keys that need a restart have the values of the start.
func TestInForce(t *testing.T) {
	started := mustLoad(t, config.Sources{File: writeConfig(t, "cache: {ttl: 3s}\nlog: {level: info}\n")})
	path := writeConfig(t, "cache: {ttl: 4s}\n\nlog: {level: debug}\ncardinality: {max_total_series: 7}\n")
	c := started.InForce(mustLoad(t, config.Sources{File: path}))
	if s := find(t, c.Settings(), "cache.ttl"); s.Value != "3s" || c.Expose.Cache.TTL != 3*time.Second {
		t.Errorf("cache.ttl needs a restart, and is %+v, %v", s, c.Expose.Cache.TTL)
	}
	if s := find(t, c.Settings(), "log.level"); s.Value != "debug" || s.Place != path+":3" || c.Log.Level != "debug" {
		t.Errorf("log.level was reloaded, and is %+v, %v", s, c.Log.Level)
	}
	if c.Aggregate.Limits.MaxTotalSeries != 7 || len(c.Files()) != 1 || c.Files()[path] == 0 {
		t.Errorf("limit %d, files %v", c.Aggregate.Limits.MaxTotalSeries, c.Files())
	}
	if started.Log.Level != "info" || started.Settings()[0] != c.Settings()[0] {
		t.Error("InForce has changed its receiver")
	}
	if d := diff(started.InForce(started), started); d != "" {
		t.Error(d)
	}
}

// Settings of secrets are masked, by the name of the key.
func TestSecretKeys(t *testing.T) {
	for path, want := range map[string]bool{
		"push.password": true, "push.bearer_token": true, "oauth.client_secret": true, "tls.private_key": true,
		"authentication.tokens_file": false, "push.password_file": false, "cache.ttl": false,
		"authentication.jwt.key_file": false,
	} {
		if got := config.IsSecret(path); got != want {
			t.Errorf("IsSecret(%q) = %v", path, got)
		}
	}
}
