package expose

import (
	"errors"
	"fmt"
	"math"
	"net"
	"path"
	"strconv"
	"strings"
	"time"
)

// Options configure a Server. DefaultOptions returns the documented defaults.
type Options struct {
	// Endpoint says where the exposition is served.
	Endpoint Endpoint `koanf:"endpoint"`
	// Compression says when a response is compressed.
	Compression Compression `koanf:"compression"`
	// RateLimiting bounds how often the exposition may be asked for.
	RateLimiting RateLimiting `koanf:"rate_limiting"`
	// Timeouts bound how long a response may take.
	Timeouts Timeouts `koanf:"timeouts"`
}

// Endpoint says where the exposition is served.
type Endpoint struct {
	// Listen is the "host:port" to serve HTTP on; an empty host means all interfaces, port 0 a free port.
	Listen string `koanf:"listen"`
	// Path is where the exposition is, beginning with '/'; it may be none of the other routes but "/", whose
	// place it takes.
	Path string `koanf:"path"`
	// Lifecycle opens the routes /-/reload and /-/quit.
	Lifecycle bool `koanf:"lifecycle"`
	// Linger is how long the exposition stays after a signal to stop, so that a last scrape gets the final
	// sums; 0s to 10m.
	Linger time.Duration `koanf:"linger"`
}

// Compression says when a response is compressed: when the client accepts gzip and the response is large
// enough.
type Compression struct {
	// Enabled switches gzip on.
	Enabled bool `koanf:"enabled"`
	// MinSizeBytes is the smallest response that is compressed, in bytes; 0 to 65536.
	MinSizeBytes int `koanf:"min_size_bytes"`
	// Level is the gzip level, 1 (fast) to 9 (small).
	Level int `koanf:"level"`
}

// RateLimiting bounds how often the exposition may be asked for, over all clients; more gets 429 with
// Retry-After.
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
	// ScrapeTimeout cuts the connection of a client that has not taken the whole response after so long;
	// 1ms to 10m.
	ScrapeTimeout time.Duration `koanf:"scrape_timeout"`
	// CollectionTimeout is how long collecting may take before the last rendition is served instead; 1ms to
	// 10m. Accepted, not in effect yet.
	CollectionTimeout time.Duration `koanf:"collection_timeout"`
}

// DefaultOptions returns the documented defaults.
func DefaultOptions() Options {
	return Options{
		Endpoint:     Endpoint{Listen: ":9102", Path: "/metrics"},
		Compression:  Compression{Enabled: true, MinSizeBytes: 1024, Level: 6},
		RateLimiting: RateLimiting{RequestsPerSecond: 10, BurstSize: 20},
		Timeouts:     Timeouts{ScrapeTimeout: 5 * time.Second, CollectionTimeout: 4 * time.Second},
	}
}

// longest is the longest time that may be asked for.
const longest = 10 * time.Minute

// Validate returns every mistake in o joined, each as "section.key: bad value: what is allowed"; nil when
// there is none.
func (o *Options) Validate() error {
	var errs []error
	check := func(ok bool, key string, value any, allowed string) {
		if !ok {
			errs = append(errs, fmt.Errorf("%s: %v: %s", key, value, allowed))
		}
	}
	e, c, r, t := &o.Endpoint, &o.Compression, &o.RateLimiting, &o.Timeouts
	_, port, err := net.SplitHostPort(e.Listen)
	_, portErr := strconv.ParseUint(port, 10, 16)
	check(err == nil && portErr == nil, "endpoint.listen", strconv.Quote(e.Listen),
		`want "host:port" with a numeric port, like ":9102"`)
	check(isReachable(e.Path) && (e.Path == "/" || !isFixedRoute(e.Path)),
		"endpoint.path", strconv.Quote(e.Path),
		`want "/", or a path like "/metrics" that is none of `+strings.Join(fixedRoutes[1:], " "))
	check(e.Linger >= 0 && e.Linger <= longest, "endpoint.linger", e.Linger, "want 0s to 10m")
	check(c.MinSizeBytes >= 0 && c.MinSizeBytes <= blockBytes, "compression.min_size_bytes", c.MinSizeBytes,
		"want 0 to 65536")
	check(c.Level >= 1 && c.Level <= 9, "compression.level", c.Level, "want 1 (fast) to 9 (small)")
	check(r.RequestsPerSecond > 0 && !math.IsInf(r.RequestsPerSecond, 1),
		"rate_limiting.requests_per_second", r.RequestsPerSecond, "want more than 0")
	check(r.BurstSize >= 1, "rate_limiting.burst_size", r.BurstSize, "want at least 1")
	check(t.ScrapeTimeout >= time.Millisecond && t.ScrapeTimeout <= longest, "timeouts.scrape_timeout",
		t.ScrapeTimeout, "want 1ms to 10m")
	check(t.CollectionTimeout >= time.Millisecond && t.CollectionTimeout <= longest,
		"timeouts.collection_timeout", t.CollectionTimeout, "want 1ms to 10m")
	return errors.Join(errs...)
}

// isReachable reports whether a request can name a path as it is: fasthttp resolves "//", "." and ".." and
// decodes '%' before it is compared.
func isReachable(p string) bool {
	clean := path.Clean(p)
	changes := func(r rune) bool { return r <= ' ' || r == 0x7f || strings.ContainsRune("?#%\\", r) }
	return strings.HasPrefix(p, "/") && (p == clean || p == clean+"/") && !strings.ContainsFunc(p, changes)
}
