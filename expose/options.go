package expose

import (
	"errors"
	"math"
	"net"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"weir/expose/guard"
	"weir/expose/status"
	"weir/internal/bytesize"
	"weir/internal/mistake"
)

// Options configure a Server. DefaultOptions returns the documented defaults.
type Options struct {
	// Endpoint says where the exposition is served.
	Endpoint Endpoint `koanf:"endpoint"`
	// Compression says when a response is compressed.
	Compression Compression `koanf:"compression"`
	// Cache lets scrapes share expositions.
	Cache Cache `koanf:"cache"`
	// OpenMetrics configures expositions of that format.
	OpenMetrics OpenMetrics `koanf:"openmetrics"`
	// RateLimiting bounds how often the exposition may be asked for.
	RateLimiting RateLimiting `koanf:"rate_limiting"`
	// Timeouts bound how long a response may take.
	Timeouts Timeouts `koanf:"timeouts"`
	// Authentication says who may use the endpoint.
	Authentication guard.Options `koanf:"authentication"`
	// Self says which families of weir's own an exposition has.
	Self Self `koanf:"self"`
}

// Endpoint says where the exposition is served.
type Endpoint struct {
	// Listen is the "host:port" to serve HTTP on; an empty host means all interfaces, port 0 a free port.
	Listen string `koanf:"listen"`
	// Path is where the exposition is, beginning with '/'; it may not be where other routes are, but "/",
	// whose place it takes.
	Path string `koanf:"path"`
	// WebConfigFile is the path of a Prometheus web configuration file, with TLS, basic authentication and
	// headers; empty means none.
	WebConfigFile string `koanf:"web_config_file"`
	// Lifecycle opens the routes /-/reload and /-/quit.
	Lifecycle bool `koanf:"lifecycle"`
	// Status says who may use the status page and the API while no authentication is configured: programs on
	// this host (loopback), all, or nobody (off). With authentication the credentials decide, except that off
	// closes them to all.
	Status string `koanf:"status"`
	// Pprof opens the routes below /debug/pprof, which take profiles of the process: those of net/http/pprof.
	Pprof bool `koanf:"pprof"`
	// Linger is how long the exposition stays after a signal to stop, so that a last scrape gets the final
	// sums; 0s to 10m.
	Linger time.Duration `koanf:"linger"`
}

// Compression says when a response is compressed: when the client accepts gzip and the response is large
// enough.
type Compression struct {
	// Enabled switches gzip on.
	Enabled bool `koanf:"enabled"`
	// MinSize is the smallest response that is compressed; 0 to 64KiB. It is compared with an estimate of the
	// plain text, which is made before rendering and is about right for the small responses to ?name[]=.
	MinSize bytesize.Size `koanf:"min_size"`
	// Level is the gzip level, 1 (fast) to 9 (small).
	Level int `koanf:"level"`
}

// Cache lets scrapes of one format that come close together share one exposition, and expositions share the
// pages in which nothing changed.
type Cache struct {
	// Enabled switches sharing on. Otherwise everything is rendered again for each scrape.
	Enabled bool `koanf:"enabled"`
	// TTL is how long collected values are shared by scrapes of all formats; 0s to 10m. Scrapes of one format
	// at the same time share an exposition whatever it is.
	TTL time.Duration `koanf:"ttl"`
	// MaxSize is how much is kept of values and all formats together; 0 to 1GiB. Pages beyond it are
	// rendered again for each scrape.
	MaxSize bytesize.Size `koanf:"max_size"`
}

// OpenMetrics configures expositions of that format.
type OpenMetrics struct {
	// Created adds a line for each counter, histogram and summary that says when it was created. Servers that
	// do not look for such lines take them for series. Protobuf has these times always.
	Created bool `koanf:"created"`
}

// RateLimiting bounds how often the exposition may be asked for, over all clients; more gets 429 with
// Retry-After. Only requests that authentication let in count, so a flood of others does not keep scrapers
// out; neither do requests for other routes.
type RateLimiting struct {
	// Enabled switches the limit on.
	Enabled bool `koanf:"enabled"`
	// RequestsPerSecond is the lasting rate; more than 0.
	RequestsPerSecond float64 `koanf:"requests_per_second"`
	// BurstSize is how many requests may come at once; at least 1.
	BurstSize int `koanf:"burst_size"`
}

