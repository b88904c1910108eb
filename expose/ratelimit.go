package expose

import "math"

// retryAfter returns after how many whole seconds there is room for a request again: at least 1. Room for
// one comes back every 1/RequestsPerSecond seconds, whatever the burst.
func (r *RateLimiting) retryAfter() int {
	const most = 24 * 60 * 60 // a rate may be so low that its inverse is no int
	return int(math.Ceil(min(most, max(1, 1/r.RequestsPerSecond))))
}
