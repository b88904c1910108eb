package process

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// requestLimit bounds one request.
const requestLimit = time.Minute

// Get returns the body of a response; any status except 200 is an error that has the body. The body is as it
// came over the wire when encoding is not empty; it is the Accept-Encoding of the request. When encoding is
// empty, Get asks for gzip and unpacks it.
func (p *Process) Get(ctx context.Context, path, encoding string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.HTTP+path, http.NoBody)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "text/plain;version=0.0.4")
	if encoding != "" {
		request.Header.Set("Accept-Encoding", encoding)
	}
	response, err := p.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("GET %s: %s: %s", path, response.Status, body)
	}
	return body, err
}

// ScrapeText returns the exposition now, in the text format 0.0.4.
func (p *Process) ScrapeText(ctx context.Context) ([]byte, error) {
	return p.Get(ctx, cmp.Or(p.Path, "/metrics"), "")
}

// Scrape returns the families that the process exposes now.
func (p *Process) Scrape(ctx context.Context) (Families, error) {
	text, err := p.ScrapeText(ctx)
	if err != nil {
		return nil, fmt.Errorf("scrape: %w", err)
	}
	return ParseFamilies(text)
}

// Families are those of an exposition, by name.
type Families map[string]*dto.MetricFamily

// ParseFamilies reads an exposition in the text format 0.0.4.
func ParseFamilies(text []byte) (Families, error) {
	parser := expfmt.NewTextParser(model.LegacyValidation)
	parsed, err := parser.TextToMetricFamilies(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("the exposition is invalid: %w", err)
	}
	return parsed, nil
}

// Sum returns the sum of a family of counters or gauges over all label sets, 0 when there is no such family.
func (f Families) Sum(name string) float64 {
	sum := 0.0
	for _, m := range f[name].GetMetric() {
		sum += Value(m)
	}
	return sum
}

// ByLabel returns the sums of a family of counters or gauges by the value of a label. Series without the
// label do not count.
func (f Families) ByLabel(name, label string) map[string]float64 {
	sums := make(map[string]float64)
	for _, m := range f[name].GetMetric() {
		for _, l := range m.GetLabel() {
			if l.GetName() == label {
				sums[l.GetValue()] += Value(m)
			}
		}
	}
	return sums
}

// Value returns the value of a counter or a gauge.
func Value(m *dto.Metric) float64 {
	if m.Counter != nil {
		return m.GetCounter().GetValue()
	}
	return m.GetGauge().GetValue()
}
