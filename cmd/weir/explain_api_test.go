package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// explainBy runs weir explain with a running weir, and expects an exit code, and text in all that it prints.
func explainBy(t *testing.T, url string, code int, want string, args ...string) {
	t.Helper()
	var out, failures bytes.Buffer
	got := run(append([]string{"explain", "--url=" + url}, args...), &out, &failures)
	if got != code || !strings.Contains(out.String()+failures.String(), want) {
		t.Errorf("explain %q = %d, want %d and %q in\n%s%s", args, got, code, want, &out, &failures)
	}
}

// Without a configuration of its own, weir explain says what the running weir does, by that weir's rules and
// limits.
func TestExplainAsksAPI(t *testing.T) {
	rules := filepath.Join(t.TempDir(), "rules.yaml")
	const text = "mappings:\n- {match: web.*.x, name: x}\n- {match: many, name: lots}\n"
	if err := os.WriteFile(rules, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	w := startWeir(t, "--mapping.file="+rules, "--cardinality.max_series_per_metric=2", "--cardinality.max_total_series=3", "--cache.ttl=0s")
	sendLines(t, w, "web.hits:5|c\nmany:1|c|#a:1\nmany:1|c|#a:2\n")
	awaitExposed(t, w, `lots{a="2"} 1`)
	f := func(code int, want string, args ...string) {
		t.Helper()
		explainBy(t, "http://"+w.HTTP, code, want, args...)
	}
	f(1, "rejected  type_conflict: web_hits is a counter; a gauge was sent", "web.hits:1|g")
	f(0, "series    web_hits (counter)\n", "web.hits:1|c")
	f(0, `series    lots{a="1"} (counter)`, "many:1|c|#a:1")
	f(1, "rejected  max_series_per_metric: ", "many:1|c|#a:3")
	f(1, "rejected  max_total_series: ", "new:1|c")
	f(1, "rejected  bad_value: ", "new:x|c")
	f(0, "no match  "+rules+":2: web.*.x: it has 3 segments", "-v", "web.hits:1|c", "web.hits:2|c")
	f(1, `"rejected":"type_conflict"`, "--json", "web.hits:1|g")
	f(1, "every line is empty", "")
	f(1, `a\xff:1|c is not UTF-8`, "a\xff:1|c")
	f(1, "a.:1|c\n", "web.hits:1|c\na.:1|c")
	f(1, "is that a weir with an API? Older ones have none", "--url=http://"+w.HTTP+"/metrics", "a:1|c")
	f(1, "is weir running there?", "--url=http://127.0.0.1:1", "a:1|c")
	f(1, "want a URL", "--url="+w.HTTP, "a:1|c")
	f(1, "--token-file: ", "--token-file=missing", "a:1|c")
	f(1, "are for the running weir of --url", "--url=", "--ca=missing", "a:1|c")
	explainBy(t, "http://"+startWeir(t, "--cardinality.max_series_per_metric=2", "--cardinality.overflow_action=fold").HTTP,
		0, "new       the running weir does not have this series yet", "many:1|c")
	explainBy(t, "http://"+startWeir(t, "--endpoint.status=off").HTTP, 1, "with --config FILE of that weir, its metrics are scraped", "many:1|c")
}

// Lines from stdin are asked about together when they are there together, in questions of a bounded size;
// an answer 429 has them asked again. Control characters in an answer do not reach the terminal.
func TestExplainAsksAPIOfLines(t *testing.T) {
	var questions []int
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Header.Get("Authorization") != "Bearer s3cret" || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%v, %v", err, r.Header)
		}
		questions = append(questions, strings.Count(string(body), "|c"))
		if len(questions) == 1 {
			w.WriteHeader(http.StatusTooManyRequests)
			fmt.Fprint(w, `{"status":"error","errorType":"too_many_requests","error":"too many"}`)
			return
		}
		fmt.Fprint(w, `{"status":"success","data":{"lines":[{"line":"a\u001b[2J","samples":[{"kind":"c\u202e","series":"a\u009b"}]}]}}`)
	}))
	defer server.Close()
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("s3cret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	root := newRootCommand()
	root.SetIn(strings.NewReader(strings.Repeat("a:1|c\n", 120) + "\n" + strings.Repeat("b", 5000) + ":1|c"))
	root.SetOut(&out)
	root.SetArgs([]string{"explain", "--url=" + server.URL, "--token-file=" + token, "-"})
	if err := root.Execute(); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(questions); got != "[50 50 50 20 1]" {
		t.Error(got)
	}
	if strings.ContainsAny(out.String(), "\x1b\u202e\u009b") || !strings.Contains(out.String(), `a\x1b[2J`) {
		t.Errorf("%q", out.String())
	}
}
