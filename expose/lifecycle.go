package expose

import (
	"bytes"

	"github.com/valyala/fasthttp"
)

// Lifecycle is what the routes /-/reload and /-/quit do, when Endpoint.Lifecycle opens them. Both functions
// may be called from any goroutine, and more than once.
type Lifecycle struct {
	// Reload puts the configuration in force that the files have now, or returns its mistakes.
	Reload func() error
	// Quit begins to stop; it does not wait for the end.
	Quit func()
}

const (
	reloadPath = "/-/reload"
	quitPath   = "/-/quit"
)

// lifecycle answers requests to reload and to quit.
type lifecycle struct {
	Lifecycle // set before Serve

	isOpen bool
}

// has reports whether path is one of its routes.
func (l *lifecycle) has(path string) bool {
	return l.isOpen && (path == reloadPath || path == quitPath)
}

// serve answers a request.
func (l *lifecycle) serve(ctx *fasthttp.RequestCtx, path string) {
	if !ctx.IsPost() && !ctx.IsPut() {
		ctx.Response.Header.Set(fasthttp.HeaderAllow, "POST, PUT")
		answer(ctx, fasthttp.StatusMethodNotAllowed, "only POST and PUT are allowed here\n")
		return
	}
	if isCrossSite(ctx) {
		answer(ctx, fasthttp.StatusForbidden, "a page of another site may not do this\n")
		return
	}
	if path == quitPath {
		answer(ctx, fasthttp.StatusOK, "weir is stopping\n")
		l.Quit()
		return
	}
	if err := l.Reload(); err != nil {
		answer(ctx, fasthttp.StatusUnprocessableEntity, err.Error()+"\n")
		return
	}
	answer(ctx, fasthttp.StatusOK, "reloaded\n")
}

// isCrossSite reports whether a browser sends the request for a page of another site, such as a form that
// submits itself. A browser says so in Sec-Fetch-Site; an older one sends the Origin of the page. Whatever is
// no browser sends neither. The rules are those of net/http's CrossOriginProtection.
func isCrossSite(ctx *fasthttp.RequestCtx) bool {
	header := &ctx.Request.Header
	if site := header.Peek("Sec-Fetch-Site"); len(site) > 0 {
		return string(site) != "same-origin" && string(site) != "none"
	}
	origin := header.Peek(fasthttp.HeaderOrigin)
	if len(origin) == 0 {
		return false
	}
	_, host, found := bytes.Cut(origin, []byte("://"))
	return !found || !bytes.Equal(host, header.Host())
}
