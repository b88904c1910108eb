package main_test

import (
	"strings"
	"testing"
)

func (e e2e) testSelf(t *testing.T) {
	t.Run("hidden", e.testSelfHidden)
}

// beginWith returns the names of the families whose names begin with a prefix.
func (p *page) beginWith(prefix string) (names []string) {
	for name := range p.families {
		if strings.HasPrefix(name, prefix) {
			names = append(names, name)
		}
	}
	return names
}

// With self.expose: false the families weir_* are only for requests that name them; everything else stays.
func (e e2e) testSelfHidden(t *testing.T) {
	w := e.startWeir(t, "--self.expose=false")
	send(t, w.dial(t, "tcp"), "hits:5|c\n_sc|disk|0\n")
	selected := func(query string) *page {
		t.Helper()
		text, err := w.get(w.Path + query)
		if err != nil {
			t.Fatal(err)
		}
		p, err := parsePage(text)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	eventually(t, func() error { return w.scrape(t).compare(map[string]float64{"hits": 5}) })
	p := w.scrape(t)
	if got := p.beginWith("weir_"); len(got) != 1 || got[0] != "weir_service_check_status" {
		t.Errorf("families %q, want none of weir's own; a service check is a sender's", got)
	}
	for _, prefix := range []string{"go_", "process_"} {
		if len(p.beginWith(prefix)) == 0 {
			t.Errorf("no family %s*, want them: their switches are in collectors", prefix)
		}
	}
	p = selected("?name[]=weir_series&name[]=weir_scrape_size_bytes&name[]=hits")
	if err := p.compare(map[string]float64{"weir_series": 2, "hits": 5}); err != nil || len(p.families) != 3 {
		t.Errorf("a selection has %d families, want 3: %v", len(p.families), err)
	}
	// One that names none of them gets none, and the next scrape is as the first.
	if p = selected("?name[]=hits"); len(p.families) != 1 {
		t.Errorf("?name[]=hits has %d families, want 1", len(p.families))
	}
	if got := w.scrape(t).beginWith("weir_"); len(got) != 1 {
		t.Errorf("after selections: families %q", got)
	}
	shown := e.startWeir(t)
	if all := len(shown.scrape(t).text) - len(w.scrape(t).text); all < 8<<10 {
		t.Errorf("the exposition is only %d bytes smaller", all)
	}
}
