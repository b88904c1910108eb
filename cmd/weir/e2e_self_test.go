package main_test

import (
	"slices"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
)

func (e e2e) testSelf(t *testing.T) {
	t.Run("hidden", e.testSelfHidden)
	t.Run("second names", e.testSecondNames)
}

// secondNames are the families that self.alias_prefix gives a second name, by its end.
var secondNames = map[string]string{
	"scrape_duration_seconds": "weir_scrape_duration_seconds", "scrape_size_bytes": "weir_scrape_size_bytes",
	"series_count": "weir_series", "cache_hits_total": "weir_cache_hits_total",
	"cache_misses_total":         "weir_cache_misses_total",
	"cardinality_overflow_total": "weir_cardinality_overflow_total",
}

// The production configuration gives six of weir's own families second names. Samples cannot take them.
func (e e2e) testSecondNames(t *testing.T) {
	const prefix = "llmdevops_metrics_"
	production := []string{"--config=../../config/testdata/production.good.yaml", "--rate_limiting.enabled=false"}
	w := e.startWeir(t, append(production, "--cardinality.max_series_per_metric=1")...)
	w.take(t, "tcp", "busy:1|c|#id:1\nbusy:1|c|#id:2\n")
	p := w.scrape(t)
	if got := p.beginWith(prefix); len(got) != len(secondNames) {
		t.Errorf("families %q, want %d", got, len(secondNames))
	}
	for end, name := range secondNames {
		first, second := p.families[name], p.families[prefix+end]
		if first.GetType() != second.GetType() || len(first.GetMetric()) == 0 ||
			!slices.EqualFunc(first.GetMetric(), second.GetMetric(), areSame) {
			t.Errorf("%s%s is\n%v\nwant it as %s,\n%v", prefix, end, second, name, first)
		}
	}
	w.take(t, "tcp", prefix+"series_count:9|g\nllmdevops.metrics.cache_hits_total:9|c\n"+
		prefix+"series:9|ms\n"+prefix+"scrape_size_bytes:9|h\n"+prefix+"other:9|c\n")
	if err := w.scrape(t).compare(map[string]float64{
		`weir_samples_rejected_total{reason="reserved_name"}`: 4, prefix + "other": 9, prefix + "series_count": 2,
	}); err != nil {
		t.Error(err)
	}
	f := func(want int, flags ...string) {
		t.Helper()
		p := e.startWeir(t, flags...).scrape(t)
		if got := p.beginWith(prefix); len(got) != want {
			t.Errorf("%q: families %q, want %d", flags, got, want)
		}
	}
	const less = 5 // cardinality_overflow_total has no series
	f(0)
	f(0, append(production, "--self.alias_prefix=")...)
	f(less, append(production, "--self.expose=false")...)
	f(less, "--self.alias_prefix="+prefix)
	bad := e.launch(t, "--self.alias_prefix=weir_")
	if err := bad.Wait(); err == nil || !strings.Contains(bad.Log(), "--self.alias_prefix: \"weir_\": weir's own families") {
		t.Errorf("the prefix weir_: %v\n%s", err, bad.Log())
	}
}

func areSame(a, b *dto.Metric) bool { return a.String() == b.String() }

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
