package self

import "strconv"

// exposeRows are the self-metrics of what goes out: responses, scrapes, the cache, authentication and TLS.
var exposeRows = []row{
	{
		counter, "weir_http_responses_total", "HTTP responses, by status code.",
		[]string{"code"},
		responses,
	},
	{
		gauge, "weir_http_requests_in_flight", "HTTP requests being answered now.",
		nil, single(func(r *reading) int64 { return r.expose.InFlight }),
	},
	{
		counter, "weir_http_connections_refused_total",
		"HTTP connections refused because too many were open.",
		nil, single(func(r *reading) uint64 { return r.expose.Refused }),
	},
	{
		counter, "weir_http_connections_evicted_total",
		"HTTP connections closed to make room for others: idle ones first, then connections without a " +
			"request, then connections whose client does not read the answer.",
		nil, single(func(r *reading) uint64 { return r.expose.Evicted }),
	},
	{
		counter, "weir_http_auth_failures_total",
		"HTTP requests rejected for missing or invalid credentials.",
		[]string{"reason"},
		authFailures,
	},
	{
		counter, "weir_http_tls_handshake_failures_total", "Failed TLS handshakes.",
		nil, single(func(r *reading) uint64 { return r.expose.Guard.HandshakeFailures }),
	},
	{
		gauge, "weir_http_certificate_expiry_timestamp_seconds",
		"Time when the certificate of the endpoint expires, as Unix time; only with TLS.",
		nil, certificateExpiry,
	},

	// The scrapes.
	{
		counter, "weir_scrapes_aborted_total",
		"Scrape responses cut before their end because the client was slow or left.",
		nil, single(func(r *reading) uint64 { return r.expose.Aborted }),
	},
	{
		counter, "weir_scrapes_late_total",
		"Scrapes that got the previous exposition, or none, because collecting took too long.",
		nil, single(func(r *reading) uint64 { return r.expose.Late }),
	},
	{
		counter, "weir_cache_hits_total", "Scrapes served from the cache.",
		nil, single(func(r *reading) uint64 { return r.expose.CacheHits }),
	},
	{
		counter, "weir_cache_misses_total", "Scrapes not served from the cache.",
		nil, single(func(r *reading) uint64 { return r.expose.CacheMisses }),
	},
	{
		counter, "weir_cache_collections_total", "Times all values were collected for scrapes to share.",
		nil, single(func(r *reading) uint64 { return r.expose.Collections }),
	},
	{
		gauge, "weir_cache_bytes", "Memory used by the cache.",
		nil, single(func(r *reading) int64 { return r.expose.CacheBytes }),
	},
	{
		gauge, "weir_status_bytes",
		"Memory used by the status page and the API: histories, live lines, senders, new label values.",
		nil, single(func(r *reading) int { return r.status }),
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
