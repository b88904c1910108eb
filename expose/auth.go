package expose

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/rs/zerolog"
	"github.com/valyala/fasthttp"
	"golang.org/x/time/rate"

	"weir/expose/guard"
	"weir/expose/status"
	"weir/expose/status/wire"
)

// healthRoutes are for probes, which often have no credentials. They tell nothing but whether weir is well.
var healthRoutes = []string{"/-/healthy", "/-/ready", "/health", "/ready"}

func newGuard(o *Options, log zerolog.Logger) *guard.Guard {
	return guard.New(o.Authentication, o.Endpoint.WebConfigFile, log)
}

// callerName is the user value of a request that has the name of who asks: of a token, or a user. There is
// none where no credentials are needed.
const callerName = "caller"

// shellOnly is the user value of a request without credentials for the shell of the page: its answer may hold
// no data.
const shellOnly = "shell only"

// gate admits requests to the routes. It is the only one, and it comes before everything that depends on the
// path, so that a route is protected unless it is listed in healthRoutes, and nobody learns which routes
// exist. It also comes before the rate limit: a request that is not admitted does not count there.
type gate struct {
	guard       *guard.Guard
	opensHealth bool // healthRoutes need no credentials
	scopeOf     func(path string) guard.Scope
	refusals    rate.Sometimes
	log         zerolog.Logger
}

func newGate(o *Options, scopeOf func(string) guard.Scope, log zerolog.Logger) *gate {
	return &gate{
		guard: newGuard(o, log), opensHealth: o.Authentication.AllowHealthUnauthenticated,
		scopeOf:  scopeOf,
		refusals: rate.Sometimes{Interval: logInterval}, log: log,
	}
}

// opens reports whether path is a health route that needs no credentials.
func (g *gate) opens(path string) bool {
	return slices.Contains(healthRoutes, path) && (g.opensHealth || !g.guard.Asks())
}

// admit reports whether a request may go on to its route, and answers it otherwise.
func (g *gate) admit(ctx *fasthttp.RequestCtx, path string) bool {
	if g.opens(path) {
		return true
	}
	scope := g.scopeOf(path)
	var v guard.Verdict
	switch {
	case g.guard.Asks():
		authorizations := ctx.Request.Header.PeekAll(fasthttp.HeaderAuthorization)
		if len(authorizations) == 0 && isShell(path) && scope == guard.ScopeStatus && g.guard.OpensShell() {
			ctx.SetUserValue(shellOnly, true)
			return true
		}
		v = g.guard.Authorize(authorizations, scope, guard.Client(ctx.RemoteAddr()))
	case g.guard.Protects():
		v = g.guard.AuthorizeCertificate(commonName(ctx), scope)
	}
	if v.Reason == guard.ReasonNone {
		ctx.SetUserValue(callerName, v.Name)
		return true
	}
	g.refuse(ctx, v, scope)
	return false
}

// refuse answers a request that may not go on.
func (g *gate) refuse(ctx *fasthttp.RequestCtx, v guard.Verdict, scope guard.Scope) {
	g.refusals.Do(func() {
		g.log.Warn().Stringer("reason", v.Reason).Str("name", v.Name).Stringer("from", ctx.RemoteAddr()).
			Msg("a request without valid credentials was refused; the next is logged in a minute")
	})
	for _, challenge := range g.guard.Challenges(v.Reason, scope) {
		ctx.Response.Header.Add(fasthttp.HeaderWWWAuthenticate, challenge)
	}
	if v.Reason == guard.ReasonBusy {
		ctx.Response.Header.Set(fasthttp.HeaderRetryAfter, strconv.Itoa(1))
	}
	ctx.SetConnectionClose() // a stranger keeps no connection
	text := g.guard.Text(v.Reason, scope)
	if strings.HasPrefix(string(ctx.Path()), status.Root) {
		errorType := wire.Forbidden
		if v.Reason.Status() == fasthttp.StatusUnauthorized {
			errorType = wire.Unauthorized
		}
		write(ctx, status.Failure(v.Reason.Status(), errorType, text))
		return
	}
	answer(ctx, v.Reason.Status(), text+"\n")
}

// commonName returns the common name of the client's certificate; empty without one.
func commonName(ctx *fasthttp.RequestCtx) string {
	state := ctx.TLSConnectionState()
	if state == nil || len(state.PeerCertificates) == 0 {
		return ""
	}
	return state.PeerCertificates[0].Subject.CommonName
}

// audit logs that an administrator's request was admitted: who, from where, and what.
func (g *gate) audit(ctx *fasthttp.RequestCtx) {
	g.log.Info().Str("who", caller(ctx)).
		Stringer("from", ctx.RemoteAddr()).Bytes("method", ctx.Method()).Bytes("path", ctx.Path()).
		Bytes("query", ctx.URI().QueryString()).Msg("an administrator's request")
}

// caller returns the name of who asks: of a token, a user or a client certificate.
func caller(ctx *fasthttp.RequestCtx) string {
	who, _ := ctx.UserValue(callerName).(string)
	return cmp.Or(who, "anybody: no credentials are needed")
}

// dress gives a response the headers that every one has.
func (g *gate) dress(ctx *fasthttp.RequestCtx) {
	for _, h := range g.guard.Headers() {
		ctx.Response.Header.Set(h.Name, h.Value)
	}
}
