package rival_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
	"github.com/prometheus/otlptranslator"
	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/model/exemplar"
	nativehistogram "github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/storage/remote"

	"weir/aggregate"
)

// series is what a receiver, or a scraper, made of a registry. Keys are labels as labels.Labels prints them.
type series struct {
	floats     map[string]float64
	histograms map[string]*nativehistogram.Histogram
	exemplars  map[string][]string // sorted
	starts     map[string]int64    // of series that count
	help       map[string]string   // by name of the family
}

func newSeries() series {
	return series{map[string]float64{}, map[string]*nativehistogram.Histogram{}, map[string][]string{}, map[string]int64{}, map[string]string{}}
}

func (s *series) add(ls labels.Labels, v float64, h *nativehistogram.Histogram, exemplars []exemplar.Exemplar) (key string) {
	b := labels.NewBuilder(ls)
	for _, bound := range []string{"le", "quantile"} { // 1 and 1.0 are the same
		if n, err := strconv.ParseFloat(ls.Get(bound), 64); err == nil {
			b.Set(bound, fmt.Sprint(n))
		}
	}
	key = b.Labels().String()
	if h == nil {
		s.floats[key] = v
	} else {
		s.histograms[key] = h
	}
	for _, e := range exemplars {
		s.exemplars[key] = append(s.exemplars[key], fmt.Sprint(e.Labels, e.Value, e.Ts))
	}
	slices.Sort(s.exemplars[key])
	return key
}

// receive has Prometheus's receiver read requests, none of which it may refuse.
func receive(t fataler, strategy otlptranslator.TranslationStrategyOption, requests ...[]byte) series {
	t.Helper()
	got := newSeries()
	settings := config.Config{OTLPConfig: config.OTLPConfig{TranslationStrategy: strategy}}
	handler := remote.NewOTLPWriteHandler(slog.New(slog.DiscardHandler), prometheus.NewRegistry(), &appender{series: &got},
		func() config.Config { return settings }, remote.OTLPOptions{})
	for _, request := range requests {
		post := httptest.NewRequest(http.MethodPost, "/api/v1/otlp/v1/metrics", bytes.NewReader(request))
		post.Header.Set("Content-Type", "application/x-protobuf")
		answer := httptest.NewRecorder()
		if handler.ServeHTTP(answer, post); answer.Code != http.StatusOK {
			t.Fatalf("%s: %d %s", strategy, answer.Code, answer.Body)
		}
	}
	return got
}

// appender keeps what Prometheus would store. It takes no series twice at a time, as the database.
type appender struct {
	series *series
	times  map[string]int64
}

func (a *appender) AppenderV2(context.Context) storage.AppenderV2 {
	return &appender{series: a.series, times: map[string]int64{}}
}

func (*appender) Commit() error { return nil }

func (*appender) Rollback() error { return nil }

func (a *appender) Append(
	_ storage.SeriesRef, ls labels.Labels, st, _ int64, v float64, h *nativehistogram.Histogram, _ *nativehistogram.FloatHistogram, o storage.AOptions,
) (storage.SeriesRef, error) {
	if h != nil && !value.IsStaleNaN(h.Sum) {
		if err := h.Validate(); err != nil {
			return 0, err
		}
	}
	key := a.series.add(ls, v, h, o.Exemplars)
	if st != 0 {
		a.series.starts[key] = st
	}
	a.series.help[o.MetricFamilyName] = string(o.Metadata.Type) + " " + o.Metadata.Help
	return 0, nil
}

// scrapeSeries returns what Prometheus reads in a scrape, with the labels that it adds.
func scrapeSeries(t fataler, registry *aggregate.Registry) series {
	t.Helper()
	text, contentType, err := scrape(registry, formats[len(formats)-1]+"; escaping=allow-utf-8")
	if err != nil {
		t.Fatalf("%v", err)
	}
	parser, err := textparse.New(text, contentType, labels.NewSymbolTable(), textparse.ParserOptions{
		KeepClassicOnClassicAndNativeHistograms: true,
	})
	if err != nil {
		t.Fatalf("%v", err)
	}
	want := newSeries()
	family, help := "", ""
	for {
		entry, err := parser.Next()
		if errors.Is(err, io.EOF) {
			return want
		}
		if err != nil {
			t.Fatalf("%v", err)
		}
		var v float64
		var h *nativehistogram.Histogram
		switch entry {
		case textparse.EntryType:
			name, kind := parser.Type()
			family = string(name)
			want.help[translatable(family)] = string(kind) + " " + help
			continue
		case textparse.EntryHelp:
			_, text := parser.Help() // it comes before the type
			help = string(text)
			continue
		case textparse.EntrySeries:
			_, _, v = parser.Series()
		case textparse.EntryHistogram:
			_, _, h, _ = parser.Histogram()
		default:
			continue
		}
		var ls labels.Labels
		parser.Labels(&ls)
		var exemplars []exemplar.Exemplar
		for e := (exemplar.Exemplar{}); parser.Exemplar(&e); e = (exemplar.Exemplar{}) {
			exemplars = append(exemplars, e)
		}
		name := ls.Get(model.MetricNameLabel)
		ls = labels.NewBuilder(withExternal(ls)).Set(model.MetricNameLabel, translatable(family)+name[len(family):]).Labels()
		want.add(ls, v, h, exemplars)
	}
}

