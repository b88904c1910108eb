package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// weir tail prints the lines that come to a running weir, and ends after --limit.
func TestTailOfRunningWeir(t *testing.T) {
	w := startWeir(t)
	sending, stop := make(chan struct{}), make(chan struct{})
	go func() { // ends with stop
		defer close(sending)
		conn, err := net.Dial("tcp", w.TCP)
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			case <-time.After(10 * time.Millisecond):
				fmt.Fprintf(conn, "web.hits:%d|c\nother:1|c\nweb.bad:x|c\x1b[2J\n", i)
			}
		}
	}()
	defer func() {
		close(stop)
		<-sending
	}()
	var out, failures bytes.Buffer
	if code := run([]string{"tail", "--url=http://" + w.HTTP, "--match=web.*", "--limit=4"}, &out, &failures); code != 0 {
		t.Fatalf("exit code %d: %s", code, &failures)
	}
	if n := strings.Count(out.String(), "\n"); n != 4 || strings.Contains(out.String(), "other") || strings.Contains(out.String(), "\x1b") {
		t.Errorf("%d lines: %q", n, out.String())
	}
	out.Reset()
	run([]string{"tail", "--url=http://" + w.HTTP, "--rejected", "--limit=1", "--format=logfmt"}, &out, &failures)
	if !strings.Contains(out.String(), "web.bad:x|c") || !strings.Contains(out.String(), "reason=") {
		t.Errorf("%q", out.String())
	}
}

func TestTailFailures(t *testing.T) {
	w := startWeir(t, "--endpoint.status=off")
	for want, args := range map[string][]string{
		"endpoint.status":        {"--url=http://" + w.HTTP},
		"is weir running there?": {"--url=http://127.0.0.1:1"},
		"want a URL":             {"--url=127.0.0.1:9102"},
		"want raw, logfmt or":    {"--format=xml"},
		"--token-file":           {"--token-file=nothing"},
	} {
		var out, failures bytes.Buffer
		if code := run(append([]string{"tail"}, args...), &out, &failures); code != 1 || !strings.Contains(failures.String(), want) {
			t.Errorf("tail %q = %d: %s, want %s", args, code, &failures, want)
		}
	}
}

func TestTopOfRunningWeir(t *testing.T) {
	w := startWeir(t)
	conn, err := net.Dial("tcp", w.TCP)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "web.hits:1|c\nweb.hits:1|g\n")
	err = w.Poll(t.Context(), func(context.Context) error {
		var out, failures bytes.Buffer
		code := run([]string{"top", "--once", "--sort=series", "--match=web*", "--interval=500ms", "--url=http://" + w.HTTP}, &out, &failures)
		if code != 0 || strings.Contains(out.String(), "\x1b") {
			t.Fatalf("exit code %d: %s%s", code, &failures, &out)
		}
		for _, want := range []string{"web_hits", "counter", "type_conflict", "SENDERS", "lines/s"} {
			if !strings.Contains(out.String(), want) {
				return fmt.Errorf("no %q in\n%s", want, &out)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// Where weir asks for credentials, the terminal needs a token of the scope for the status page, from a file.
func TestTokensInTerminal(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) (path string) {
		t.Helper()
		path = filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	hash := func(token string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(token))) }
	tokens := write("tokens.yaml", "tokens:\n"+
		"  - {name: somebody, sha256: "+hash("looks"+strings.Repeat("x", 40))+", scopes: [\"status:read\"]}\n"+
		"  - {name: prometheus, sha256: "+hash("scrapes"+strings.Repeat("x", 40))+", scopes: [\"metrics:read\"]}\n")
	looks, scrapes := write("looks", "looks"+strings.Repeat("x", 40)+"\n"), write("scrapes", "scrapes"+strings.Repeat("x", 40))
	w := startWeir(t, "--authentication.enabled", "--authentication.tokens_file="+tokens)
	url := "--url=http://" + w.HTTP
	f := func(code int, want string, args ...string) {
		t.Helper()
		var out, failures bytes.Buffer
		if got := run(args, &out, &failures); got != code || !strings.Contains(out.String()+failures.String(), want) {
			t.Errorf("%q = %d, want %d and %q in\n%s%s", args, got, code, want, &out, &failures)
		}
	}
	for _, command := range [][]string{{"top", "--once"}, {"tail", "--limit=1"}, {"explain", "a:1|c"}} {
		f(1, "give a token by --token-file", append(command, url)...)
		f(1, "lack the scope status:read", append(command, url, "--token-file="+scrapes)...)
	}
	f(0, "waiting for the first line", "top", "--once", url, "--token-file="+looks)
	f(0, "series    a (counter)", "explain", "a:1|c", url, "--token-file="+looks)
	f(0, "series    a (counter)", "explain", "a:1|c", url, "--token-file="+scrapes, "--cache.ttl=1m") // it scrapes
	f(1, "401", "explain", "a:1|c", url, "--cache.ttl=1m")
}
