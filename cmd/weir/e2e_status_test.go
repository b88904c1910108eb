package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"weir/expose/status/wire"
)

func (e e2e) testStatus(t *testing.T) {
	t.Run("ledger", e.testStatusLedger)
	t.Run("off", e.testStatusOff)
	t.Run("ways", e.testStatusWays)
	t.Run("schemas", e.testStatusSchemas)
}

// api asks the API of weir.
func api[A any](t *testing.T, w *weir, question string) A {
	t.Helper()
	text, err := w.get("/api/v1/" + question)
	if err != nil {
		t.Fatal(err)
	}
	var answer wire.Envelope[A]
	if err := json.Unmarshal(text, &answer); err != nil || answer.Status != "success" {
		t.Fatalf("%s: %s, %v", question, text, err)
	}
	return answer.Data
}

// The state has every line that was sent, says what became of it, and balances, also while lines come in.
func (e e2e) testStatusLedger(t *testing.T) {
	w := e.startWeir(t)
	conn := w.dial(t, "tcp")
	defer conn.Close()
	const rounds = 1000
	for range rounds {
		if _, err := fmt.Fprint(conn, "a:1|c\nb:2|g\na:1|g\nbad\n"); err != nil {
			t.Fatal(err)
		}
		if s := api[wire.Status](t, w, "status"); !s.Ledger.Balances {
			t.Fatalf("%+v", s.Ledger)
		} else if s.Ledger.Lines > 100 {
			break
		}
	}
	conn.Close()
	eventually(t, func() error {
		s := api[wire.Status](t, w, "status")
		l := &s.Ledger
		if l.Lines == 0 || l.Recorded != l.Lines/2 || l.Rejected != l.Lines/2 || l.Samples != l.Lines || !l.Balances {
			return fmt.Errorf("%+v", *l)
		}
		if s.Series.Now != 2 || s.Series.Families != 2 || !s.Ready || s.PID == 0 || s.Endpoint.Access != "loopback" {
			t.Errorf("%+v", s)
		}
		if s.History.Seq > 0 && len(s.History.Points.Lines) == 0 {
			t.Errorf("%+v", s.History)
		}
		if len(s.History.Points.Lines) == 0 || s.Rates.Lines == 0 {
			return fmt.Errorf("no step yet: %+v", s.Rates)
		}
		if !strings.Contains(s.Health.Text, "lines/s, none lost uncounted") {
			t.Errorf("%+v", s.Health)
		}
		return nil
	})
	listeners := api[wire.Listeners](t, w, "listeners").Listeners
	if len(listeners) != 2 || listeners[0].Listener != "udp://"+w.UDP || listeners[0].BufferBytes == 0 || listeners[1].Lines == 0 {
		t.Errorf("%+v", listeners)
	}
}

func (e e2e) testStatusOff(t *testing.T) {
	w := e.startWeir(t, "--endpoint.status=off")
	response, err := http.Get("http://" + w.HTTP + "/api/v1/status") //nolint:noctx // a test that ends
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusForbidden {
		t.Error(response.Status)
	}
}

// The API shows who scrapes, what rules decided, the configuration in force after a reload that failed and
// one that did not, and what the running weir would do with a line.
func (e e2e) testStatusWays(t *testing.T) {
	folder := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	const rules = "mappings:\n- {match: a.*, name: a, labels: {n: $1}}\n- {match: never, name: never}\n"
	mapping := write("mapping.yml", rules)
	file := write("weir.yaml", "mapping: {file: mapping.yml}\ncardinality: {max_total_series: 70}\ncache: {ttl: 0s}\nendpoint: {lifecycle: true}\n")
	w := e.startWeir(t, "--config="+file)
	conn := w.dial(t, "tcp")
	defer conn.Close()
	if _, err := fmt.Fprint(conn, "a.<b>:1|c\nother.name:1|g\n"); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() error {
		r := api[wire.Rules](t, w, "rules")
		if r.Total != 2 || r.Rules[0].Hits != 1 || r.Rules[0].LastHitAt == nil || r.Rules[1].Hits != 0 || r.UnmappedTotal != 1 || r.Unmapped[0].Name != "other.name" {
			return fmt.Errorf("%+v", r)
		}
		return nil
	})
	if text, err := w.get("/metrics"); err != nil || !regexp.MustCompile(`(?m)^weir_status_bytes [1-9]`).Match(text) {
		t.Fatalf("%v, %s", err, text)
	}
	eventually(t, func() error {
		s := api[wire.Scrapers](t, w, "scrapers").Scrapers
		if len(s) != 1 || s[0].Peer != "127.0.0.1" || s[0].Format != "text" || s[0].Scrapes != 1 || s[0].BodyBytes == 0 {
			return fmt.Errorf("%+v", s)
		}
		return nil
	})
	if last := api[wire.Status](t, w, "status").LastScrape; last == nil || last.Peer != "127.0.0.1" {
		t.Errorf("%+v", last)
	}
	limit := func(c wire.Config) wire.Setting {
		for _, s := range c.Settings {
			if s.Key == "cardinality.max_total_series" {
				return s
			}
		}
		return wire.Setting{}
	}
	if c := api[wire.Config](t, w, "config"); limit(c).Place != file+":2" || limit(c).Value != "70" || c.ChangedOnDisk || len(c.Files) != 2 {
		t.Errorf("%+v", c)
	}
	write("mapping.yml", rules+"- {bad\n")
	if c := api[wire.Config](t, w, "config"); !c.ChangedOnDisk || !c.Files[0].Changed || c.Files[0].Path != mapping {
		t.Errorf("%+v", c.Files)
	}
	w.post(t, "/-/reload", "", http.StatusUnprocessableEntity)
	if s := api[wire.Status](t, w, "status"); s.Reload.OK || !strings.Contains(s.Reload.Error, "mapping.yml:4") {
		t.Errorf("%+v", s.Reload)
	}
	write("mapping.yml", rules)
	write("weir.yaml", "mapping: {file: mapping.yml}\n\ncardinality: {max_total_series: 80}\ncache: {ttl: 9s}\nendpoint: {lifecycle: true}\n")
	w.post(t, "/-/reload", "", http.StatusOK)
	c := api[wire.Config](t, w, "config")
	if s := limit(c); s.Value != "80" || s.Place != file+":3" || c.ChangedOnDisk {
		t.Errorf("after a reload: %+v, %v", s, c.Files)
	}
	text := w.post(t, "/api/v1/explain", `{"line":"other.name:1|c\na.x:1|c"}`, http.StatusOK)
	if !strings.Contains(text, `"rejected":"type_conflict"`) || !strings.Contains(text, `"is_new":true`) {
		t.Error(text)
	}
	if got := api[wire.Status](t, w, "status").Series.Now; got != 2 {
		t.Errorf("%d series: explaining has created some", got)
	}
}

