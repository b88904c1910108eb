package production

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"weir/config"
)

// most is the number of series from which on a limit is none: they take about a gigabyte or more.
const most = 10_000_000

// limitSeries reads the limits.
func limitSeries(_ context.Context, c *config.Config) (finding, error) {
	l := c.Aggregate.Limits
	f := finding{figure: fmt.Sprintf("%d series a metric, %d in all", l.MaxSeriesPerMetric, l.MaxTotalSeries)}
	if l.MaxSeriesPerMetric > most || l.MaxTotalSeries > most {
		f.change = "set cardinality.max_series_per_metric and cardinality.max_total_series to 10000000 or less, " + //nolint:lll // one sentence
			"such as 10000 and 1000000"
	}
	return f, nil
}

// degrade fills an instance with low limits, and goes on.
func degrade(ctx context.Context, c *config.Config) (finding, error) {
	const limit, sent = 10, 30
	x, err := start(c, func(o *config.Config) {
		large(o)
		o.Aggregate.Limits = c.Aggregate.Limits
		o.Aggregate.Limits.MaxSeriesPerMetric, o.Aggregate.Limits.MaxTotalSeries = limit, 2*limit
	})
	if err != nil {
		return finding{}, err
	}
	defer x.stop()
	for range 2 {
		for i := range sent {
			x.record(fmt.Sprintf("production.check:1|c|#instance:%d", i))
		}
	}
	a, err := x.get(ctx)
	if err != nil {
		return finding{}, err
	}
	refused := 0
	for _, overflow := range x.registry.Overflows() {
		refused += int(overflow.Samples)
	}
	series := bytes.Count(a.body, []byte("\nproduction_check{"))
	isRight := a.status == http.StatusOK && series <= limit && refused > 0 &&
		bytes.Contains(a.body, []byte("production_check{instance=\"0\"} 2\n")) &&
		bytes.Contains(a.body, []byte("weir_cardinality_overflow_total{"))
	f := finding{figure: fmt.Sprintf("%d series of %d fit, %d samples of the others were counted (%s)",
		series, sent, refused, c.Aggregate.Limits.OverflowAction)}
	if !isRight {
		f.change = "this is a bug of weir: please report it"
	}
	return f, nil
}

// endInTime scrapes with less time than collecting takes.
func endInTime(ctx context.Context, c *config.Config) (finding, error) {
	limits := c.Expose.Timeouts
	const change = "set timeouts.scrape_timeout to 1m or less, and timeouts.collection_timeout below it"
	figure := fmt.Sprintf("%s to collect, %s in all", limits.CollectionTimeout, limits.ScrapeTimeout)
	if limits.ScrapeTimeout > time.Minute || limits.CollectionTimeout > limits.ScrapeTimeout {
		return finding{figure, change}, nil
	}
	x, err := startFull(c, uncached)
	if err != nil {
		return finding{}, err
	}
	defer x.stop()
	began := time.Now()
	late, err := x.get(ctx, "X-Prometheus-Scrape-Timeout-Seconds", "0.000001")
	took := time.Since(began)
	isOver := err != nil || late.status == http.StatusServiceUnavailable ||
		strings.EqualFold(late.header.Get("X-Prometheus-Scrape-Timeout"), "true")
	if !isOver || took > limits.ScrapeTimeout {
		return finding{
			fmt.Sprintf("%s; a scrape with 1us ended after %s", figure, took.Round(time.Microsecond)),
			"this is a bug of weir: please report it",
		}, nil
	}
	if _, err := x.get(ctx); err != nil {
		return finding{}, err
	}
	return finding{figure: figure + "; a late scrape was ended, and the next was answered"}, nil
}
