package expose

import (
	"slices"
	"strconv"

	"github.com/rs/zerolog"
	"github.com/valyala/fasthttp"
	"golang.org/x/time/rate"

	"weir/expose/guard"
)

// healthRoutes are for probes, which often have no credentials. They tell nothing but whether weir is well.
var healthRoutes = []string{"/-/healthy", "/-/ready", "/health", "/ready"}

func newGuard(o *Options, log zerolog.Logger) *guard.Guard {
	return guard.New(o.Authentication, o.Endpoint.WebConfigFile, log)
}

// callerName is the user value of a request that has the name of who asks: of a token, or a user. There is
// none where no credentials are needed.
const callerName = "caller"

// gate admits requests to the routes. It is the only one, and it comes before everything that depends on the
// path, so that a route is protected unless it is listed in healthRoutes, and nobody learns which routes
// exist. It also comes before the rate limit: a request that is not admitted does not count there.
type gate struct {
	guard       *guard.Guard
	opensHealth bool // healthRoutes need no credentials
	refusals    rate.Sometimes
	log         zerolog.Logger
}

func newGate(o *Options, log zerolog.Logger) *gate {
	return &gate{
		guard: newGuard(o, log), opensHealth: o.Authentication.AllowHealthUnauthenticated,
		refusals: rate.Sometimes{Interval: logInterval}, log: log,
	}
}

// opens reports whether path is a health route that needs no credentials.
func (g *gate) opens(path string) bool {
	return slices.Contains(healthRoutes, path) && (g.opensHealth || !g.guard.Asks())
}

// admit reports whether a request may go on to its route, and answers it otherwise.
func (g *gate) admit(ctx *fasthttp.RequestCtx, path string) bool {
	if !g.guard.Asks() || g.opens(path) {
		return true
	}
	authorizations := ctx.Request.Header.PeekAll(fasthttp.HeaderAuthorization)
	v := g.guard.Authorize(authorizations, guard.Client(ctx.RemoteAddr()))
	if v.Reason == guard.ReasonNone {
		ctx.SetUserValue(callerName, v.Name)
		return true
	}
	g.refusals.Do(func() {
		g.log.Warn().Stringer("reason", v.Reason).Str("name", v.Name).Stringer("from", ctx.RemoteAddr()).
			Msg("a request without valid credentials was refused; the next is logged in a minute")
	})
	for _, challenge := range g.guard.Challenges(v.Reason) {
		ctx.Response.Header.Add(fasthttp.HeaderWWWAuthenticate, challenge)
	}
	if v.Reason == guard.ReasonBusy {
		ctx.Response.Header.Set(fasthttp.HeaderRetryAfter, strconv.Itoa(1))
	}
	ctx.SetConnectionClose() // a stranger keeps no connection
	answer(ctx, v.Reason.Status(), v.Reason.Text()+"\n")
	return false
}

// dress gives a response the headers that every one has.
func (g *gate) dress(ctx *fasthttp.RequestCtx) {
	for _, h := range g.guard.Headers() {
		ctx.Response.Header.Set(h.Name, h.Value)
	}
}
