package expose

import (
	"slices"
	"strconv"
	"time"

	"github.com/rs/zerolog"
	"github.com/valyala/fasthttp"

	"weir/expose/guard"
)

// healthRoutes are for probes, which often have no credentials. They tell nothing but whether weir is well.
var healthRoutes = []string{"/-/healthy", "/-/ready", "/health", "/ready"}

func newGuard(o *Options, log zerolog.Logger) *guard.Guard {
	return guard.New(o.Authentication, o.Endpoint.WebConfigFile, log)
}

// Reload reads the files that the options name again: tokens, keys, users, headers and certificates. The
// error has every mistake in them, and then nothing has changed. It may be called from any goroutine, after
// Listen.
func (s *Server) Reload() error { return s.guard.Load() }

// admit reports whether a request may go on to its route, and answers it when it may not. It is the one gate,
// and it comes before everything that depends on the path, so that a route is protected unless it is listed
// here, and nobody learns which routes there are. It also comes before the rate limit: whoever is not let in
// does not use up what scrapers may ask.
func (s *Server) admit(ctx *fasthttp.RequestCtx, path string) bool {
	if !s.guard.Asks() {
		return true
	}
	if s.options.Authentication.AllowHealthUnauthenticated && slices.Contains(healthRoutes, path) {
		return true
	}
	authorizations := ctx.Request.Header.PeekAll(fasthttp.HeaderAuthorization)
	v := s.guard.Authorize(authorizations, guard.Client(ctx.RemoteAddr()))
	if v.Reason == guard.ReasonNone {
		return true
	}
	if s.refusalReports.pass(time.Now()) {
		s.log.Warn().Stringer("reason", v.Reason).Str("name", v.Name).Stringer("from", ctx.RemoteAddr()).
			Msg("a request without valid credentials was refused; the next is logged in a minute")
	}
	for _, challenge := range s.guard.Challenges(v.Reason) {
		ctx.Response.Header.Add(fasthttp.HeaderWWWAuthenticate, challenge)
	}
	if v.Reason == guard.ReasonBusy {
		ctx.Response.Header.Set(fasthttp.HeaderRetryAfter, strconv.Itoa(1))
	}
	ctx.SetConnectionClose() // a stranger keeps no connection
	s.answer(ctx, v.Reason.Status(), v.Reason.Text()+"\n")
	return false
}

// dress gives a response the headers that every one has.
func (s *Server) dress(ctx *fasthttp.RequestCtx) {
	for _, h := range s.guard.Headers() {
		ctx.Response.Header.Set(h.Name, h.Value)
	}
}
