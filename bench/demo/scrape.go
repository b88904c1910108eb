package main

import (
	"context"
	"fmt"
	"io"
	"net/http"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// families are a scrape, by name.
type families map[string]*dto.MetricFamily

// parseFamilies reads an exposition in the text format.
func parseFamilies(text io.Reader) (families, error) {
	parser := expfmt.NewTextParser(model.LegacyValidation)
	parsed, err := parser.TextToMetricFamilies(text)
	if err != nil {
		return nil, fmt.Errorf("the exposition is invalid: %w", err)
	}
	return parsed, nil
}

// scrape returns the exposition now.
func (p *process) scrape(ctx context.Context) (families, error) {
	response, err := p.get(ctx, "/metrics")
	if err != nil {
		return nil, fmt.Errorf("scrape: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("scrape: %s", response.Status)
	}
	return parseFamilies(response.Body)
}

// get asks for a path; the caller closes the body.
func (p *process) get(ctx context.Context, path string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.http+path, http.NoBody)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "text/plain;version=0.0.4")
	return p.client.Do(request)
}

// sum returns the sum of a family of counters or gauges over all labels, 0 when there is none.
func (f families) sum(name string) float64 {
	sum := 0.0
	for _, m := range f[name].GetMetric() {
		sum += value(m)
	}
	return sum
}

// byLabel returns the values of a family of counters or gauges by one label.
func (f families) byLabel(name, label string) map[string]float64 {
	values := make(map[string]float64)
	for _, m := range f[name].GetMetric() {
		for _, l := range m.GetLabel() {
			if l.GetName() == label {
				values[l.GetValue()] += value(m)
			}
		}
	}
	return values
}

func value(m *dto.Metric) float64 {
	if m.Counter != nil {
		return m.GetCounter().GetValue()
	}
	return m.GetGauge().GetValue()
}
