package expose

import (
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
