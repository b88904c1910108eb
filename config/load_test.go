package config_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/spf13/pflag"

	"weir/aggregate"
	"weir/config"
	"weir/expose"
	"weir/internal/bytesize"
)

var update = flag.Bool("update", false, "write the .err files beside the .bad.yaml files")

// diff compares all but the notes and the rules.
func diff(got, want *config.Config) string {
	return cmp.Diff(got, want, cmpopts.IgnoreUnexported(config.Config{}),
		cmpopts.IgnoreFields(aggregate.Options{}, "Rules"))
}

func mustLoad(t *testing.T, from config.Sources) *config.Config {
	t.Helper()
	c, err := config.Load(from)
	if err != nil {
		t.Fatalf("Load(%+v):\n%v", from, err)
	}
	return c
}

func TestLoadGood(t *testing.T) {
	cases := map[string]func(want *config.Config){ // file -> what it changes
		"empty":          func(*config.Config) {},
		"comments":       func(*config.Config) {},
		"document":       func(*config.Config) {},
		"empty_sections": func(*config.Config) {},
		"wrapped_empty": func(want *config.Config) {
			want.Expose.Self.AliasPrefix = "llmdevops_metrics_"
		},
		"wrapped_alias": func(want *config.Config) {
			want.Expose.Self = expose.Self{Expose: false, AliasPrefix: ""}
		},
		"kinds": func(want *config.Config) {
			want.Ingest.UDP = []string{":1", "[::1]:2", "0.0.0.0:3"}
			want.Ingest.TCP = []string{}
			want.Ingest.Loops = 2
			want.Ingest.ReceiveBuffer = 1 << 20
			want.Ingest.MaxDatagram = 1500
			want.Ingest.Coalesce = 0
			want.Ingest.IdleTimeout = 90 * time.Minute
			want.Expose.RateLimiting.Enabled = true
			want.Expose.RateLimiting.RequestsPerSecond = 0.5
			want.Aggregate.Timers.Buckets = []float64{1, 2.5, 1000}
			want.Aggregate.Sets.Window = 90 * time.Second
		},
		"long_spellings": func(want *config.Config) {
			want.Expose.Endpoint.Listen = ":0"
			want.Expose.Cache.TTL = 0
			want.Expose.Cache.MaxSize = 1000
			want.Expose.Compression.MinSize = 2 * bytesize.KiB
			want.Expose.Timeouts.ScrapeTimeout = 1500 * time.Millisecond
			want.Expose.Timeouts.CollectionTimeout = 250 * time.Millisecond
		},
		"anchors": func(want *config.Config) {
			want.Ingest.UDP = []string{"127.0.0.1:8125"}
			want.Ingest.TCP = []string{"127.0.0.1:8125"}
			want.Ingest.MaxLine = 1024
			want.Ingest.MaxDatagram = 1024
		},
		"scalars": func(want *config.Config) {
			want.Ingest.UDP = []string{":8125"}
			want.Ingest.Dialects = []string{"dogstatsd"}
			want.Expose.Endpoint.Listen = ":9103"
			want.Aggregate.Timers.Buckets = []float64{0.5}
		},
		"production": production,
	}
	files, err := filepath.Glob("testdata/*.good.yaml")
	if err != nil || len(files) != len(cases) {
		t.Fatalf("%d good files for %d cases, %v", len(files), len(cases), err)
	}
	for name, change := range cases {
		t.Run(name, func(t *testing.T) {
			want := config.Default()
			change(want)
			got := mustLoad(t, config.Sources{File: "testdata/" + name + ".good.yaml"})
			if d := diff(got, want); d != "" {
				t.Errorf("got-, want+:\n%s", d)
			}
		})
	}
}

