package rival_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	"pgregory.net/rapid"

	"weir/aggregate"
	"weir/expose"
	"weir/protocol"
)

// Whatever lines come, in whichever shard, the exposition is one that Prometheus accepts.
func TestArbitraryLines(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		options := aggregate.DefaultOptions()
		options.Limits.MaxSeriesPerMetric, options.Limits.MaxTotalSeries = 8, 40
		options.Limits.OverflowAction = rapid.SampledFrom([]string{
			aggregate.OverflowDropAndWarn, aggregate.OverflowFold,
		}).Draw(t, "overflow action")
		options.Timers.Observer = rapid.SampledFrom([]string{
			aggregate.ObserverHistogram, aggregate.ObserverNative, aggregate.ObserverBoth, aggregate.ObserverSummary,
		}).Draw(t, "observer")
		options.Series.CounterBirth = rapid.SampledFrom([]string{
			aggregate.BirthValue, aggregate.BirthZero,
		}).Draw(t, "counter birth")
		options.Sanitize.Names = rapid.SampledFrom([]string{
			aggregate.NamesLegacy, aggregate.NamesUTF8,
		}).Draw(t, "sanitize names")
		options.Series.TTL = 10 * time.Second
		options.Series.ExemplarTags = rapid.SampledFrom([][]string{nil, {"a"}, {"le", "a.b", "a-b", "\""}}).Draw(t, "exemplars")
		registry := aggregate.New(options, "reserved")
		now, recorded := time.Unix(1_800_000_000, 0), 0
		for range rapid.IntRange(1, 4).Draw(t, "shards") {
			now = now.Add(time.Duration(rapid.IntRange(0, 8).Draw(t, "seconds")) * time.Second)
			registry.Tick(now)
			registry.Sweep()
			shard := registry.NewShard()
			recorded = record(shard, rapid.SliceOfN(line, 0, 30).Draw(t, "lines")) // those of the last one live
		}
		accept := rapid.SampledFrom(formats).Draw(t, "accept")
		escaping := "; escaping=" + rapid.SampledFrom(escapings).Draw(t, "escaping")
		text, contentType, err := scrape(registry, accept+escaping)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(contentType, accept) || !strings.HasSuffix(contentType, escaping) {
			t.Fatalf("content type %q, want %q", contentType, accept+escaping)
		}
		found, err := judge(text, contentType)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if recorded > 0 && len(found.types) == 0 {
			t.Fatalf("%d samples recorded, but no family:\n%s", recorded, text)
		}
	})
}

// formats are what Prometheus asks for, as content types begin.
var formats = []string{
	"text/plain; version=0.0.4", "text/plain; version=1.0.0", "application/openmetrics-text; version=0.0.1",
	"application/openmetrics-text; version=1.0.0",
	"application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited",
}

// escapings are those of names that only Prometheus 3 allows.
var escapings = []string{"underscores", "allow-utf-8", "dots", "values"}

// record takes lines into a shard and returns how many samples it recorded.
func record(shard *aggregate.Shard, lines []string) (recorded int) {
	decoder := protocol.Decoder{MaxLine: 8 << 10}
	decoder.Reset([]byte(strings.Join(lines, "\n")))
	for decoder.Next() {
		for {
			sample, err := decoder.Sample()
			if sample == nil && err == nil {
				break
			}
			if err == nil && shard.Record(sample) == protocol.ReasonNone {
				recorded++
			}
		}
	}
	return recorded
}

// scrape serves a registry and scrapes it once.
func scrape(registry *aggregate.Registry, accept string) (text []byte, contentType string, err error) {
	options := expose.DefaultOptions()
	options.Endpoint.Listen = "127.0.0.1:0"
	options.OpenMetrics.Created = true
	server := expose.NewServer(options, registry, prometheus.NewRegistry(), expose.Observers{}, zerolog.Nop())
	if err := server.Listen(); err != nil {
		return nil, "", err
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve() }() // ends when the server is closed
	defer func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if closeErr := server.Close(ctx); err == nil {
			err = closeErr
		}
		<-served
	}()
	return fetch(fmt.Sprintf("http://%s%s", server.Addr(), options.Endpoint.Path), accept)
}

