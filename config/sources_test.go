package config_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"

	"weir/config"
	"weir/internal/bytesize"
)

// errorsOf checks that Load fails with exactly the wanted lines, each given as its beginning.
func errorsOf(t *testing.T, from config.Sources, want ...string) {
	t.Helper()
	_, err := config.Load(from)
	if err == nil {
		t.Errorf("Load(%q) = nil, want %q", from.Environ, want)
		return
	}
	got := strings.Split(err.Error(), "\n")
	if len(got) != len(want) {
		t.Errorf("Load(%q) gave %d errors, want %d:\n%v", from.Environ, len(got), len(want), err)
		return
	}
	for i := range got {
		if !strings.HasPrefix(got[i], want[i]) {
			t.Errorf("Load(%q): error %q, want it to begin with %q", from.Environ, got[i], want[i])
		}
	}
}

func TestEnvironBad(t *testing.T) {
	f := func(variable string, want ...string) {
		t.Helper()
		errorsOf(t, config.Sources{Environ: []string{variable}}, want...)
	}
	f("WEIR__CACHE__TTL=5", "WEIR__CACHE__TTL: 5: want a duration")
	f("WEIR__CACHE__TTL=0", "WEIR__CACHE__TTL: 0: want a duration")
	f("WEIR__CACHE__TTL=", `WEIR__CACHE__TTL: "": want a duration`)
	f("WEIR__cache__ttl=x y", `WEIR__cache__ttl: "x y": want a duration`)
	f("WEIR__CACHE__ENABLED=1", "WEIR__CACHE__ENABLED: 1: want true or false")
	f("WEIR__CACHE__ENABLED=yes", "WEIR__CACHE__ENABLED: yes: want true or false")
	f("WEIR__COMPRESSION__LEVEL=12.9", "WEIR__COMPRESSION__LEVEL: 12.9: want a whole number")
	f("WEIR__COMPRESSION__LEVEL=12", "WEIR__COMPRESSION__LEVEL: 12: want 1 (fast) to 9")
	f("WEIR__INGEST__MAX_LINE=8KB", "WEIR__INGEST__MAX_LINE: 8KB: want a size")
	f("WEIR__SELF__ALIAS_PREFIX=weir_", `WEIR__SELF__ALIAS_PREFIX: "weir_": weir's own families have these names`)
	for _, bad := range []string{"9_", "a-b_", "llmdevops_metrics", "a:b_", "\u00e9_", strings.Repeat("a", 100) + "_"} {
		f("WEIR__SELF__ALIAS_PREFIX="+bad, `WEIR__SELF__ALIAS_PREFIX: "`)
	}
	f("WEIR__INGEST__UDP=:1,here", `WEIR__INGEST__UDP: "here": want "host:port"`)
	f("WEIR__TIMERS__BUCKETS=1,two", "WEIR__TIMERS__BUCKETS: two: want a number")
	f("WEIR__RATE_LIMITING__REQUESTS_PER_SECOND=Inf",
		"WEIR__RATE_LIMITING__REQUESTS_PER_SECOND: Inf: want a number")
	f("WEIR__CACHE=5", "WEIR__CACHE: 5: want a key of the section: WEIR__CACHE__ with one of enabled, ttl")
	f("WEIR__CACHE__TLL=5s", "WEIR__CACHE__TLL: unknown key: did you mean WEIR__CACHE__TTL?")
	f("WEIR__CACHE__TTL__X=5s", "WEIR__CACHE__TTL__X: unknown key: did you mean WEIR__CACHE__TTL?")
	f("WEIR__CACHE__TTL_MS=5", "WEIR__CACHE__TTL_MS: unknown key: did you mean WEIR__CACHE__TTL?")
	f("WEIR__ENDPOINT__PORT=5", "WEIR__ENDPOINT__PORT: unknown key: ")
	f("WEIR__NONSENSE=5", "WEIR__NONSENSE: unknown key: want WEIR__SECTION__KEY")
	f("WEIR__=5", "WEIR__: unknown key: ")
	f("WEIR__AUTHENTICATION__ENABLED=true", "WEIR__AUTHENTICATION__ENABLED: true: no token would be valid")
	errorsOf(t, config.Sources{Environ: []string{"WEIR__CACHE__TTL=1s", "WEIR__CACHE__ttl=2s"}},
		"WEIR__CACHE__ttl: given twice, first as WEIR__CACHE__TTL")
}