// withExternal returns labels with the external ones.
func withExternal(ls labels.Labels) labels.Labels {
	b := labels.NewBuilder(ls)
	ls.Range(func(l labels.Label) {
		isExternal := l.Name == "job" || l.Name == "instance"
		if name := translatable(l.Name); isExternal || name != l.Name {
			name = "exported_" + l.Name
			for ls.Has(name) {
				name = "exported_" + name
			}
			b.Del(l.Name).Set(name, l.Value)
		}
	})
	return b.Set("job", "weir").Set("instance", "here").Labels()
}

// translatable returns a name under which a receiver can be given what has this one.
func translatable(name string) string {
	isTranslated := func(r rune) bool { return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' }
	if strings.ContainsFunc(name, isTranslated) {
		return name
	}
	return "exported_" + name
}

// compare holds that the received series equal the scraped ones.
func (s *series) compare(t fataler, want series) {
	t.Helper()
	equal := cmp.Comparer(func(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) })
	if diff := cmp.Diff(want.floats, s.floats, equal); diff != "" {
		t.Fatalf("floats: scraped-, received+\n%s", diff)
	}
	if diff := cmp.Diff(want.help, s.help); diff != "" {
		t.Fatalf("types and help: scraped-, received+\n%s", diff)
	}
	if diff := cmp.Diff(want.exemplars, s.exemplars); diff != "" {
		t.Fatalf("exemplars: scraped-, received+\n%s", diff)
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(want.histograms)), slices.Sorted(maps.Keys(s.histograms))); diff != "" {
		t.Fatalf("histograms: scraped-, received+\n%s", diff)
	}
	for key, got := range s.histograms {
		h := want.histograms[key].Copy()
		if err := h.ReduceResolution(got.Schema); got.Schema != h.Schema && err != nil { // outliers make it coarser
			t.Fatalf("%v", err)
		}
		h.ZeroThreshold, h.CounterResetHint = got.ZeroThreshold, got.CounterResetHint // the receiver knows no other
		if !h.Compact(0).Equals(got.Copy().Compact(0)) {
			t.Fatalf("%s is\n%v, want\n%v", key, got, h)
		}
	}
}

// checkStarts checks since when series count.
func checkStarts(t fataler, registry *aggregate.Registry, got *series) {
	t.Helper()
	created := map[int64]bool{}
	gauges := 0
	for _, f := range registry.Snapshot().Families {
		for _, s := range f.Series {
			if f.Type() == aggregate.TypeGauge {
				gauges++
				continue
			}
			created[s.Created().UnixMilli()] = true
		}
	}
	for key, start := range got.starts {
		if !created[start] {
			t.Fatalf("%s counts since %d, when no series was created", key, start)
		}
	}
	if all := len(got.floats) + len(got.histograms); len(got.starts) != all-gauges {
		t.Fatalf("%d of %d series have a start, but %d are gauges", len(got.starts), all, gauges)
	}
}

// checkStale checks that stale has a stale marker for each series of got.
func checkStale(t fataler, got, stale *series) {
	t.Helper()
	for key := range got.floats {
		if v, found := stale.floats[key]; !found || !value.IsStaleNaN(v) {
			t.Fatalf("%s is %v (%t), not stale", key, v, found)
		}
	}
	for key := range got.histograms {
		if h := stale.histograms[key]; h == nil || !value.IsStaleNaN(h.Sum) {
			t.Fatalf("%s is %v, not stale", key, h)
		}
	}
	if len(got.floats)+len(got.histograms) != len(stale.floats)+len(stale.histograms) {
		t.Fatalf("%d series end, but there are %d", len(stale.floats)+len(stale.histograms), len(got.floats)+len(got.histograms))
	}
}