// production states every value of production.good.yaml, also values that are the default today.
func production(want *config.Config) {
	want.Expose.Endpoint.Path = "/metrics"
	want.Expose.Endpoint.Listen = ":9090"
	want.Expose.Cache = expose.Cache{Enabled: true, TTL: time.Second, MaxSize: 64 << 20}
	want.Aggregate.Limits = aggregate.Limits{
		MaxSeriesPerMetric: 1000, MaxTotalSeries: 10_000, OverflowAction: "drop_and_warn",
	}
	want.Expose.Compression.Enabled = true
	want.Expose.Compression.MinSize = 1024
	want.Expose.Compression.Level = 6
	want.Expose.RateLimiting.Enabled = true
	want.Expose.RateLimiting.RequestsPerSecond = 10
	want.Expose.RateLimiting.BurstSize = 20
	want.Expose.Self.AliasPrefix = "llmdevops_metrics_"
	want.Expose.Authentication.Enabled = false
	want.Expose.Authentication.Scopes.Metrics = "metrics:read"
	want.Expose.Timeouts.ScrapeTimeout = 5 * time.Second
	want.Expose.Timeouts.CollectionTimeout = 4 * time.Second
	want.Collectors = config.Collectors{
		LLM:     config.LLM{Enabled: true, IncludeModelMetrics: true},
		Agent:   config.Agent{Enabled: true, IncludeToolMetrics: true},
		Process: config.Collector{Enabled: true},
		Runtime: config.Collector{Enabled: true},
	}
}

func TestLoadBad(t *testing.T) {
	t.Chdir("testdata")
	files, err := filepath.Glob("*.bad.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no bad files: %v", err)
	}
	for _, file := range files {
		t.Run(file, func(t *testing.T) {
			_, err := config.Load(config.Sources{File: file})
			if err == nil {
				t.Fatalf("Load(%s) = nil, want errors", file)
			}
			checkGolden(t, strings.TrimSuffix(file, ".yaml")+".err", err.Error()+"\n")
		})
	}
}

func checkGolden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(got, string(want)); d != "" {
		t.Errorf("got-, want+:\n%s", d)
	}
}

func TestLoadUnreadable(t *testing.T) {
	dir := t.TempDir()
	f := func(file, want string) {
		t.Helper()
		_, err := config.Load(config.Sources{File: file, Environ: []string{"WEIR__CACHE__TTL=5"}})
		if err == nil || !strings.HasPrefix(err.Error(), file+": "+want+"\n") {
			t.Errorf("Load(%s) = %v, want it to begin with %q", file, err, want)
		}
		if err == nil || !strings.Contains(err.Error(), "\nWEIR__CACHE__TTL: 5: ") {
			t.Errorf("Load(%s) = %v, want the mistake of the environment too", file, err)
		}
	}
	f(filepath.Join(dir, "missing.yaml"), "no such file or directory")
	f(dir, "is a directory")

	closed := filepath.Join(dir, "closed.yaml")
	if err := os.WriteFile(closed, nil, 0); err != nil {
		t.Fatal(err)
	}
	if os.Getuid() != 0 {
		f(closed, "permission denied")
	}
}

func TestLoadLayers(t *testing.T) {
	file := filepath.Join(t.TempDir(), "weir.yaml")
	content := "ingest: {loops: 1, max_connections: 1, udp: [':1', ':2']}\n" +
		"compression: {level: 1}\ntimers: {buckets: [1, 2]}\n"
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	environ := []string{
		"WEIR__INGEST__LOOPS=2", "WEIR__Ingest__udp=:3", "WEIR__INGEST__MAX_CONNECTIONS=2", "PATH=/",
	}
	flags := mustParse(t, "--ingest.loops=3", "--cache.enabled=false", "--collectors.llm.enabled")

	want := config.Default()
	want.Expose.Compression.Level = 1               // file over default
	want.Aggregate.Timers.Buckets = []float64{1, 2} // a list is replaced whole
	want.Ingest.MaxConnections = 2                  // environment over file
	want.Ingest.UDP = []string{":3"}                // lists too
	want.Ingest.Loops = 3                           // flag over environment
	want.Expose.Cache.Enabled = false               // flag over default
	want.Collectors.LLM.Enabled = true              // a bare flag is true
	got := mustLoad(t, config.Sources{File: file, Environ: environ, Flags: flags})
	if d := diff(got, want); d != "" {
		t.Errorf("got-, want+:\n%s", d)
	}
}