var client = http.Client{
	Timeout:   30 * time.Second,
	Transport: &http.Transport{DisableKeepAlives: true}, // a connection kept would keep its server from closing
}

var errScrape = errors.New("the scrape failed")

// fetch returns the body of a response and its content type. The error is errScrape when the status is 500.
func fetch(address, accept string) (body []byte, contentType string, err error) {
	request, err := http.NewRequest(http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, "", err
	}
	request.Header.Set("Accept", accept)
	response, err := client.Do(request)
	if err != nil {
		return nil, "", err
	}
	defer response.Body.Close()
	body, err = io.ReadAll(response.Body)
	switch {
	case err != nil:
	case response.StatusCode == http.StatusInternalServerError:
		err = fmt.Errorf("GET %s: %w: %s", address, errScrape, body)
	case response.StatusCode != http.StatusOK:
		err = fmt.Errorf("GET %s: %s: %s", address, response.Status, body)
	}
	return body, response.Header.Get("Content-Type"), err
}

// line draws lines: mostly well formed, of few names, so that they meet in families; with all that can be
// wrong.
var line = rapid.Custom(func(t *rapid.T) string {
	if rapid.IntRange(0, 19).Draw(t, "noise") == 0 {
		return string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes"))
	}
	var b strings.Builder
	b.WriteString(word(names).Draw(t, "name"))
	for range rapid.IntRange(1, 3).Draw(t, "values") {
		b.WriteString(":" + word(values).Draw(t, "value"))
	}
	b.WriteString("|" + rapid.SampledFrom([]string{"c", "c", "g", "ms", "h", "d", "s", "x", ""}).Draw(t, "type"))
	for range rapid.IntRange(0, 2).Draw(t, "fields") {
		b.WriteString("|" + field.Draw(t, "field"))
	}
	return b.String()
})

var field = rapid.Custom(func(t *rapid.T) string {
	switch rapid.IntRange(0, 3).Draw(t, "field") {
	case 0:
		return "@" + rapid.SampledFrom([]string{"1", "0.1", "0.3", "1e-10", "1e-300", "0", "-1", "nan", "x"}).Draw(t, "rate")
	case 1:
		return rapid.SampledFrom([]string{"T1656581400", "c:container", "e:external", "card:low", ""}).Draw(t, "other")
	}
	var tags []string
	for range rapid.IntRange(0, 4).Draw(t, "tags") {
		tag := word(keys).Draw(t, "key")
		if rapid.Bool().Draw(t, "with value") {
			tag += ":" + word(labelValues).Draw(t, "value")
		}
		tags = append(tags, tag)
	}
	return "#" + strings.Join(tags, ",")
})

var (
	names = []string{
		"foo", "foo", "foo.sum", "foo_count", "foo_bucket", "foo_bucket_bucket", "foo-total", "reserved", "a:b", "9", "", "_",
		"é", "\xff", "# TYPE foo", "foo{", "foo 1", "__name__", "foo.total", "foo_dot_sum", "foo__sum", "U__foo_2e_sum",
		"f\"o\\", "9.foo", "_9_foo", "foo--sum", "foo-sum",
	}
	values = []string{
		"1", "2", "0", "0.005", "-1", "+1", "1e308", "1e309", "-1e308", "1e-320", "nan", "inf", "-inf", "+inf", "", "x", "é", "\"",
	}
	keys = []string{
		"a", "a", "A", "a.b", "a-b", "le", "quantile", "exported_le", "__name__", "__x", "job", "", "1", "é", "\xff", "\"", "\\", "}",
		"a_dot_b", "a__b", "a_b", "U__a_2e_b", "_a", "-a", ".a", "_name_", "a--b", "9a", "a=b", "a:b", "l.e",
	}
	labelValues = []string{
		"", "x", "y", "+Inf", "\\", "\"", "\\n", "\r", "\x00", "\x7f", "\u2028", "é", "\xff", "\xed\xa0\x80", "a:b", "}", "{", " ",
		strings.Repeat("long", 50),
	}
)

// word draws mostly one of words, now and then any string.
func word(words []string) *rapid.Generator[string] {
	return rapid.OneOf(rapid.SampledFrom(words), rapid.SampledFrom(words), rapid.SampledFrom(words), rapid.String())
}
