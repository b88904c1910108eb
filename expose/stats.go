package expose

import (
	"runtime/debug"
	"sync/atomic"

	"github.com/rs/zerolog"
	"github.com/valyala/fasthttp"
	"golang.org/x/time/rate"

	"weir/expose/guard"
)

// Stats are the counts of a server.
type Stats struct {
	// Responses counts the responses by status code, those to malformed requests included. One that was cut
	// later is counted with the code it began with.
	Responses map[int]uint64
	// InFlight is how many requests are being answered, until the last byte of the body is written.
	InFlight int64
	// Aborted is how many expositions were cut before their end: the client left or took too long, the
	// context of Close was done, or a bug was met.
	Aborted uint64
	// Refused is how many connections were turned away because there were too many, and Evicted how many were
	// closed to make room for others: idle ones, those without a request, and those whose client does not
	// read.
	Refused, Evicted uint64
	// CacheHits counts the scrapes that shared an exposition, CacheMisses the scrapes that began one.
	CacheHits, CacheMisses uint64
	// Collections counts how often all values were collected for scrapes to share.
	Collections uint64
	// CacheBytes is how much is kept for other scrapes.
	CacheBytes int64
	// Late counts the scrapes that did not wait any longer for their exposition.
	Late uint64
	// Panics are bugs met while answering.
	Panics uint64
	// Guard has the counts of authentication and TLS.
	Guard guard.Stats
}

// maxStatus is above every status code of a response.
const maxStatus = 600

// counts are the counts of all routes.
type counts struct {
	responses       [maxStatus]atomic.Uint64 // by status code
	inFlight        atomic.Int64
	aborted, panics atomic.Uint64

	panicReports rate.Sometimes
	debugLines   *rate.Limiter // of answers, at debug level
	log          zerolog.Logger
}

func newCounts(log zerolog.Logger) *counts {
	return &counts{
		panicReports: rate.Sometimes{Interval: logInterval},
		debugLines:   rate.NewLimiter(debugPerSecond, debugPerSecond),
		log:          log,
	}
}

// debugPerSecond is how many answers are logged per second at debug level.
const debugPerSecond = 10

// debug returns an event at debug level, or nil, which logs nothing, when there were too many in this second.
func (c *counts) debug() *zerolog.Event {
	if !c.debugLines.Allow() {
		return nil
	}
	return c.log.Debug()
}

// answered counts a response.
func (c *counts) answered(code int) {
	if code < maxStatus {
		c.responses[code].Add(1)
	}
}

// handled counts the response to a request that was understood. An error is logged at debug level, without
// the query and the header, which may hold a token; body logs a scrape.
func (c *counts) handled(ctx *fasthttp.RequestCtx) {
	code := ctx.Response.StatusCode()
	c.answered(code)
	if code >= fasthttp.StatusBadRequest {
		c.debug().Int("status", code).Bytes("path", ctx.Path()).Stringer("from", ctx.RemoteAddr()).
			Msg("a request got an error")
	}
}

// panicked counts a panic, and logs one a minute.
func (c *counts) panicked(cause any) {
	c.panics.Add(1)
	c.panicReports.Do(func() {
		c.log.Error().Interface("cause", cause).Bytes("stack", debug.Stack()).
			Msg("BUG: a panic while answering a request. Please report it.")
	})
}

// byStatus returns the responses by status code.
func (c *counts) byStatus() map[int]uint64 {
	responses := make(map[int]uint64)
	for code := range c.responses {
		if n := c.responses[code].Load(); n > 0 {
			responses[code] = n
		}
	}
	return responses
}
