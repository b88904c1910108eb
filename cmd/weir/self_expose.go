package main

import "strconv"

// exposeRows are the self-metrics of what goes out: responses, scrapes, the cache, authentication and TLS.
var exposeRows = []selfRow{
	{
		counter, "weir_http_responses_total", "HTTP responses, by status code.",
		[]string{"code"},
		responses,
	},
	{
		gauge, "weir_http_requests_in_flight", "HTTP requests being answered.",
		nil, single(func(r *reading) int64 { return r.expose.InFlight }),
	},
	{
		counter, "weir_http_connections_refused_total", "HTTP connections turned away: too many were open.",
		nil, single(func(r *reading) uint64 { return r.expose.Refused }),
	},
	{
		counter, "weir_http_auth_failures_total", "HTTP requests refused for want of valid credentials.",
		[]string{"reason"},
		authFailures,
	},
	{
		counter, "weir_http_tls_handshake_failures_total", "TLS handshakes that failed.",
		nil, single(func(r *reading) uint64 { return r.expose.Guard.HandshakeFailures }),
	},
	{
		gauge, "weir_http_certificate_expiry_timestamp_seconds",
		"When the certificate of the endpoint ends, in seconds since 1970; only with TLS.",
		nil, certificateExpiry,
	},

	// The scrapes.
	{
		counter, "weir_scrapes_aborted_total",
		"Expositions cut before their end: the client was slow, or left.",
		nil, single(func(r *reading) uint64 { return r.expose.Aborted }),
	},
	{
		counter, "weir_scrapes_late_total",
		"Scrapes that got the last exposition, or none: collecting took too long.",
		nil, single(func(r *reading) uint64 { return r.expose.Late }),
	},
	{
		counter, "weir_cache_hits_total", "Scrapes that shared an exposition.",
		nil, single(func(r *reading) uint64 { return r.expose.CacheHits }),
	},
	{
		counter, "weir_cache_misses_total", "Scrapes that an exposition was rendered for.",
		nil, single(func(r *reading) uint64 { return r.expose.CacheMisses }),
	},
	{
		gauge, "weir_cache_bytes", "Memory that expositions and their pages are kept in.",
		nil, single(func(r *reading) int64 { return r.expose.CacheBytes }),
	},
}

func responses(r *reading, e emit) {
	for code, n := range r.expose.Responses {
		e(float64(n), strconv.Itoa(code))
	}
}

func authFailures(r *reading, e emit) {
	for reason, n := range r.expose.Guard.Failures {
		e(float64(n), reason)
	}
}

func certificateExpiry(r *reading, e emit) {
	if ends := r.expose.Guard.CertificateExpires; !ends.IsZero() {
		e(float64(ends.Unix()))
	}
}
