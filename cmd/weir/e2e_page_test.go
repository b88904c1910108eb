package main_test

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"

	"weir/bench/process"
)

// page is one scrape, as Prometheus's own parser read it.
type page struct {
	text     []byte
	families process.Families
	values   map[string]float64 // by series: name{label="value",...}, the labels sorted by name
}

// scrape returns the exposition now; it must be valid.
func (w *weir) scrape(t *testing.T) *page {
	t.Helper()
	text, err := w.get(w.Path)
	if err != nil {
		t.Fatal(err)
	}
	p, err := parsePage(text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return p
}

func parsePage(text []byte) (*page, error) {
	families, err := process.ParseFamilies(text)
	if err != nil {
		return nil, err
	}
	p := &page{text: text, families: families, values: make(map[string]float64)}
	var errs []error
	for name, family := range families {
		for _, m := range family.GetMetric() {
			errs = append(errs, p.add(name, m))
		}
	}
	return p, errors.Join(errs...)
}

// add adds the values of one label set of a family.
func (p *page) add(name string, m *dto.Metric) error {
	labels := m.GetLabel()
	var errs []error
	put := func(name string, value float64, more ...*dto.LabelPair) {
		key := seriesKey(name, append(slices.Clone(labels), more...))
		if _, found := p.values[key]; found {
			errs = append(errs, fmt.Errorf("%s is there twice", key))
		}
		p.values[key] = value
	}
	switch {
	case m.Counter != nil:
		put(name, m.GetCounter().GetValue())
	case m.Gauge != nil:
		put(name, m.GetGauge().GetValue())
	case m.Histogram != nil:
		h := m.GetHistogram()
		put(name+"_count", float64(h.GetSampleCount()))
		put(name+"_sum", h.GetSampleSum())
		for _, b := range h.GetBucket() {
			put(name+"_bucket", float64(b.GetCumulativeCount()), labelPair("le", b.GetUpperBound()))
		}
	case m.Summary != nil:
		put(name+"_count", float64(m.GetSummary().GetSampleCount()))
		put(name+"_sum", m.GetSummary().GetSampleSum())
		for _, q := range m.GetSummary().GetQuantile() {
			put(name, q.GetValue(), labelPair("quantile", q.GetQuantile()))
		}
	default:
		errs = append(errs, fmt.Errorf("%s is untyped", name))
	}
	return errors.Join(errs...)
}

func labelPair(name string, number float64) *dto.LabelPair {
	value := strconv.FormatFloat(number, 'g', -1, 64)
	return &dto.LabelPair{Name: &name, Value: &value}
}

func seriesKey(name string, labels []*dto.LabelPair) string {
	if len(labels) == 0 {
		return name
	}
	pairs := make([]string, len(labels))
	for i, l := range labels {
		pairs[i] = l.GetName() + "=" + strconv.Quote(l.GetValue())
	}
	slices.Sort(pairs)
	return name + "{" + strings.Join(pairs, ",") + "}"
}

// sum returns the sum over all label sets of a family without buckets.
func (p *page) sum(name string) float64 {
	sum := 0.0
	for key, value := range p.values {
		if key == name || strings.HasPrefix(key, name+"{") {
			sum += value
		}
	}
	return sum
}

// compare returns what differs from want, by series; nil when all of want is there.
func (p *page) compare(want map[string]float64) error {
	var errs []error
	for _, key := range slices.Sorted(maps.Keys(want)) {
		got, found := p.values[key]
		switch {
		case !found:
			errs = append(errs, fmt.Errorf("no %s, want %v", key, want[key]))
		case got != want[key] && !(math.IsNaN(got) && math.IsNaN(want[key])):
			errs = append(errs, fmt.Errorf("%s = %v, want %v", key, got, want[key]))
		}
	}
	return errors.Join(errs...)
}

// balance returns an error when a sample is missing from the ledger.
func (p *page) balance() error {
	received := p.sum("weir_samples_received_total")
	recorded, rejected, refused := p.sum("weir_samples_recorded_total"), p.sum("weir_samples_rejected_total"),
		p.sum("weir_samples_refused_total")
	if received != recorded+rejected+refused {
		return fmt.Errorf("%v samples received, but %v recorded + %v rejected + %v refused",
			received, recorded, rejected, refused)
	}
	return nil
}

// taken returns how many datagrams reached the socket: weir read them or the kernel dropped them.
func (p *page) taken() float64 {
	return p.sum("weir_datagrams_received_total") + p.sum("weir_kernel_drops_total")
}

// awaitTaken returns the first scrape in which all of so many datagrams have reached the socket.
func (w *weir) awaitTaken(t *testing.T, datagrams int) *page {
	t.Helper()
	var p *page
	eventually(t, func() error {
		p = w.scrape(t)
		if p.taken() < float64(datagrams) {
			return fmt.Errorf("%v of %d datagrams arrived", p.taken(), datagrams)
		}
		return nil
	})
	return p
}
