package workload

import (
	"strconv"

	"weir/protocol"
)

// baseNames returns the names of a kind. No name is in two lists, even after sanitising; none ends in a
// suffix that a histogram uses.
func baseNames(kind protocol.Kind) []string {
	switch kind {
	case protocol.KindCounter:
		return []string{
			"web.http.requests", "web.http.errors", "cache.hits", "cache.misses", "auth.logins", "db.queries",
			"queue.messages-published", "orders.placed", "emails.sent", "jobs.completed", "jobs.failed",
			"api.rate_limited",
		}
	case protocol.KindGauge:
		return []string{
			"queue.depth", "db.pool.connections", "memory.heap_bytes", "workers.busy", "disk.free-megabytes",
			"sessions.open", "cache.entries", "threads.running",
		}
	case protocol.KindTimer:
		return []string{
			"web.http.duration", "db.query.time", "cache.get.time", "queue.wait", "page.render",
			"auth.check-time", "upstream.call.time", "jobs.run_time",
		}
	case protocol.KindHistogram:
		return []string{"web.http.response_bytes", "orders.items", "upload.size", "jobs.batch-size"}
	case protocol.KindDistribution:
		return []string{"checkout.amount", "search.results", "payload.bytes", "db.rows"}
	default:
		return []string{"users.active", "sessions.unique", "clients.seen", "devices.seen"}
	}
}

// familyName returns the n-th name of a kind: "cache.hits", then "cache.hits.checkout", then
// "cache.hits.checkout2".
func familyName(kind protocol.Kind, n int) string {
	bases, services := baseNames(kind), services()
	name, n := bases[n%len(bases)], n/len(bases)
	if n == 0 {
		return name
	}
	name += "." + services[(n-1)%len(services)]
	if round := (n - 1) / len(services); round > 0 {
		name += strconv.Itoa(round + 1)
	}
	return name
}

func services() []string {
	return []string{
		"checkout", "search", "catalog", "cart", "payment", "shipping", "account", "reviews", "billing",
		"inventory", "gateway", "mailer", "pricing", "media", "reports", "session",
	}
}

// tagKey is the name of a tag and the values it may have.
type tagKey struct {
	name   string
	values []string
}

// tagKeys returns the first n tags. The values of the first are extended as needed, see value.
func tagKeys(n int) []tagKey {
	return []tagKey{
		{"endpoint", []string{
			"/", "/login", "/logout", "/cart", "/checkout", "/orders", "/orders/items", "/search",
			"/products", "/products/reviews", "/account", "/account/address", "/payments", "/health",
			"/api/v1/users", "/api/v1/events", "/api/v2/users", "/api/v2/events", "/static", "/upload",
		}},
		{"status", []string{
			"200", "201", "204", "301", "302", "400", "401", "403", "404", "429", "500", "503",
		}},
		{"service", services()},
		{"region", []string{
			"eu-west-1", "eu-central-1", "us-east-1", "us-west-2", "ap-south-1", "sa-east-1",
		}},
		{"env", []string{"production", "staging", "canary"}},
		{"method", []string{"GET", "POST", "PUT", "PATCH", "DELETE"}},
		{"host", []string{
			"web-a1", "web-a2", "web-b1", "web-b2", "worker-a1", "worker-a2", "worker-b1", "worker-b2",
		}},
		{"version", []string{"2.14.0", "2.14.1", "2.15.0", "3.0.0-rc1", "3.0.0", "3.0.1"}},
	}[:n]
}

// value returns the n-th value; beyond the list they are numbered: "/orders", later "/orders/2".
func (k *tagKey) value(n uint64) string {
	size := uint64(len(k.values))
	if n < size {
		return k.values[n]
	}
	return k.values[n%size] + "/" + strconv.FormatUint(n/size+1, 10)
}
