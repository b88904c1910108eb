package expose

import (
	"math"
	"strconv"

	"github.com/valyala/fasthttp"
	"golang.org/x/time/rate"
)

// rateLimit bounds how often the exposition may be asked for.
type rateLimit struct {
	limiter    *rate.Limiter // nil when it is not limited
	retryAfter string
}

func newRateLimit(o RateLimiting) rateLimit {
	if !o.Enabled {
		return rateLimit{}
	}
	return rateLimit{
		limiter:    rate.NewLimiter(rate.Limit(o.RequestsPerSecond), o.BurstSize),
		retryAfter: strconv.Itoa(o.retryAfter()),
	}
}

// admit reports whether a request may go on, and answers it otherwise.
func (l *rateLimit) admit(ctx *fasthttp.RequestCtx) bool {
	if l.limiter == nil || l.limiter.Allow() {
		return true
	}
	ctx.Response.Header.Set(fasthttp.HeaderRetryAfter, l.retryAfter)
	answer(ctx, fasthttp.StatusTooManyRequests, "too many requests; see rate_limiting\n")
	return false
}

// retryAfter returns after how many whole seconds one more request is admitted: at least 1. That is every
// 1/RequestsPerSecond seconds, whatever the burst.
func (r *RateLimiting) retryAfter() int {
	const most = 24 * 60 * 60 // a rate may be so low that its inverse is no int
	return int(math.Ceil(min(most, max(1, 1/r.RequestsPerSecond))))
}
