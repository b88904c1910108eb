package explain

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"weir/aggregate"
	"weir/config"
)

// Names in UTF-8 are looked for as the text format writes them, with the credentials of the address.
func TestLiveJudgesUTF8Names(t *testing.T) {
	const page = "# TYPE web_hits gauge\nweb_hits{a_b=\"1\"} 1\nweir_series 1\n"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		if user != "alice" || password != "secret" || r.URL.Path != "/metrics" {
			w.WriteHeader(http.StatusUnauthorized)
		}
		if r.FormValue("name[]") == "web_hits" {
			_, _ = w.Write([]byte(page)) // a client that gets half of the page fails the test
		}
	}))
	defer server.Close()
	c := config.Default()
	c.Aggregate.Sanitize.Names = aggregate.NamesUTF8
	c.Aggregate.Limits.MaxSeriesPerMetric = 1
	f := func(credentials, text, rejected string, isAnswered bool) {
		t.Helper()
		live, err := NewLive(strings.Replace(server.URL, "://", "://"+credentials, 1), c, http.DefaultClient.Do)
		if err != nil {
			t.Fatal(err)
		}
		line := New(c).Lines(text)[0]
		if err := live.Judge(t.Context(), &line); (err == nil) != isAnswered {
			t.Errorf("Judge(%q) = %v, want an answer = %v", text, err, isAnswered)
		}
		if got := line.Samples[0].Rejected; got != rejected {
			t.Errorf("%q: rejected %q, want %q", text, got, rejected)
		}
	}
	f("alice:secret@", "web.hits:1|c|#a.b:1", "type_conflict", true)
	f("alice:secret@", "web.hits:1|g|#a.b:1", "", true)
	f("alice:secret@", "web.hits:1|g|#a.b:2", "max_series_per_metric", true)
	f("alice:wrong@", "web.hits:1|g|#a.b:1", "", false)
	f("alice:wrong@", "web.hits:x|g", "bad_value", true) // not asked
}

// A series is the same in whatever order its labels come, with braces in their values.
func TestLiveReadsLabels(t *testing.T) {
	const page = "# TYPE a counter\na{z=\"1\", b=\"} 2\",} 1\nweir_series 1\n"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(page)) // a client that gets half of the page fails the test
	}))
	defer server.Close()
	c := config.Default()
	c.Aggregate.Limits.MaxSeriesPerMetric = 1
	live, err := NewLive(server.URL, c, http.DefaultClient.Do)
	if err != nil {
		t.Fatal(err)
	}
	for text, rejected := range map[string]string{
		"a:1|c|#z:1,b:} 2": "", "a:1|c|#z:1,b:}": "max_series_per_metric", "a:1|c": "max_series_per_metric",
	} {
		line := New(c).Lines(text)[0]
		if err := live.Judge(t.Context(), &line); err != nil || line.Samples[0].Rejected != rejected {
			t.Errorf("Judge(%q) = %v, rejected %q, want %q", text, err, line.Samples[0].Rejected, rejected)
		}
	}
}

func TestNewLiveBad(t *testing.T) {
	for _, address := range []string{"", "127.0.0.1:9102", "ftp://a", "http://", "http://a b"} {
		if _, err := NewLive(address, config.Default(), http.DefaultClient.Do); err == nil {
			t.Errorf("NewLive(%q) is no error", address)
		}
	}
}
