package expose_test

import (
	"fmt"
	"io"
	"net/netip"
	"strings"
	"testing"
	"time"

	"weir/expose"
	"weir/internal/poll"
)

// scrapersAfter waits until so many scrapes have ended, and returns who made them, the last first.
func (x *target) scrapersAfter(t *testing.T, scrapes uint64) (list []expose.Scraper) {
	t.Helper()
	poll.Within(t, 10*time.Second, func() error {
		n := uint64(0)
		list = x.Scrapers()
		for _, s := range list {
			n += s.Scrapes
		}
		if n != scrapes {
			return fmt.Errorf("%d scrapes, want %d: %+v", n, scrapes, list)
		}
		return nil
	})
	return list
}

// A client is one scraper for each format and encoding, with the figures of its last scrape.
func TestScrapers(t *testing.T) {
	x := serve(t, nothing, func(o *expose.Options) { o.Cache = expose.Cache{Enabled: true, MaxSize: 1 << 30} })
	x.fill(t, 1000)
	if got := x.Scrapers(); len(got) != 0 {
		t.Errorf("before the first scrape: %+v", got)
	}
	x.do(t, "GET", "/metrics", "User-Agent", "Prometheus/2.42.0")
	x.scrapersAfter(t, 1)
	x.do(t, "HEAD", "/metrics") // no scrape
	x.record(t, "later:1|c")
	_, plain := x.do(t, "GET", "/metrics", "User-Agent", "curl", "X-Prometheus-Scrape-Timeout-Seconds", "10")
	x.scrapersAfter(t, 2)
	_, zipped := x.do(t, "GET", "/metrics", "Accept", "application/openmetrics-text", "Accept-Encoding", "gzip")
	list := x.scrapersAfter(t, 3)
	if len(list) != 2 {
		t.Fatalf("%+v, want two scrapers", list)
	}
	last, first := list[0], list[1]
	if last.Format != "openmetrics" || !last.IsGzip || last.BodyBytes != int64(len(zipped)) || last.SizeBytes <= last.BodyBytes ||
		last.Scrapes != 1 || last.Interval != 0 {
		t.Errorf("the last is %+v, with %d bytes", last, len(zipped))
	}
	if first.Format != "text" || first.IsGzip || first.BodyBytes != int64(len(plain)) || first.SizeBytes != first.BodyBytes ||
		first.Scrapes != 2 || first.Interval <= 0 || first.UserAgent != "curl" || first.Name != "" ||
		first.Peer != netip.MustParseAddr("127.0.0.1") || first.Duration <= 0 || first.Aborted+first.Late != 0 {
		t.Errorf("the first is %+v, with %d bytes", first, len(plain))
	}
	if first.Pages < 2 || first.PagesReused < 1 || first.PagesReused >= first.Pages {
		t.Errorf("one of a thousand series is new, and %d of %d pages were reused", first.PagesReused, first.Pages)
	}
}

// A scraper has the name of its token, and no longer program name than is needed.
func TestScraperName(t *testing.T) {
	x := serve(t, nothing, protect(t))
	x.do(t, "GET", "/metrics", "Authorization", "Bearer good", "User-Agent", strings.Repeat("!", 500))
	x.do(t, "GET", "/metrics", "Authorization", "Bearer bad")
	list := x.scrapersAfter(t, 1)
	if len(list) != 1 || list[0].Name != "good" || len(list[0].UserAgent) != 128 {
		t.Errorf("%+v", list)
	}
}

// A scrape that was cut counts as aborted.
func TestScraperAborted(t *testing.T) {
	x := serve(t, nothing, nil)
	c := x.stall(t)
	if _, err := io.ReadFull(c, make([]byte, 100)); err != nil {
		t.Fatal(err)
	}
	_ = c.SetLinger(0)
	_ = c.Close()
	if list := x.scrapersAfter(t, 1); list[0].Aborted != 1 || list[0].SizeBytes < list[0].BodyBytes {
		t.Errorf("%+v", list)
	}
}

// However many names clients have, few are remembered.
func TestScrapersAreBounded(t *testing.T) {
	scopes := map[string]string{}
	for i := range 100 {
		scopes[fmt.Sprintf("token%d", i)] = "'metrics:read'"
	}
	file := writeTokens(t, t.TempDir()+"/tokens.yaml", scopes)
	x := serve(t, nothing, func(o *expose.Options) {
		o.Authentication.Enabled, o.Authentication.TokensFile = true, file
	})
	for i := range 100 {
		x.do(t, "GET", "/metrics", "Authorization", fmt.Sprintf("Bearer token%d", i))
	}
	poll.Within(t, 10*time.Second, func() error {
		if list := x.Scrapers(); len(list) != 64 || list[0].Name != "token99" {
			return fmt.Errorf("%d scrapers, want 64; the last is %+v", len(list), list[0])
		}
		return nil
	})
}
