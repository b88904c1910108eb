package production

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"weir/config"
)

// selfMetrics are the families that alerts need.
func selfMetrics() []string {
	return []string{
		"weir_scrape_duration_seconds", "weir_scrape_size_bytes", "weir_series", "weir_cache_hits_total",
		"weir_cache_misses_total", "weir_samples_recorded_total", "weir_samples_rejected_total",
	}
}

// observeSelf looks for the self-metrics.
func observeSelf(ctx context.Context, c *config.Config) (finding, error) {
	x, err := start(c, func(o *config.Config) { o.Expose.Self = c.Expose.Self })
	if err != nil {
		return finding{}, err
	}
	defer x.stop()
	for range 2 { // the second shows the first
		if _, err := x.get(ctx); err != nil {
			return finding{}, err
		}
	}
	a, err := x.get(ctx)
	if err != nil {
		return finding{}, err
	}
	var missing []string
	for _, name := range selfMetrics() {
		if !bytes.Contains(a.body, []byte("# TYPE "+name+" ")) {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return finding{"without " + strings.Join(missing, ", "), "set self.expose: true"}, nil
	}
	count := bytes.Count(a.body, []byte("# TYPE weir_"))
	return finding{figure: fmt.Sprintf("%d families of weir's own", count)}, nil
}

// logErrors sends a line that is none, and looks for it in the log.
func logErrors(ctx context.Context, c *config.Config) (finding, error) {
	const line = "production.check.of.the.log"
	x, err := start(c, nil)
	if err != nil {
		return finding{}, err
	}
	defer x.stop()
	if err := x.send(ctx, line); err != nil {
		return finding{}, err
	}
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	deadline := time.After(waitLimit)
	for len(x.ingest.Rejects()) == 0 {
		select {
		case <-ticker.C:
		case <-deadline:
			return finding{"a bad line was not counted", "this is a bug of weir: please report it"}, nil
		}
	}
	x.losses.Last()
	if !x.log.has(line) {
		return finding{
			"log.level " + c.Log.Level + " hides rejected lines",
			"set log.level: warn, or info",
		}, nil
	}
	return finding{figure: "a rejected line is logged, at level " + c.Log.Level}, nil
}
