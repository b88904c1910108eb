package main_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/bench/process"
	"weir/expose/status/wire"
)

func (e e2e) testExplore(t *testing.T) {
	t.Run("families", e.testExploreFamilies)
	t.Run("delete", e.testExploreDelete)
	t.Run("delete without a journal", e.testExploreDeleteWithoutJournal)
	t.Run("delete is off", e.testExploreDeleteOff)
}

// deleteSeries asks weir to delete what selectors select. It returns the answer, and what is wrong with it.
func deleteSeries(t *testing.T, w *weir, selectors ...string) (wire.Envelope[wire.Deleted], int) {
	t.Helper()
	response, err := http.Post( //nolint:noctx // a test that ends
		"http://"+w.HTTP+"/api/v1/series/delete?"+url.Values{"match": selectors}.Encode(), "", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	var answer wire.Envelope[wire.Deleted]
	if err := json.Unmarshal(text, &answer); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return answer, response.StatusCode
}

// What the API says of a family is what a scrape says, also of names that do harm.
func (e e2e) testExploreFamilies(t *testing.T) {
	w := e.startWeir(t)
	w.take(t, "tcp", "web.hits:3|c|#path:<script>alert(1)</script>\nweb.hits:1|c|#path:\x1b[2J\nreq.time:250|ms\nusers:ann|s\n")
	list := api[wire.Families](t, w, "families?sort=series&limit=1")
	if list.Total != 3 || len(list.Families) != 1 || list.Families[0].Name != "web_hits" || list.Families[0].Series != 2 || list.Next == "" {
		t.Errorf("%+v", list)
	}
	rest := api[wire.Families](t, w, "families?sort=series&limit=5&after="+url.QueryEscape(list.Next))
	if len(rest.Families) != 2 || rest.Next != "" {
		t.Errorf("%+v", rest)
	}
	own := api[wire.Families](t, w, "families?own=1&match=weir_*_total&limit=1000")
	isRecorded := func(f wire.Family) bool { return f.Name == "weir_samples_recorded_total" }
	if own.Total < 10 || !slices.ContainsFunc(own.Families, isRecorded) {
		t.Errorf("weir's own: %d families", own.Total)
	}
	text, err := w.get("/metrics")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"web_hits", "req_time", "users"} {
		detail := api[wire.FamilyDetail](t, w, "families/"+name)
		if detail.Exposed == "" || !strings.Contains(string(text), detail.Exposed) {
			t.Errorf("a scrape has not\n%s", detail.Exposed)
		}
	}
	if body, err := w.get("/api/v1/families/web_hits"); err != nil || strings.ContainsAny(string(body), "<>\x1b") {
		t.Errorf("%s, %v", body, err)
	}
	list = api[wire.Families](t, w, "families?sort=rate") // rates are known soon
	if list.Total != 3 {
		t.Errorf("%+v", list)
	}
	selected := api[wire.SeriesList](t, w, "series?match="+url.QueryEscape(`{path=~".*script.*"}`))
	if len(selected.Series) != 1 || *selected.Series[0].Value != "3" {
		t.Errorf("%+v", selected)
	}
	if labels := api[wire.Labels](t, w, "labels"); labels.Total != 1 || labels.Labels[0].Name != "path" || labels.Labels[0].Values != 2 {
		t.Errorf("%+v", labels)
	}
	if tsdb := api[wire.TSDB](t, w, "status/tsdb"); tsdb.HeadStats.NumSeries != 4 || tsdb.SeriesCountByMetricName[0].Name != "web_hits" {
		t.Errorf("%+v", tsdb)
	}
}

