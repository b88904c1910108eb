package expose

import (
	"bytes"
	"errors"
	"os"
	"slices"
	"strings"

	"github.com/valyala/fasthttp"

	"weir/expose/guard"
	"weir/expose/status"
)

// fixedRoutes are the paths that have a meaning; Endpoint.Path may be only the first of them.
var fixedRoutes = []string{"/", "/-/healthy", "/-/ready", "/health", "/ready", reloadPath, quitPath}

func isFixedRoute(path string) bool { return slices.Contains(fixedRoutes, path) }

// reservedRoots are kept for weir's own routes, now or later; Endpoint.Path may not be below one.
var reservedRoots = []string{"/-/", "/api/", "/debug/", assetsRoot}

func isReserved(path string) bool {
	below := func(root string) bool { return strings.HasPrefix(path+"/", root) }
	return isFixedRoute(path) || slices.ContainsFunc(reservedRoots, below)
}

// handle answers a request. A panic, which is a bug, costs one response and is counted.
func (s *Server) handle(ctx *fasthttp.RequestCtx) {
	s.counts.inFlight.Add(1)
	defer func() {
		if cause := recover(); cause != nil {
			s.counts.panicked(cause)
			ctx.Response.Reset()
			s.gate.dress(ctx)
			answer(ctx, fasthttp.StatusInternalServerError, hasBug)
		}
		s.counts.handled(ctx)
		if !ctx.Response.IsBodyStream() { // whose Close does this
			s.counts.inFlight.Add(-1)
		}
	}()
	s.gate.dress(ctx)
	path := string(ctx.Path())
	switch {
	case !bytes.HasPrefix(ctx.Request.Header.Protocol(), []byte("HTTP/1.")):
		ctx.SetConnectionClose()
		answer(ctx, fasthttp.StatusHTTPVersionNotSupported, "want HTTP/1.1 or HTTP/1.0\n")
	case len(ctx.RequestURI()) > maxURLBytes:
		answer(ctx, fasthttp.StatusRequestURITooLong, "the URL is too long\n")
	case s.gate.opens(path) || s.begin(ctx):
		if s.gate.admit(ctx, path) {
			s.route(ctx, path)
		}
	}
}

// scopeOf returns what a request for a path needs credentials for. A path that has no answer needs some, too,
// so that strangers do not learn which have.
func (s *Server) scopeOf(path string) guard.Scope {
	switch {
	case path == s.options.Endpoint.Path:
		return guard.ScopeMetrics
	case path == reloadPath, path == quitPath, isProfile(path), s.status.isAdmin(path):
		return guard.ScopeAdmin
	case isShell(path), strings.HasPrefix(path, status.Root):
		return guard.ScopeStatus
	default:
		return guard.ScopeMetrics
	}
}

// isShell reports whether path is the page, or a file that it is made of: both hold no data by themselves.
func isShell(path string) bool { return path == "/" || strings.HasPrefix(path, assetsRoot) }

// begin notes that an answer begins which may take its time, or answers that too many do already.
func (s *Server) begin(ctx *fasthttp.RequestCtx) bool {
	c := connectionOf(ctx.Conn())
	evicted, err := s.open.answer(c)
	s.crowdLog.report(c, evicted, err)
	if err == nil {
		return true
	}
	ctx.Response.Header.Set(fasthttp.HeaderRetryAfter, "1")
	ctx.SetConnectionClose()
	answer(ctx, fasthttp.StatusServiceUnavailable, err.Error()+"\n")
	return false
}

// route answers a request that was admitted.
func (s *Server) route(ctx *fasthttp.RequestCtx, path string) {
	if s.lifecycle.has(path) || s.profiles.has(path) || s.status.isAdmin(path) {
		s.gate.audit(ctx)
	}
	switch {
	case s.status.has(path):
		s.status.serve(ctx, path)
	case s.lifecycle.has(path):
		s.lifecycle.serve(ctx, path)
	case !s.isRoute(path):
		answer(ctx, fasthttp.StatusNotFound, s.missing(path))
	case !ctx.IsGet() && !ctx.IsHead():
		ctx.Response.Header.Set(fasthttp.HeaderAllow, "GET, HEAD")
		answer(ctx, fasthttp.StatusMethodNotAllowed, "only GET and HEAD are allowed here\n")
	case len(ctx.Request.Body()) > 0:
		answer(ctx, fasthttp.StatusRequestEntityTooLarge, noBody)
	default:
		s.serve(ctx, path)
	}
}

