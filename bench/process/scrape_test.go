package process_test

import (
	"maps"
	"strings"
	"testing"

	"weir/bench/process"
)

// A request asks for text, and for the encoding that the caller wants to see.
func TestGet(t *testing.T) {
	p := process.Start(t, server(t))
	f := func(encoding, want string) {
		t.Helper()
		if got, err := p.Get(t.Context(), "/asked", encoding); err != nil || string(got) != want {
			t.Errorf("Get with encoding %q was asked as %q, %v, want %q", encoding, got, err, want)
		}
	}
	f("", "text/plain;version=0.0.4, gzip")
	f("identity", "text/plain;version=0.0.4, identity")
	if _, err := p.Get(t.Context(), "/missing", ""); err == nil || !strings.Contains(err.Error(), "GET /missing: 404 Not Found") {
		t.Errorf("Get of what is not there: %v, want the status", err)
	}
	process.MustStop(t, p)
	if _, err := p.Scrape(t.Context()); err == nil || !strings.Contains(err.Error(), "scrape: ") {
		t.Errorf("scrape of a process that has ended: %v, want an error", err)
	}
}

func TestFamilies(t *testing.T) {
	families, err := process.ParseFamilies([]byte(exposition))
	if err != nil {
		t.Fatal(err)
	}
	f := func(name string, want float64) {
		t.Helper()
		if got := families.Sum(name); got != want {
			t.Errorf("sum of %s = %v, want %v", name, got, want)
		}
	}
	f("hits", 12)
	f("level", -1.5)
	f("missing", 0)
	want := map[string]float64{"/a": 3, "/b": 4}
	if got := families.ByLabel("hits", "path"); !maps.Equal(got, want) {
		t.Errorf("hits by path = %v, want %v", got, want)
	}
	if _, err := process.ParseFamilies([]byte("hits{")); err == nil {
		t.Error("an invalid exposition is no error")
	}
}