// Keys that had another name keep it, in the environment and as flags too; a size in bytes has no unit.
func TestOlderSpellings(t *testing.T) {
	f := func(from config.Sources, want bytesize.Size) {
		t.Helper()
		if got := mustLoad(t, from).Expose.Cache.MaxSize; got != want {
			t.Errorf("cache.max_size of %q, %v = %s, want %s", from.Environ, from.Flags, got, want)
		}
	}
	flag := func(args ...string) config.Sources { return config.Sources{Flags: mustParse(t, args...)} }
	environ := func(variables ...string) config.Sources { return config.Sources{Environ: variables} }
	f(environ("WEIR__CACHE__MAX_SIZE_BYTES=2048"), 2*bytesize.KiB)
	f(environ("WEIR__CACHE__MAX_SIZE=2048"), 2*bytesize.KiB)
	f(environ("WEIR__CACHE__MAX_SIZE=2KiB"), 2*bytesize.KiB)
	f(flag("--cache.max_size_bytes=4096"), 4*bytesize.KiB)
	f(flag("--cache.max_size=4KiB"), 4*bytesize.KiB)
	f(config.Sources{
		Environ: []string{"WEIR__CACHE__MAX_SIZE=1MiB"}, Flags: mustParse(t, "--cache.max_size_bytes=1"),
	}, 1)

	errorsOf(t, environ("WEIR__CACHE__MAX_SIZE_BYTES=2KiB"),
		"WEIR__CACHE__MAX_SIZE_BYTES: 2KiB: want a whole number of bytes")
	errorsOf(t, environ("WEIR__CACHE__MAX_SIZE_BYTES=1", "WEIR__CACHE__MAX_SIZE=2"),
		"WEIR__CACHE__MAX_SIZE_BYTES: given twice, first as WEIR__CACHE__MAX_SIZE")
	errorsOf(t, flag("--compression.min_size_bytes=-1"),
		"--compression.min_size_bytes: -1: want a whole number of bytes")
	errorsOf(t, flag("--compression.min_size_bytes=70000"), "--compression.min_size_bytes: 70000B: want 0 to 64KiB")
	errorsOf(t, flag("--compression.min_size=1", "--compression.min_size_bytes=1"),
		"--compression.min_size_bytes: given together with --compression.min_size")
}

func TestEnvironIgnored(t *testing.T) {
	environ := []string{
		"WEIR_PORT=tcp://10.0.0.1:9102", "WEIR_SERVICE_HOST=10.0.0.1", "weir__x=1", "NOVALUE", "=C:=x",
	}
	mustLoad(t, config.Sources{Environ: environ})
}

func TestFlagsBad(t *testing.T) {
	f := func(arg string, want ...string) {
		t.Helper()
		errorsOf(t, config.Sources{Flags: mustParse(t, arg)}, want...)
	}
	f("--cache.ttl=5", "--cache.ttl: 5: want a duration")
	f("--cache.enabled=maybe", "--cache.enabled: maybe: want true or false")
	f("--ingest.loops=-1", "--ingest.loops: -1: want 0 (one for each processor) to 256")
	args := []string{"--ingest.udp=", "--ingest.tcp=", "--log.level=x", "--sets.window=1"}
	errorsOf(t, config.Sources{Flags: mustParse(t, args...)},
		"--sets.window: 1: want a duration", "--ingest.udp: no listener is left", "--log.level: x: want debug")
}

func TestFlagLists(t *testing.T) {
	f := func(want []string, args ...string) {
		t.Helper()
		got := mustLoad(t, config.Sources{Flags: mustParse(t, args...)}).Ingest.UDP
		if !slices.Equal(got, want) || got == nil {
			t.Errorf("%q gave %#v, want %q", args, got, want)
		}
	}
	f([]string{":1"}, "--ingest.udp=:1")
	f([]string{":1", ":2", ":3"}, "--ingest.udp=:1, :2", "--ingest.udp", ":3")
	f([]string{}, "--ingest.udp=")
	f([]string{":1"}, "--ingest.udp=,:1,")
}