// post sends a POST, and returns the body of the answer, which must have this status.
func (w *weir) post(t *testing.T, path, body string, status int) string {
	t.Helper()
	response, err := http.Post("http://"+w.HTTP+path, "application/json", strings.NewReader(body)) //nolint:noctx // a test that ends
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != status {
		t.Fatalf("POST %s: %s %s, %v", path, response.Status, text, err)
	}
	return string(text)
}

// Every answer follows its schema, whatever senders and clients send. No markup, and no control character,
// leaves weir as it came.
func (e e2e) testStatusSchemas(t *testing.T) {
	w := e.startWeir(t, "--series.ttl=1h", "--sanitize.names=utf8", "--cardinality.max_series_per_metric=3")
	follow := func(schema, question string, text []byte) {
		t.Helper()
		compiled, err := jsonschema.NewCompiler().Compile("../../docs/schema/" + schema + ".json")
		if err != nil {
			t.Fatal(err)
		}
		answer, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err == nil {
			err = compiled.Validate(answer)
		}
		if err != nil {
			t.Errorf("%s: %v\n%s", question, err, text)
		}
		if i := bytes.IndexAny(text, "<>&\x1b\x00"); i >= 0 {
			t.Errorf("%s: %q", question, text[max(0, i-50):])
		}
	}
	questions := [][2]string{
		{"status", "status"},
		{"status", "status?since=1"},
		{"buildinfo", "status/buildinfo"},
		{"tsdb", "status/tsdb"},
		{"families", "families"},
		{"families", "families?own=1&limit=3"},
		{"families", "families?match=*script*&sort=rate"},
		{"series", "series?match=" + url.QueryEscape(`{k!=""}`)},
		{"labels", "labels"},
		{"labels", "labels?sort=growth"},
		{"rejects", "rejects"},
		{"tail", "tail?wait=1s"},
		{"senders", "senders"},
		{"listeners", "listeners"},
		{"scrapers", "scrapers"},
		{"config", "config"},
		{"rules", "rules"},
	}
	ask := func() {
		t.Helper()
		for _, q := range questions {
			text, err := w.get("/api/v1/" + q[1])
			if err != nil {
				t.Errorf("%s: %v", q[1], err)
				continue
			}
			follow(q[0], q[1], text)
		}
	}
	ask() // nothing has come yet
	conn := w.dial(t, "tcp")
	defer conn.Close()
	for _, hostile := range []string{
		"<script>alert(1)</script>", "a&b", "\x1b[2J", "\u202eevil", "\xff\xfe", "\x7f", strings.Repeat("n", 300), "é.名前",
	} {
		for _, line := range []string{
			hostile + ":1|c", "tag:1|c|#" + hostile + ":" + hostile, "value:" + hostile + "|g", hostile + ":1|ms|#k:" + hostile, hostile,
			"set:" + hostile + "|s|#k:v", hostile + ":1|g",
		} {
			if _, err := fmt.Fprint(conn, line+"\n"); err != nil {
				t.Fatal(err)
			}
		}
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+w.HTTP+"/metrics", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("User-Agent", "<b>é")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	eventually(t, func() error {
		if s := api[wire.Status](t, w, "status"); s.Ledger.Lines != 8*7 {
			return fmt.Errorf("%d lines", s.Ledger.Lines)
		}
		return nil
	})
	families := api[wire.Families](t, w, "families?limit=1000")
	for _, f := range families.Families {
		questions = append(questions, [2]string{"family", "families/" + url.PathEscape(f.Name)},
			[2]string{"family", "families/" + url.PathEscape(f.Name) + "?format=openmetrics&limit=1"})
	}
	if len(families.Families) < 5 || families.Total != len(families.Families) {
		t.Errorf("%d of %d families", len(families.Families), families.Total)
	}
	ask()
	ask() // now somebody looks
	body, err := json.Marshal(wire.ExplainQuery{Line: "<b>:1|c|#k:<i>\ntag:1|g\n\x1b[2J:1|c\nbad"})
	if err != nil {
		t.Fatal(err)
	}
	follow("explain", "explain", []byte(w.post(t, "/api/v1/explain", string(body), http.StatusOK)))
}