// Timeouts bound how long a response may take.
type Timeouts struct {
	// ScrapeTimeout cuts the connection of a client that has not taken the whole response so long after its
	// request; 1ms to 10m. A scraper that says how long it waits may shorten it.
	ScrapeTimeout time.Duration `koanf:"scrape_timeout"`
	// CollectionTimeout is how long collecting may take before the last exposition is served instead; 1ms to
	// 10m.
	CollectionTimeout time.Duration `koanf:"collection_timeout"`
}

// DefaultOptions returns the documented defaults.
func DefaultOptions() Options {
	return Options{
		Endpoint:     Endpoint{Listen: ":9102", Path: "/metrics", Status: string(status.AccessLoopback)},
		Cache:        Cache{Enabled: true, TTL: time.Second, MaxSize: 64 * bytesize.MiB},
		Compression:  Compression{Enabled: true, MinSize: bytesize.KiB, Level: 6},
		RateLimiting: RateLimiting{RequestsPerSecond: 10, BurstSize: 20},
		Timeouts:     Timeouts{ScrapeTimeout: 5 * time.Second, CollectionTimeout: 4 * time.Second},

		Authentication: guard.DefaultOptions(),
		Self:           Self{Expose: true},
	}
}

// longest is the longest time that may be asked for.
const longest = 10 * time.Minute

// Validate returns every mistake in o joined, each a [mistake.Mistake]; nil without any.
func (o *Options) Validate() error {
	var m mistake.List
	e, c, r, t := &o.Endpoint, &o.Compression, &o.RateLimiting, &o.Timeouts
	_, port, err := net.SplitHostPort(e.Listen)
	_, portErr := strconv.ParseUint(port, 10, 16)
	m.Check(err == nil && portErr == nil, "endpoint.listen", e.Listen,
		`want "host:port" with a numeric port, like ":9102"`)
	m.Check(isReachable(e.Path) && (e.Path == "/" || !isReserved(e.Path)),
		"endpoint.path", e.Path, `want "/", or a path like "/metrics" that is none of `+
			strings.Join(fixedRoutes[1:], " ")+" and not below "+strings.Join(reservedRoots, " "))
	m.Check(e.Linger >= 0 && e.Linger <= longest, "endpoint.linger", e.Linger, "want 0s to 10m")
	m.Check(status.Access(e.Status).IsKnown(), "endpoint.status", e.Status, "want loopback, all or off")
	m.Check(c.MinSize >= 0 && c.MinSize <= 64*bytesize.KiB, "compression.min_size", c.MinSize,
		"want 0 to 64KiB")
	m.Check(c.Level >= 1 && c.Level <= 9, "compression.level", c.Level, "want 1 (fast) to 9 (small)")
	m.Check(o.Cache.TTL >= 0 && o.Cache.TTL <= longest, "cache.ttl", o.Cache.TTL, "want 0s to 10m")
	m.Check(o.Cache.MaxSize >= 0 && o.Cache.MaxSize <= bytesize.GiB, "cache.max_size", o.Cache.MaxSize,
		"want 0 to 1GiB")
	m.Check(r.RequestsPerSecond > 0 && !math.IsInf(r.RequestsPerSecond, 1),
		"rate_limiting.requests_per_second", r.RequestsPerSecond, "want more than 0")
	m.Check(r.BurstSize >= 1, "rate_limiting.burst_size", r.BurstSize, "want at least 1")
	m.Check(t.ScrapeTimeout >= time.Millisecond && t.ScrapeTimeout <= longest, "timeouts.scrape_timeout",
		t.ScrapeTimeout, "want 1ms to 10m")
	m.Check(t.CollectionTimeout >= time.Millisecond && t.CollectionTimeout <= longest,
		"timeouts.collection_timeout", t.CollectionTimeout, "want 1ms to 10m")
	o.Self.check(&m)
	return errors.Join(m.Err(), o.Authentication.Validate())
}

// CheckFiles reads every file that o names: tokens, keys and the web configuration with its certificates. It
// returns their paths, or every mistake in them joined, one per line, as "file:line: key: what is wrong". The
// options must be valid.
func (o *Options) CheckFiles() (paths []string, err error) {
	g := newGuard(o, zerolog.Nop())
	err = g.Load()
	return g.Files(), err
}

// isReachable reports whether a request can name a path as it is: fasthttp resolves "//", "." and ".." and
// decodes '%' before it is compared.
func isReachable(p string) bool {
	clean := path.Clean(p)
	changes := func(r rune) bool { return r <= ' ' || r == 0x7f || strings.ContainsRune("?#%\\", r) }
	return strings.HasPrefix(p, "/") && (p == clean || p == clean+"/") && !strings.ContainsFunc(p, changes)
}
