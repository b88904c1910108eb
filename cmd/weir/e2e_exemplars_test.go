package main_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A Prometheus that keeps exemplars gets them, in OpenMetrics and in protobuf, and no series of trace ids.
func (e e2e) testExemplars(t *testing.T) {
	for name, features := range map[string]string{
		"openmetrics": "exemplar-storage", "protobuf": "exemplar-storage,native-histograms",
	} {
		t.Run(name, func(t *testing.T) { e.testExemplarsBy(t, features) })
	}
}

func (e e2e) testExemplarsBy(t *testing.T, features string) {
	t.Helper()
	d := databases[0]
	need(t, d.program, d.install)
	flags := d.flags
	d.flags = func(config, dir, address string) []string {
		return append(flags(config, dir, address), "--enable-feature="+features)
	}
	w := e.startWeir(t, "--series.exemplar_tags=trace_id,span_id")
	api := d.scrape(t, []*weir{w})
	send(t, w.dial(t, "udp"), "hits_total:3|c|#zone:a,trace_id:4bf92f,span_id:00f0\n"+
		"hits_total:1|c|#zone:b,trace_id:b7ad6b\ntime:31.25|ms|#trace_id:a3ce92\ntime,trace_id=0af765:250|ms\n"+
		"time:60000|ms|#trace_id:1000\nlevel:7|g|#trace_id:4bf92f\n")
	eventually(t, func() error {
		return errors.Join(
			api.compareExemplars(`hits_total`, map[string]float64{
				`hits_total{zone="a"} {span_id="00f0",trace_id="4bf92f"}`: 3,
				`hits_total{zone="b"} {trace_id="b7ad6b"}`:                1,
			}),
			api.compareExemplars(`time_bucket`, map[string]float64{
				`time_bucket{le="0.05"} {trace_id="a3ce92"}`: 0.03125,
				`time_bucket{le="0.25"} {trace_id="0af765"}`: 0.25,
				`time_bucket{le="+Inf"} {trace_id="1000"}`:   60,
			}),
			api.compare(map[string]float64{
				`hits_total{zone="a"}`: 3, `count(hits_total)`: 2, `time_count`: 3, `level`: 7,
				`count({trace_id!=""}) or vector(0)`: 0,
			}))
	})
}

// compareExemplars returns how the exemplars of a query differ from those wanted, by series and labels.
func (a promAPI) compareExemplars(query string, want map[string]float64) error {
	ctx, cancel := context.WithTimeout(context.Background(), waitLimit)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet,
		string(a)+"query_exemplars?start=0&end=9999999999&query="+url.QueryEscape(query), http.NoBody)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	var answer struct {
		Error string
		Data  []struct {
			SeriesLabels map[string]string
			Exemplars    []struct {
				Labels map[string]string
				Value  float64 `json:",string"`
			}
		}
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return fmt.Errorf("%s: %w", response.Status, err)
	}
	got := make(map[string]float64)
	for _, series := range answer.Data {
		name := series.SeriesLabels["__name__"]
		for _, label := range []string{"__name__", "job", "instance"} {
			delete(series.SeriesLabels, label)
		}
		for _, e := range series.Exemplars {
			got[name+labelText(series.SeriesLabels)+" "+labelText(e.Labels)] = e.Value
		}
	}
	if !maps.Equal(got, want) {
		return fmt.Errorf("exemplars of %s: %v, want %v; %s", query, got, want, answer.Error)
	}
	return nil
}

// labelText returns labels in braces, sorted by name.
func labelText(labels map[string]string) string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		list = append(list, name+"="+strconv.Quote(labels[name]))
	}
	return "{" + strings.Join(list, ",") + "}"
}
