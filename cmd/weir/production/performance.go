package production

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"

	"weir/config"
	"weir/protocol"
)

// best returns the shortest time that f takes, of so many calls: what the work costs when nothing disturbs
// it.
func best(calls int, f func() error) (time.Duration, error) {
	shortest := time.Duration(math.MaxInt64)
	for range calls {
		began := time.Now()
		if err := f(); err != nil {
			return 0, err
		}
		shortest = min(shortest, time.Since(began))
	}
	return shortest, nil
}

// increment measures the record of a sample whose series exists.
func increment(_ context.Context, c *config.Config) (finding, error) {
	const samples, want = 100_000, 50 * time.Nanosecond
	x, err := start(c, nil)
	if err != nil {
		return finding{}, err
	}
	defer x.stop()
	decoder := x.config.Ingest.Decoder()
	decoder.Reset([]byte("production.check:1|c"))
	decoder.Next()
	sample, _ := decoder.Sample()
	all, _ := best(20, func() error {
		for range samples {
			x.shard.Record(sample)
		}
		return nil
	})
	each := float64(all) / samples
	f := finding{figure: fmt.Sprintf("%.1f ns", each)}
	if each >= float64(want) {
		f.change = "run it again on an idle machine; if it stays, use a faster one"
	}
	return f, nil
}

// large makes an instance keep the 10,000 series of fill, whatever its limits, rules and dialects.
func large(o *config.Config) {
	plain := config.Default()
	o.Aggregate.Limits, o.Aggregate.Rules = plain.Aggregate.Limits, nil
	o.Aggregate.Series.CounterBirth = plain.Aggregate.Series.CounterBirth
	o.Aggregate.Sanitize.Names, o.Ingest.Dialects = plain.Aggregate.Sanitize.Names, plain.Ingest.Dialects
}

// uncached is large, and renders everything again for each scrape.
func uncached(o *config.Config) {
	large(o)
	o.Expose.Cache.Enabled = false
}

// startFull starts an instance that change makes large, and fills it.
func startFull(c *config.Config, change func(*config.Config)) (*instance, error) {
	x, err := start(c, change)
	if err != nil {
		return nil, err
	}
	if err := x.fill(); err != nil {
		x.stop()
		return nil, err
	}
	return x, nil
}

// fill records 10,000 series of 100 metrics.
func (x *instance) fill() error {
	var lines strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&lines, "production.check%d:1|c|#instance:%d\n", i%100, i)
	}
	if reason := x.record(lines.String()); reason != protocol.ReasonNone {
		return fmt.Errorf("fill a registry: %s", reason)
	}
	return nil
}

// serialise measures a scrape that renders everything again.
func serialise(ctx context.Context, c *config.Config) (finding, error) {
	const want = 10 * time.Millisecond
	x, err := startFull(c, uncached)
	if err != nil {
		return finding{}, err
	}
	defer x.stop()
	size := 0
	took, err := best(15, func() error {
		a, err := x.get(ctx)
		size = len(a.body)
		return err
	})
	if err != nil {
		return finding{}, err
	}
	f := finding{figure: fmt.Sprintf("%.1f ms for %d KiB", float64(took)/1e6, size/1024)}
	if took >= want {
		f.change = "run it again on an idle machine; if it stays, give weir more or faster processors"
	}
	return f, nil
}

// compress compares an exposition with the same in gzip.
func compress(ctx context.Context, c *config.Config) (finding, error) {
	x, err := startFull(c, large)
	if err != nil {
		return finding{}, err
	}
	defer x.stop()
	a, err := x.get(ctx, "Accept-Encoding", "gzip")
	if err != nil {
		return finding{}, err
	}
	if a.header.Get("Content-Encoding") != "gzip" {
		return finding{"responses are not compressed", "set compression.enabled: true"}, nil
	}
	reader, err := gzip.NewReader(bytes.NewReader(a.body))
	if err != nil {
		return finding{}, fmt.Errorf("read gzip: %w", err)
	}
	plain, err := io.ReadAll(reader)
	if err != nil {
		return finding{}, fmt.Errorf("read gzip: %w", err)
	}
	if got := bytes.Count(plain, []byte("\nproduction_check")); got != 10_000 {
		return finding{fmt.Sprintf("%d of 10000 series", got), "this is a bug of weir: please report it"}, nil
	}
	return finding{figure: fmt.Sprintf("%d KiB become %d KiB", len(plain)/1024, len(a.body)/1024)}, nil
}

// hitCache scrapes again and again within the time that a response is shared.
func hitCache(ctx context.Context, c *config.Config) (finding, error) {
	const scrapes = 100
	x, err := start(c, nil)
	if err != nil {
		return finding{}, err
	}
	defer x.stop()
	x.record("production.check:1|c")
	for range scrapes {
		if _, err := x.get(ctx); err != nil {
			return finding{}, err
		}
	}
	stats := x.expose.Stats()
	share := 100 * float64(stats.CacheHits) / float64(stats.CacheHits+stats.CacheMisses)
	f := finding{figure: fmt.Sprintf("%.0f %% of %d scrapes one after another", share, scrapes)}
	if share <= 90 {
		f.change = "set cache.enabled: true and a cache.ttl of about a second, such as 1s"
	}
	return f, nil
}
