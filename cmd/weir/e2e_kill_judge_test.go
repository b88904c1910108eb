package main_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// rawSample is a sample as Prometheus keeps it. Its time is when the scrape began.
type rawSample struct {
	at    time.Time
	value float64
}

// UnmarshalJSON reads what the API has: [1732517712.123,"4.5"].
func (s *rawSample) UnmarshalJSON(text []byte) error {
	var seconds float64
	var value string
	if err := json.Unmarshal(text, &[2]any{&seconds, &value}); err != nil {
		return err
	}
	number, err := strconv.ParseFloat(value, 64)
	s.at, s.value = time.UnixMilli(int64(math.Round(1000*seconds))), number
	return err
}

// raw returns all samples of the last hour that a selector matches, by series without its target.
func (a promAPI) raw(selector string) (map[string][]rawSample, error) {
	ctx, cancel := context.WithTimeout(context.Background(), waitLimit)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet,
		string(a)+"query?query="+url.QueryEscape(selector+"[1h]"), http.NoBody)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	var answer struct {
		Error string
		Data  struct {
			Result []struct {
				Metric map[string]string
				Values []rawSample
			}
		}
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || answer.Error != "" {
		return nil, fmt.Errorf("%s: %s %w", response.Status, answer.Error, err)
	}
	samples := make(map[string][]rawSample)
	for _, series := range answer.Data.Result {
		samples[keyOf(series.Metric)] = series.Values
	}
	return samples, nil
}

// keyOf returns a series as seriesKey does, without the labels of its target.
func keyOf(metric map[string]string) string {
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(metric)) {
		if name != "__name__" && name != "job" && name != "instance" {
			pairs = append(pairs, name+"="+strconv.Quote(metric[name]))
		}
	}
	if len(pairs) == 0 {
		return metric["__name__"]
	}
	return metric["__name__"] + "{" + strings.Join(pairs, ",") + "}"
}

// scrapeSlack is how much later than its time a scrape may have begun, when the machine is busy.
const scrapeSlack = 200 * time.Millisecond

// killedScrape is a scrape that Prometheus has.
type killedScrape struct {
	life  int // that it was answered in
	known int // rounds that weir had recorded before it began
	most  int // rounds that were sent before it ended
}

// killedRecord is all that Prometheus has of a weir.
type killedRecord struct {
	*killed

	samples map[string][]rawSample
	scrapes map[time.Time]killedScrape
	last    []int    // by life: the rounds that weir had recorded before the last scrape
	rows    []string // of the report
}

// judge holds what Prometheus has against what was sent.
func (k *killed) judge(t *testing.T, api promAPI) {
	t.Helper()
	samples, err := api.raw(fmt.Sprintf("{instance=%q}", k.HTTP))
	if err != nil {
		t.Fatal(err)
	}
	r := &killedRecord{killed: k, samples: samples, scrapes: make(map[time.Time]killedScrape)}
	r.readScrapes(t)
	for _, line := range k.lines {
		for _, series := range slices.Sorted(maps.Keys(line.adds)) {
			if err := r.judge(series, line.first, line.adds[series]); err != nil {
				t.Errorf("%s: %v", series, err)
			}
		}
	}
	r.judgeSaves(t)
	t.Logf("%s, seed %d: %d kills, and %d of a weir that was starting; %d rounds sent, %d scrapes\n%-44s %12s %12s %12s %12s\n%s",
		k.name, k.seed, len(k.lives)-1, k.starts, k.rounds(), len(r.scrapes),
		"series", "sent", "increase", "may be lost", "first value", strings.Join(r.rows, "\n"))
}

// readScrapes finds out what each scrape must have.
func (r *killedRecord) readScrapes(t *testing.T) {
	t.Helper()
	took := make(map[time.Time]time.Duration)
	for _, s := range r.samples["scrape_duration_seconds"] {
		took[s.at] = time.Duration(s.value * float64(time.Second))
	}
	for _, life := range r.lives {
		r.last = append(r.last, life.before)
	}
	for _, s := range r.samples["process_start_time_seconds"] {
		i := slices.IndexFunc(r.lives, func(l *killedLife) bool { return math.Abs(l.started-s.value) < 0.5 })
		if i < 0 {
			t.Fatalf("Prometheus has scraped a weir that started at %v", s.value)
		}
		known, most := r.lives[i].between(s.at, s.at.Add(took[s.at]+scrapeSlack))
		r.scrapes[s.at] = killedScrape{i, known, most}
		r.last[i] = known // the samples are in the order of time
	}
	for _, s := range r.samples["weir_state_journal_active"] {
		if s.value != 1 {
			t.Error("a scrape shows that there is no journal")
		}
	}
}

