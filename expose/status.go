package expose

import (
	"net/http"
	"strings"
	"time"

	"github.com/valyala/fasthttp"
	"golang.org/x/time/rate"

	"weir/expose/guard"
	"weir/expose/status"
	"weir/expose/status/wire"
)

// assetsRoot is the path that the files of the page are below.
const assetsRoot = "/assets/"

const (
	// The rate bucket of the API is its own, so that an open page never costs a scrape its place. A page asks
	// a few times in two seconds.
	statusPerSecond = 50
	statusBurst     = 100

	// statusDeadline is how long an answer of the API may take, to wait for lines and to be sent.
	statusDeadline = 10 * time.Second
)

// statusRoutes answers requests for the API.
type statusRoutes struct {
	access status.Access
	guard  *guard.Guard
	limit  *rate.Limiter
	places places
	counts *counts

	api *status.API // nil without one; set before Serve
}

func newStatusRoutes(o *Options, g *guard.Guard, open *connections, counts *counts) *statusRoutes {
	return &statusRoutes{
		access: status.Access(o.Endpoint.Status), guard: g,
		limit:  rate.NewLimiter(statusPerSecond, statusBurst),
		places: places{open: open}, counts: counts,
	}
}

// has reports whether path is a route of the API, or could be.
func (s *statusRoutes) has(path string) bool {
	return s.api != nil && strings.HasPrefix(path, status.Root)
}

// isAdmin reports whether a route of the API changes something.
func (s *statusRoutes) isAdmin(path string) bool {
	if s.api == nil {
		return false
	}
	route := s.api.Find(path)
	return route != nil && route.IsAdmin
}

// serve answers a request that was admitted.
func (s *statusRoutes) serve(ctx *fasthttp.RequestCtx, path string) {
	if response, refused := s.refuse(ctx); refused {
		write(ctx, response)
		return
	}
	release := s.places.take()
	if release == nil {
		write(ctx, tooMany(ctx, "too many questions are being answered; try again in a second"))
		return
	}
	isSent := false
	defer func() {
		if !isSent { // a panic, which is a bug
			release()
		}
	}()
	_ = ctx.SetWriteDeadline(time.Now().Add(statusDeadline)) // a connection that is gone fails later, too
	response := s.api.Answer(ctx, &status.Request{
		Method: string(ctx.Method()), Path: path, Query: string(ctx.URI().QueryString()),
		Body: ctx.Request.Body(), Who: caller(ctx), From: ctx.RemoteAddr().String(),
	})
	s.send(ctx, response, release)
	isSent = true
}

// tooMany returns the response to a request that comes at a bad time.
func tooMany(ctx *fasthttp.RequestCtx, text string) status.Response {
	ctx.Response.Header.Set(fasthttp.HeaderRetryAfter, "1")
	return status.Failure(http.StatusTooManyRequests, wire.TooManyRequests, text)
}

// refuse returns the response to a request that gets no answer.
func (s *statusRoutes) refuse(ctx *fasthttp.RequestCtx) (response status.Response, refused bool) {
	if why := s.refusal(ctx); why != "" {
		return status.Failure(http.StatusForbidden, wire.Forbidden, why), true
	}
	if !s.limit.Allow() {
		return tooMany(ctx, "too many requests to the API; try again in a second"), true
	}
	return response, false
}

// refusal returns why a client may not ask; empty when it may.
func (s *statusRoutes) refusal(ctx *fasthttp.RequestCtx) string {
	access := s.access
	if s.guard.Protects() && access != status.AccessOff {
		access = status.AccessAll // the gate has let in only those with credentials
	}
	if why := access.Refusal(peerOf(ctx.RemoteAddr()), string(ctx.Host())); why != "" {
		return why
	}
	if access == status.AccessLoopback && isForwarded(ctx) {
		return "endpoint.status is loopback, and a proxy sent this request for a client that may be " +
			"anywhere; configure authentication, or set endpoint.status: all"
	}
	if ctx.IsPost() && isCrossSite(ctx) {
		return "a page of another site may not do this"
	}
	return ""
}

// isForwarded reports whether a proxy says that a request is somebody else's.
func isForwarded(ctx *fasthttp.RequestCtx) bool {
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Real-Ip", "Via"} {
		if len(ctx.Request.Header.Peek(name)) > 0 {
			return true
		}
	}
	return false
}

// write writes a response. What it says is of this moment, and for nobody else.
func write(ctx *fasthttp.RequestCtx, r status.Response) {
	header := &ctx.Response.Header
	header.Set(fasthttp.HeaderCacheControl, "no-store")
	header.Set(fasthttp.HeaderXContentTypeOptions, "nosniff")
	if r.Allow != "" {
		header.Set(fasthttp.HeaderAllow, r.Allow)
	}
	ctx.SetStatusCode(r.Status)
	ctx.SetContentType("application/json")
	ctx.SetBody(r.Body)
}

// requestConfig lets the API's questions have a body. All other requests have none.
func (s *statusRoutes) requestConfig(header *fasthttp.RequestHeader) fasthttp.RequestConfig {
	if s.api != nil && header.IsPost() {
		path, _, _ := strings.Cut(string(header.RequestURI()), "?")
		if route := s.api.Find(path); route != nil && route.HasBody {
			return fasthttp.RequestConfig{MaxRequestBodySize: status.MaxBodyBytes}
		}
	}
	return fasthttp.RequestConfig{}
}
