package production_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"weir/cmd/weir/production"
	"weir/config"
)

// load returns the configuration that flags give.
func load(t *testing.T, args ...string) *config.Config {
	t.Helper()
	flags := pflag.NewFlagSet("weir", pflag.ContinueOnError)
	config.AddFlags(flags)
	config.AddStatsdFlags(flags)
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(config.Sources{Flags: flags})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// results runs all checks on the configuration that flags give.
func results(t *testing.T, args ...string) []production.Result {
	t.Helper()
	all, err := production.Run(t.Context(), load(t, args...))
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 12 {
		t.Fatalf("%d checks, want 12", len(all))
	}
	return all
}

// isTimed reports whether a check depends on how fast this machine is just now: tests never judge it.
func isTimed(r production.Result) bool {
	return strings.Contains(r.Name, " ns") || strings.Contains(r.Name, " ms")
}

// failed returns the names of the checks that failed, without the checks that depend on time.
func failed(all []production.Result) (names []string) {
	for _, r := range all {
		if !r.OK && !isTimed(r) {
			names = append(names, r.Name)
		}
	}
	return names
}

// good are flags of a configuration that every check accepts.
func good() []string {
	return []string{"--endpoint.listen=127.0.0.1:9102", "--rate_limiting.enabled"}
}

func TestGoodConfiguration(t *testing.T) {
	all := results(t, good()...)
	if got := failed(all); len(got) > 0 {
		t.Errorf("failed: %q in\n%+v", got, all)
	}
	groups := map[string]int{}
	for _, r := range all {
		groups[r.Group]++
		if r.Figure == "" || r.OK != (r.Change == "") {
			t.Errorf("%q: figure %q, change %q, OK = %v", r.Name, r.Figure, r.Change, r.OK)
		}
	}
	for group, want := range map[string]int{"performance": 4, "security": 3, "reliability": 3, "observability": 2} {
		if groups[group] != want {
			t.Errorf("%d checks of %s, want %d", groups[group], group, want)
		}
	}
}

// Each bad setting fails its check, which names the key to change; and no other check fails.
func TestBadConfigurations(t *testing.T) {
	f := func(check, key string, flags ...string) {
		t.Helper()
		all := results(t, append(good(), flags...)...)
		if got := failed(all); len(got) != 1 || !strings.Contains(got[0], check) {
			t.Errorf("%q: failed %q, want only %q", flags, got, check)
			return
		}
		i := slices.IndexFunc(all, func(r production.Result) bool { return !r.OK && !isTimed(r) })
		if !strings.Contains(all[i].Change, key) {
			t.Errorf("%q: change %q, want %s in it", flags, all[i].Change, key)
		}
	}
	f("gzip works", "compression.enabled", "--compression.enabled=false")
	f("hit the cache", "cache.enabled", "--cache.enabled=false")
	f("labels are sanitised", "sanitize.label_value_max_length", "--sanitize.label_value_max_length=1000000")
	f("the rate of scrapes", "rate_limiting.enabled", "--rate_limiting.enabled=false")
	f("authentication is on", "authentication.enabled", "--endpoint.listen=:9102")
	f("limits on series", "cardinality.max_total_series", "--cardinality.max_total_series=1000000000")
	f("at its timeout", "timeouts.scrape_timeout", "--timeouts.scrape_timeout=5m")
	f("errors are logged", "log.level", "--log.level=error")
	f("self-metrics", "self.expose", "--self.expose=false")
}

// What is allowed stays allowed: folding, UTF-8 names, summaries, rules that drop, statsd_exporter's flags.
func TestOtherConfigurations(t *testing.T) {
	rules := filepath.Join(t.TempDir(), "rules.yaml")
	content := "mappings: [{match: \"production.*\", name: dropped, action: drop}]\n"
	if err := os.WriteFile(rules, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	f := func(flags ...string) {
		t.Helper()
		all := results(t, append(good(), flags...)...)
		if got := failed(all); len(got) > 0 {
			t.Errorf("%q: failed %q in\n%+v", flags, got, all)
		}
	}
	f("--cardinality.overflow_action=fold", "--cardinality.max_series_per_metric=2", "--cardinality.max_total_series=2")
	f("--sanitize.names=utf8", "--timers.observer=summary", "--series.counter_birth=zero")
	f("--mapping.file="+rules, "--ingest.dialects=graphite", "--endpoint.path=/m", "--log.format=json")
	f("--rate_limiting.burst_size=100000", "--rate_limiting.requests_per_second=100000", "--collectors.llm.enabled")
}

// With tokens, a request without one gets 401. A file of tokens that is missing is a failed check with its key.
func TestAuthentication(t *testing.T) {
	tokens := filepath.Join(t.TempDir(), "tokens.yaml")
	hash := strings.Repeat("0f", 32)
	content := "tokens: [{name: a, sha256: " + hash + ", scopes: [\"metrics:read\"]}]\n"
	if err := os.WriteFile(tokens, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	f := func(file string, isOK bool, figure string) {
		t.Helper()
		all := results(t, "--endpoint.listen=:9102", "--authentication.enabled", "--authentication.tokens_file="+file)
		i := slices.IndexFunc(all, func(r production.Result) bool { return strings.HasPrefix(r.Name, "authentication") })
		if r := all[i]; r.OK != isOK || !strings.Contains(r.Figure, figure) {
			t.Errorf("tokens in %s: %+v, want OK = %v and %q", file, r, isOK, figure)
		}
	}
	f(tokens, true, "gets 401")
	f("missing.yaml", false, "--authentication.tokens_file: ")
}

// The ports of the configuration may be taken, by the weir that runs: the checks use others.
func TestPortsMayBeTaken(t *testing.T) {
	var config net.ListenConfig
	taken, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	address := taken.Addr().String()
	all := results(t, "--endpoint.listen="+address, "--rate_limiting.enabled", "--ingest.udp="+address)
	if got := failed(all); len(got) > 0 {
		t.Errorf("failed: %q in\n%+v", got, all)
	}
}

func TestRunEndsWithContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	all, err := production.Run(ctx, config.Default())
	if !errors.Is(err, context.Canceled) || len(all) > 0 {
		t.Errorf("Run with an ended context = %v, %v", all, err)
	}
}

func TestWriteJSON(t *testing.T) {
	f := func(want bool, all ...production.Result) {
		t.Helper()
		var out bytes.Buffer
		if err := production.WriteJSON(&out, all); err != nil {
			t.Fatal(err)
		}
		var got struct {
			OK     bool
			Checks []production.Result
		}
		if err := json.Unmarshal(out.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		if got.OK != want || !slices.Equal(got.Checks, all) {
			t.Errorf("WriteJSON(%+v) wrote %s", all, &out)
		}
	}
	f(true, production.Result{Group: "security", Name: "a", OK: true, Figure: "<1>"})
	f(false, production.Result{Name: "a", OK: true}, production.Result{Name: "b", Change: "c"})
}

type closedWriter struct{}

func (closedWriter) Write([]byte) (int, error) { return 0, os.ErrClosed }

func TestWriteErrors(t *testing.T) {
	for _, err := range []error{production.Print(closedWriter{}, nil), production.WriteJSON(closedWriter{}, nil)} {
		if !errors.Is(err, os.ErrClosed) {
			t.Errorf("to a closed writer: %v", err)
		}
	}
}

func TestFailed(t *testing.T) {
	all := []production.Result{{OK: true}, {Change: "a"}, {Change: "b"}}
	if got := production.Failed(all); got != 2 {
		t.Errorf("Failed = %d, want 2", got)
	}
	if got := production.Failed(all[:1]); got != 0 {
		t.Errorf("Failed of a good result = %d, want 0", got)
	}
	if got := production.Failed(nil); got != 0 {
		t.Errorf("Failed of nothing = %d, want 0", got)
	}
}

// The report names a group once, and says what to change under the check that failed.
func TestPrintShowsChanges(t *testing.T) {
	var b strings.Builder
	err := production.Print(&b, []production.Result{
		{Group: "security", Name: "first", OK: true, Figure: "1 of 1"},
		{Group: "security", Name: "second", Figure: "0 of 1", Change: "set the key"},
	})
	text := b.String()
	if err != nil || strings.Count(text, "security") != 1 || !strings.Contains(text, "set the key") ||
		strings.Index(text, "second") > strings.Index(text, "set the key") {
		t.Errorf("%v, report\n%s", err, text)
	}
}