// TestFlagDefaults holds that the default that the help shows for a flag is the default, in the syntax of the
// flag, and that each flag has a help text.
func TestFlagDefaults(t *testing.T) {
	var args []string
	var environ []string
	mustParse(t).VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		args = append(args, "--"+f.Name+"="+f.DefValue)
		environ = append(environ, "WEIR__"+strings.ToUpper(strings.ReplaceAll(f.Name, ".", "__"))+"="+f.DefValue)
		if f.Usage == "" {
			t.Errorf("--%s has no help", f.Name)
		}
	})
	if d := diff(mustLoad(t, config.Sources{Flags: mustParse(t, args...)}), config.Default()); d != "" {
		t.Errorf("flags: got-, want+:\n%s", d)
	}
	if d := diff(mustLoad(t, config.Sources{Environ: environ}), config.Default()); d != "" {
		t.Errorf("environment: got-, want+:\n%s", d)
	}
}

// TestExample holds that example.yaml has every key, with its default, and no other.
func TestExample(t *testing.T) {
	if d := diff(mustLoad(t, config.Sources{File: "example.yaml"}), config.Default()); d != "" {
		t.Errorf("got-, want+:\n%s", d)
	}
	content, err := os.ReadFile("example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var tree map[string]any
	if err := yaml.Unmarshal(content, &tree); err != nil {
		t.Fatal(err)
	}
	var want []string
	mustParse(t).VisitAll(func(f *pflag.Flag) {
		if !f.Hidden { // another spelling
			want = append(want, f.Name)
		}
	})
	got := leaves("", tree)
	slices.Sort(got)
	if d := cmp.Diff(got, want); d != "" {
		t.Errorf("keys of example.yaml-, of Config+:\n%s", d)
	}
}

func leaves(in string, tree map[string]any) []string {
	var all []string
	for name, value := range tree {
		if section, ok := value.(map[string]any); ok {
			all = append(all, leaves(in+name+".", section)...)
			continue
		}
		all = append(all, in+name)
	}
	return all
}

func TestNotes(t *testing.T) {
	f := func(content string, want ...string) {
		t.Helper()
		file := filepath.Join(t.TempDir(), "weir.yaml")
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		got := mustLoad(t, config.Sources{File: file}).Notes()
		for i := range got {
			got[i], _, _ = strings.Cut(got[i], ": ")
		}
		if !slices.Equal(got, want) {
			t.Errorf("Notes of %q = %q, want %q", content, got, want)
		}
	}
	f("")
	f("cache: {ttl: 1s, enabled: false}")
	f("authentication: {enabled: false}")
	f("authentication: {required_scope: a}")
	f("authentication: {tokens_file: a}", "authentication")
	f("authentication: {jwt: {jwks_file: a}}", "authentication")
	f("authentication: {tokens_file: a, enabled: true}")
	f("timeouts: {scrape_timeout: 4s, collection_timeout_ms: 4000}")
	f("collectors: {llm: {enabled: true}, agent: {enabled: true}}")
}

func TestSuggestFlag(t *testing.T) {
	f := func(name, want string) {
		t.Helper()
		if got := config.SuggestFlag(mustParse(t), name); got != want {
			t.Errorf("SuggestFlag(%q) = %q, want %q", name, got, want)
		}
	}
	f("ingest.upd", "--ingest.udp")
	f("endpoint.lisen", "--endpoint.listen")
	f("endpoint-listen", "--endpoint.listen")
	f("port", "--ingest.udp=127.0.0.1:8125 for lines, or --endpoint.listen=:9102 for HTTP")
	f("ttl", "--cache.ttl or --series.ttl")
	f("level", "--compression.level or --log.level")
	f("enabled", "")
	f("nonsense", "")
	f("", "")
}
