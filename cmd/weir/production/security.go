package production

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"strings"
	"unicode/utf8"

	"weir/config"
)

// hostile are lines whose tags must not get into an exposition as they are.
const hostile = "production.a:1|c|#q:\"x\"\n" +
	"production.b:1|c|#b:a\\\n" +
	"production.c:1|c|#n:a\\nb} 1\n" +
	"production.d:1|c|#bad-name!:v\n" +
	"production.e:1|c|#__name__:other\n" +
	"production.f:1|c|#u:\xff\xfe\n"

// row is a line of the text format of Prometheus with legacy names and at most one label: its value has every
// quote, backslash and newline escaped.
var row = regexp.MustCompile(`^production_[a-z]+(\{[a-zA-Z_][a-zA-Z0-9_]*="([^"\\]|\\[\\n"])*"\})? 1$`)

// sanitise sends hostile tags and judges the exposition.
func sanitise(ctx context.Context, c *config.Config) (finding, error) {
	x, err := start(c, large)
	if err != nil {
		return finding{}, err
	}
	defer x.stop()
	longest := c.Aggregate.Sanitize.LabelValueMaxLength
	x.record(hostile + "production.long:1|c|#l:" + strings.Repeat("x", 2048) + "\n")
	a, err := x.get(ctx)
	if err != nil {
		return finding{}, err
	}
	rows := 0
	for line := range bytes.Lines(a.body) {
		line = bytes.TrimSuffix(line, []byte("\n"))
		if !bytes.HasPrefix(line, []byte("production_")) {
			continue
		}
		rows++
		if !row.Match(line) || !utf8.Valid(line) {
			return finding{fmt.Sprintf("exposed %q", line), "this is a bug of weir: please report it"}, nil
		}
	}
	f := finding{figure: fmt.Sprintf(
		"%d hostile series are harmless, values have at most %d characters", rows, longest)}
	if longest > 4096 {
		f.change = "set sanitize.label_value_max_length to 4096 or less, such as 128"
	}
	return f, nil
}

// limitRate asks more often than the limit allows.
func limitRate(ctx context.Context, c *config.Config) (finding, error) {
	const change = "set rate_limiting.enabled: true"
	limit := c.Expose.RateLimiting
	if !limit.Enabled {
		return finding{"no limit", change}, nil
	}
	const most = 100 // requests at once; a larger burst_size is tried with this one
	x, err := start(c, func(o *config.Config) {
		o.Expose.RateLimiting = limit
		o.Expose.RateLimiting.BurstSize = min(limit.BurstSize, most)
		o.Expose.RateLimiting.RequestsPerSecond = min(limit.RequestsPerSecond, 1)
	})
	if err != nil {
		return finding{}, err
	}
	defer x.stop()
	for range 2 * most {
		a, err := x.get(ctx)
		if err != nil {
			return finding{}, err
		}
		if a.status == http.StatusTooManyRequests && a.header.Get("Retry-After") != "" {
			return finding{figure: fmt.Sprintf("%g requests a second, %d at once; more get 429",
				limit.RequestsPerSecond, limit.BurstSize)}, nil
		}
	}
	const raise = "set rate_limiting.requests_per_second to what your scrapers need"
	return finding{"no request was refused", raise}, nil
}

// authenticate asks without credentials, when the endpoint is not on loopback alone.
func authenticate(ctx context.Context, c *config.Config) (finding, error) {
	endpoint := c.Expose.Endpoint
	host, _, err := net.SplitHostPort(endpoint.Listen)
	if err != nil {
		return finding{}, fmt.Errorf("endpoint.listen: %w", err)
	}
	if ip := net.ParseIP(host); host == "localhost" || ip != nil && ip.IsLoopback() {
		return finding{figure: "not needed: HTTP is on loopback only"}, nil
	}
	x, err := start(c, func(o *config.Config) {
		o.Expose.Endpoint.WebConfigFile = endpoint.WebConfigFile
		o.Expose.Authentication = c.Expose.Authentication
	})
	if err != nil {
		return finding{}, c.Locate(err)
	}
	defer x.stop()
	switch {
	case !x.expose.Protects():
		return finding{
			"everybody who reaches " + endpoint.Listen + " can read the metrics",
			"set authentication.enabled with a tokens_file, " +
				"or basic_auth_users in endpoint.web_config_file, " +
				"or listen on 127.0.0.1",
		}, nil
	case x.expose.HasTLS():
		return finding{figure: "credentials are needed, over TLS"}, nil
	}
	a, err := x.get(ctx)
	if err != nil {
		return finding{}, err
	}
	if a.status != http.StatusUnauthorized {
		return finding{
			fmt.Sprintf("a request without credentials got %d", a.status),
			"this is a bug of weir: please report it",
		}, nil
	}
	return finding{figure: "a request without credentials gets 401"}, nil
}