// isRoute reports whether a GET of path has an answer.
func (s *Server) isRoute(path string) bool {
	isOff := path == reloadPath || path == quitPath // those of s.lifecycle are answered already
	return path == s.options.Endpoint.Path || isFixedRoute(path) && !isOff || s.profiles.has(path) ||
		s.front.has(path)
}

// missing says what to do about a path that has no answer: the key that opens it, when there is one.
func (s *Server) missing(path string) string {
	switch {
	case path == reloadPath, path == quitPath:
		return path + " is off; endpoint.lifecycle: true opens it\n"
	case isProfile(path):
		return path + " is off; endpoint.pprof: true opens it\n"
	default:
		return "not found; see " + s.options.Endpoint.Path + "\n"
	}
}

// serve answers a GET of a route.
func (s *Server) serve(ctx *fasthttp.RequestCtx, path string) {
	switch {
	case path == s.options.Endpoint.Path:
		s.scrapes.serve(ctx)
	case path == "/-/healthy", path == "/health":
		answer(ctx, fasthttp.StatusOK, "weir is healthy\n")
	case path == "/-/ready", path == "/ready":
		s.serveReady(ctx)
	case s.profiles.has(path):
		s.profiles.serve(ctx, path)
	case s.front.has(path):
		s.front.serve(ctx, path)
	default:
		s.serveIndex(ctx)
	}
}

func (s *Server) serveReady(ctx *fasthttp.RequestCtx) {
	if s.ready.Load() {
		answer(ctx, fasthttp.StatusOK, "weir is ready\n")
		return
	}
	answer(ctx, fasthttp.StatusServiceUnavailable, "weir is starting or stopping\n")
}

func (s *Server) serveIndex(ctx *fasthttp.RequestCtx) {
	ctx.SetContentType("text/html; charset=utf-8")
	ctx.SetBodyString(strings.ReplaceAll(index, "{path}", escapeHTML(s.options.Endpoint.Path)))
}

// refuse answers bytes that are no request that a handler could see.
func (s *Server) refuse(ctx *fasthttp.RequestCtx, err error) {
	code, text := fasthttp.StatusBadRequest, "malformed request\n"
	if _, ok := errors.AsType[*fasthttp.ErrSmallBuffer](err); ok {
		code, text = fasthttp.StatusRequestHeaderFieldsTooLarge, "the request's header is too large\n"
	} else if errors.Is(err, fasthttp.ErrBodyTooLarge) {
		code, text = fasthttp.StatusRequestEntityTooLarge, noBody
	} else if errors.Is(err, os.ErrDeadlineExceeded) {
		code, text = fasthttp.StatusRequestTimeout, "the request took too long to come\n"
	}
	s.gate.dress(ctx)
	answer(ctx, code, text)
	s.counts.answered(code)
}

// refuseExpected refuses a body that a client asks whether to send (Expect: 100-continue).
func (s *Server) refuseExpected(ctx *fasthttp.RequestCtx) int {
	s.refuse(ctx, fasthttp.ErrBodyTooLarge)
	return fasthttp.StatusRequestEntityTooLarge
}

const (
	noBody = "requests have no body here\n"
	hasBug = "weir has a bug; see its log\n"
)

// answer gives a short text.
func answer(ctx *fasthttp.RequestCtx, code int, text string) {
	ctx.SetStatusCode(code)
	ctx.SetContentType("text/plain; charset=utf-8")
	ctx.SetBodyString(text)
}

const index = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>weir</title></head><body>
<h1>weir</h1><p>A StatsD aggregator for Prometheus.</p>
<ul><li><a href="{path}">{path}</a></li>
<li><a href="/-/healthy">/-/healthy</a></li><li><a href="/-/ready">/-/ready</a></li></ul>
</body></html>
`

func escapeHTML(text string) string { return string(fasthttp.AppendHTMLEscape(nil, text)) }
