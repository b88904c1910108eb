package explain

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"weir/aggregate"
	"weir/aggregate/label"
	"weir/config"
	"weir/protocol"
)

const maxLivePage = 64 << 20 // bytes of the families that one line needs

// Live is a weir that runs. It is asked for the families of a line, as a scraper asks, and changes nothing.
// It is for a configuration other than that weir's own, by which the API of that weir explains.
type Live struct {
	base   *url.URL
	limits aggregate.Limits
	do     func(*http.Request) (*http.Response, error)
}

// NewLive returns the weir at address, such as http://127.0.0.1:9102, which has the limits and the path of c.
// Credentials of a user may be in the address. Do sends a request, and adds other credentials.
func NewLive(
	address string, c *config.Config, do func(*http.Request) (*http.Response, error),
) (*Live, error) {
	base, err := url.Parse(address)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, fmt.Errorf("--url: %q: want a URL such as http://127.0.0.1:9102", address)
	}
	if base.Path == "" || base.Path == "/" {
		base.Path = c.Expose.Endpoint.Path
	}
	return &Live{base: base, limits: c.Aggregate.Limits, do: do}, nil
}

// Judge marks the samples of a line that the running weir would reject: by the type that a name has there, or
// by a limit.
func (l *Live) Judge(ctx context.Context, line *Line) error {
	for i := range line.Samples {
		s := &line.Samples[i]
		if s.Rejected != "" || s.SeriesID == "" {
			continue
		}
		page, err := l.page(ctx, legacyFamily(s))
		if err != nil {
			return err
		}
		if reason, why := l.verdict(s, page); reason != protocol.ReasonNone {
			s.Rejected, s.Advice = reason.String(), why
		}
	}
	return nil
}

// legacyFamily returns the name of the family in the text format.
func legacyFamily(s *Sample) string {
	name, _ := legacySeries(s)
	return name
}

// legacySeries returns the name of the family and the labels of the series in the text format.
func legacySeries(s *Sample) (name string, labels label.Labels) {
	text := s.Legacy
	if text == "" {
		text = s.Series
	}
	name, labels, _ = cutSeries(text) // the exposition of weir itself
	return name, labels
}

// cutSeries reads the series that a text begins with.
//
//	requests_total{code="200"} 3
//	^name          ^labels
func cutSeries(text string) (name string, labels label.Labels, ok bool) {
	end := strings.IndexAny(text, "{ ")
	if end < 0 {
		return text, label.Labels{}, true
	}
	name = text[:end]
	if text[end] == '{' {
		labels, rest, err := label.ParsePrefix(text[end+1:])
		return name, labels, err == nil && strings.HasPrefix(rest, "}")
	}
	return name, label.Labels{}, true
}

// page returns the family, and the number of all series, as the running weir exposes them.
func (l *Live) page(ctx context.Context, family string) ([]byte, error) {
	at := *l.base
	at.RawQuery = url.Values{"name[]": {family, "weir_series"}}.Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("ask %s: %w", at.Redacted(), err)
	}
	response, err := l.do(request)
	if err != nil {
		return nil, fmt.Errorf("ask the running weir: %w", err)
	}
	defer func() { _ = response.Body.Close() }() // all of it was read
	page, err := io.ReadAll(io.LimitReader(response.Body, maxLivePage))
	if err != nil {
		return nil, fmt.Errorf("ask %s: %w", at.Redacted(), err)
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("ask %s: it answers %s", at.Redacted(), response.Status)
	}
	return page, nil
}

// verdict says why the running weir, whose page this is, would reject s; ReasonNone if it would not.
func (l *Live) verdict(s *Sample, page []byte) (reason protocol.Reason, why string) {
	family, labels := legacySeries(s)
	counted := family
	if s.Type == "histogram" || s.Type == "summary" {
		counted += "_count"
	}
	series, isThere, total := 0, false, 0
	for text := range bytes.Lines(page) {
		row := strings.TrimSuffix(string(text), "\n")
		if typ, ok := strings.CutPrefix(row, "# TYPE "+family+" "); ok && typ != s.Type {
			return protocol.ReasonTypeConflict,
				fmt.Sprintf("%s is a %s in the running weir; a %s was sent", family, typ, s.Type)
		}
		if name, found, ok := cutSeries(row); ok && name == counted {
			series++
			isThere = isThere || found == labels
		}
		_, _ = fmt.Sscanf(row, "weir_series %d", &total) // other rows leave it alone
	}
	switch {
	case isThere:
		return protocol.ReasonNone, ""
	case series >= l.limits.MaxSeriesPerMetric:
		return l.refused(protocol.ReasonSeriesPerMetric, s, fmt.Sprintf("%s has %d series", family, series))
	case total >= l.limits.MaxTotalSeries:
		return l.refused(protocol.ReasonTotalSeries, s, fmt.Sprintf("there are %d series", total))
	default:
		return protocol.ReasonNone, ""
	}
}

// refused says that a limit refuses the new series of s, unless it is folded.
func (l *Live) refused(reason protocol.Reason, s *Sample, found string) (protocol.Reason, string) {
	if l.limits.OverflowAction == aggregate.OverflowFold && s.Type != "gauge" {
		return protocol.ReasonNone, ""
	}
	return reason, Advice(reason) + ": " + found + " in the running weir"
}