// A deletion outlives a kill and a restart, beside a page that is open. What is sent again begins at zero.
func (e e2e) testExploreDelete(t *testing.T) {
	w := e.startMortal(t, "--endpoint.lifecycle", "--cache.enabled=false", "--state.interval=24h",
		"--state.file="+filepath.Join(t.TempDir(), "state"))
	w.take(t, "tcp", "kept:1|c\nhits:5|c|#user:a\nhits:7|c|#user:b\nlevel:3|g\ntime:2|ms|#user:a\n")
	want := func(what string, values map[string]float64, gone ...string) {
		t.Helper()
		p := w.scrape(t)
		if err := p.compare(values); err != nil {
			t.Errorf("%s: %v", what, err)
		}
		text, err := w.get("/metrics")
		if err != nil {
			t.Fatal(err)
		}
		for _, series := range gone {
			if strings.Contains(string(text), "\n"+series) {
				t.Errorf("%s: %s is still there", what, series)
			}
		}
	}
	want("before", map[string]float64{"kept": 1, `hits{user="a"}`: 5, `hits{user="b"}`: 7, "level": 3})
	stop := make(chan struct{})
	looked := make(chan int)
	go func() { // ends with stop
		polls := 0
		for {
			select {
			case <-stop:
				looked <- polls
				return
			default:
				if _, err := w.get("/api/v1/families?sort=bytes"); err == nil {
					polls++
				}
				<-time.After(50 * time.Millisecond) // as a page polls; many are refused
			}
		}
	}()
	answer, status := deleteSeries(t, w, `{user="a"}`, "level")
	close(stop)
	if polls := <-looked; polls == 0 {
		t.Error("the page that was open saw nothing")
	}
	if status != http.StatusOK || answer.Data.Deleted != 3 {
		t.Fatalf("%d: %+v, want 3 deleted", status, answer)
	}
	eventually(t, func() error {
		for line := range strings.Lines(w.Log()) {
			if strings.Contains(line, "deleted series on request") && strings.Contains(line, "anybody") &&
				strings.Contains(line, "127.0.0.1:") {
				return nil
			}
		}
		return fmt.Errorf("the log does not say who deleted series:\n%s", w.Log())
	})
	gone := []string{`hits{user="a"}`, "level ", "time_"}
	want("after", map[string]float64{"kept": 1, `hits{user="b"}`: 7}, gone...)
	if err := w.scrape(t).compare(map[string]float64{"weir_series_deleted_total": 3, "weir_series": 2}); err != nil {
		t.Error(err)
	}
	w.Kill()
	w = w.restart(t)
	want("after a kill", map[string]float64{"kept": 1, `hits{user="b"}`: 7}, gone...)
	w.take(t, "tcp", "hits:1|c|#user:a\nkept:1|c\n")
	want("when it is sent again", map[string]float64{"kept": 2, `hits{user="a"}`: 1, `hits{user="b"}`: 7}, gone[1:]...)
	w.Kill()
	w = w.restart(t)
	want("after another kill", map[string]float64{"kept": 2, `hits{user="a"}`: 1, `hits{user="b"}`: 7}, gone[1:]...)
	if answer, _ := deleteSeries(t, w, "hits"); answer.Data.Deleted != 2 {
		t.Errorf("%+v, want 2 deleted", answer)
	}
	process.MustStop(t, w.Process)
	w = w.restart(t)
	want("after a restart", map[string]float64{"kept": 2}, append(gone, "hits")...)
	w.take(t, "tcp", "hits:1|g\n") // the name is free
	want("as another type", map[string]float64{"kept": 2, "hits": 1})
	process.MustStop(t, w.Process)
}

// Without a journal a deletion asks for a save, so that a kill some seconds later brings nothing back.
func (e e2e) testExploreDeleteWithoutJournal(t *testing.T) {
	w := e.startMortal(t, "--endpoint.lifecycle", "--cache.enabled=false", "--state.interval=24h", "--state.journal_max_size=0",
		"--state.file="+filepath.Join(t.TempDir(), "state"))
	w.take(t, "tcp", "level:3|g\nother:4|g\n")
	saves := func() float64 { return w.scrape(t).sum("weir_state_saves_total") }
	before := saves()
	if answer, _ := deleteSeries(t, w, "level"); answer.Data.Deleted != 1 {
		t.Fatalf("%+v, want 1 deleted", answer)
	}
	eventually(t, func() error {
		if saves() == before {
			return fmt.Errorf("no save after the deletion")
		}
		return nil
	})
	w.Kill()
	w = w.restart(t)
	if err := w.scrape(t).compare(map[string]float64{"other": 4}); err != nil {
		t.Error(err)
	}
	if text, err := w.get("/metrics"); err != nil || strings.Contains(string(text), "\nlevel ") {
		t.Errorf("level came back: %v", err)
	}
	process.MustStop(t, w.Process)
}

// Nothing is deleted unless endpoint.lifecycle allows it.
func (e e2e) testExploreDeleteOff(t *testing.T) {
	w := e.startWeir(t)
	w.take(t, "tcp", "hits:1|c\n")
	answer, status := deleteSeries(t, w, "hits")
	if status != http.StatusForbidden || !strings.Contains(answer.Error, "endpoint.lifecycle") {
		t.Errorf("%d: %+v, want 403 that names the key", status, answer)
	}
	if err := w.scrape(t).compare(map[string]float64{"hits": 1}); err != nil {
		t.Error(err)
	}
}