// between returns how many rounds weir had recorded for certain at a time, and how many it can have had at another.
func (l *killedLife) between(began, ended time.Time) (known, most int) {
	for i, round := range l.rounds {
		if !round.read.IsZero() && !round.read.After(began) {
			known = i // it has read this one, and so recorded those before it
		}
		if !round.sent.After(ended) {
			most = i + 1
		}
	}
	if !l.recorded.IsZero() && !l.recorded.After(began) {
		known = len(l.rounds)
	}
	return l.before + known, l.before + most
}

// judge holds the samples of a series against the rounds from first on, each of which adds something to it.
func (r *killedRecord) judge(series string, first int, adds float64) error {
	in := func(after, to int) float64 { return adds * float64(max(to-max(after, first-1), 0)) }
	rises, resets := 0.0, 0
	var errs []error
	samples := r.samples[series]
	for i, s := range samples[min(1, len(samples)):] {
		before := samples[i]
		rise := s.value - before.value
		if rise < 0 {
			rise, resets = s.value, resets+1
		}
		rises += rise
		from, to := r.scrapes[before.at], r.scrapes[s.at]
		if most := in(from.known, to.most); rise > most && before.value > 0 { // a 0 may stand for more
			errs = append(errs, fmt.Errorf("it rises by %v at %v, where %v was sent", rise, s.at, most))
		}
	}
	sent, allowed := in(0, r.rounds()), 0.0
	for i, life := range r.lives {
		if life.recorded.IsZero() {
			allowed += in(r.last[i], life.before+len(life.rounds))
		}
	}
	unseen := 0.0 // increase() does not see the first value of a series, except when that is 0
	if len(samples) > 0 {
		unseen = samples[0].value
	}
	if rises > sent || rises < sent-allowed-unseen || resets > 0 || r.isZeroFirst && unseen > 0 {
		errs = append(errs, fmt.Errorf("increase %v, %d resets", rises, resets))
	}
	if len(errs) > 0 {
		errs = append(errs, fmt.Errorf("sent %v, allowed to be lost %v, first value %v", sent, allowed, unseen))
	}
	r.rows = append(r.rows, fmt.Sprintf("%-44s %12v %12v %12v %12v", series, sent, rises, allowed, unseen))
	return errors.Join(errs...)
}

// judgeSaves holds that gauges and sets are as in a scrape that was saved, or later. When weir_state_saves_total was n in
// it, save n+1 may have begun before it, but n+2 did not; so once a scrape shows n+2, no kill can take the values back.
func (r *killedRecord) judgeSaves(t *testing.T) {
	t.Helper()
	const saves = "weir_state_saves_total"
	count := make(map[time.Time]float64)
	for _, s := range r.samples[saves] {
		count[s.at] = s.value
	}
	kept := 0
	for series, ceiling := range map[string]int{"killed_level": r.rounds(), "killed_users": killedUsers} {
		floor := 0.0
		var pending []rawSample // of this life
		for i, s := range r.samples[series] {
			if i > 0 && r.scrapes[r.samples[series][i-1].at].life != r.scrapes[s.at].life {
				pending = nil
			}
			for ; len(pending) > 0 && count[pending[0].at]+2 <= count[s.at]; pending = pending[1:] {
				floor = max(floor, pending[0].value)
				kept++
			}
			if s.value < floor || s.value > float64(ceiling) {
				t.Errorf("%s = %v at %v, want %v to %d", series, s.value, s.at, floor, ceiling)
			}
			pending = append(pending, s)
		}
	}
	if r.savesOften && kept < len(r.lives)/4 {
		t.Errorf("only %d samples were saved before a kill", kept)
	}
}