// TestLoadZero holds that no source gives the defaults, and that these are valid.
func TestLoadZero(t *testing.T) {
	got := mustLoad(t, config.Sources{Flags: mustParse(t)})
	if d := diff(got, config.Default()); d != "" {
		t.Errorf("got-, want+:\n%s", d)
	}
	if notes := got.Notes(); len(notes) > 0 {
		t.Errorf("Notes() = %q, want none of defaults", notes)
	}
}

func mustParse(t *testing.T, args ...string) *pflag.FlagSet {
	t.Helper()
	flags := pflag.NewFlagSet("weir", pflag.ContinueOnError)
	config.AddFlags(flags)
	if err := flags.Parse(args); err != nil {
		t.Fatalf("Parse(%q): %v", args, err)
	}
	return flags
}

// FuzzLoad holds that no file makes Load panic, and that each mistake is one line that says where.
func FuzzLoad(f *testing.F) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, content []byte) {
		file := filepath.Join(dir, "fuzz.yaml")
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := config.Load(config.Sources{File: file})
		if err == nil {
			if err := c.Validate(); err != nil {
				t.Errorf("Load(%q) gave a bad configuration: %v", content, err)
			}
			return
		}
		for line := range strings.Lines(err.Error()) {
			if !strings.HasPrefix(line, file+":") {
				t.Errorf("Load(%q): line %q of the error does not begin with the file", content, line)
			}
		}
	})
}

// A port alone is an address of all interfaces, with or without quotes, wherever it is given.
func TestListenTakesAPort(t *testing.T) {
	f := func(from config.Sources) {
		t.Helper()
		if got := mustLoad(t, from).Expose.Endpoint.Listen; got != ":9103" {
			t.Errorf("%+v: endpoint.listen is %q, want :9103", from, got)
		}
	}
	for _, value := range []string{"9103", `"9103"`, "':9103'"} {
		f(config.Sources{File: writeFile(t, "endpoint: {listen: "+value+"}\n")})
	}
	f(config.Sources{Environ: []string{"WEIR__ENDPOINT__LISTEN=9103"}})
	f(config.Sources{Flags: mustParse(t, "--endpoint.listen=9103")})
	for _, bad := range []string{"65536", "-1", "9103x"} {
		errorsOf(t, config.Sources{Flags: mustParse(t, "--endpoint.listen="+bad)}, `--endpoint.listen: "`+bad+`": want "host:port"`)
	}
}

// The endpoint and the listeners for TCP cannot have one port, unless on addresses of their own.
func TestListenIsFree(t *testing.T) {
	f := func(listen, tcp string, free bool) {
		t.Helper()
		c := config.Default()
		c.Expose.Endpoint.Listen, c.Ingest.TCP = listen, []string{"127.0.0.1:1", tcp}
		err := c.Validate()
		if (err == nil) != free || err != nil && !strings.HasPrefix(err.Error(), "endpoint.listen: \""+listen+"\": ingest.tcp[1] ") {
			t.Errorf("endpoint.listen %s beside ingest.tcp %s: %v, want it free = %v", listen, tcp, err, free)
		}
	}
	f(":9102", ":9102", false)
	f(":9102", "127.0.0.1:9102", false)
	f("127.0.0.1:9102", "0.0.0.0:9102", false)
	f("127.0.0.1:9102", "[::]:9102", false)
	f("127.0.0.1:9102", "127.0.0.1:9102", false)
	f("127.0.0.1:9102", "127.0.0.2:9102", true)
	f(":9102", ":9103", true)
	f(":0", ":0", true)
}
