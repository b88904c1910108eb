package expose

import (
	"github.com/valyala/fasthttp"
)

// Lifecycle is what the routes /-/reload and /-/quit do, when Endpoint.Lifecycle opens them. Both functions
// may be called from any goroutine, and more than once.
type Lifecycle struct {
	// Reload puts the configuration in force that there is now, or returns what is wrong with it.
	Reload func() error
	// Quit begins to stop; it does not wait for the end.
	Quit func()
}

const (
	reloadPath = "/-/reload"
	quitPath   = "/-/quit"
)

// SetLifecycle says what /-/reload and /-/quit do. It must be called before Serve.
func (s *Server) SetLifecycle(l Lifecycle) { s.lifecycle = l }

// isLifecycle reports whether path is one of the routes that Endpoint.Lifecycle opens.
func (s *Server) isLifecycle(path string) bool {
	return s.options.Endpoint.Lifecycle && (path == reloadPath || path == quitPath)
}

// serveLifecycle answers a request to reload or to quit.
func (s *Server) serveLifecycle(ctx *fasthttp.RequestCtx, path string) {
	if !ctx.IsPost() && !ctx.IsPut() {
		ctx.Response.Header.Set(fasthttp.HeaderAllow, "POST, PUT")
		s.answer(ctx, fasthttp.StatusMethodNotAllowed, "only POST and PUT are allowed here\n")
		return
	}
	if path == quitPath {
		s.answer(ctx, fasthttp.StatusOK, "weir is stopping\n")
		s.lifecycle.Quit()
		return
	}
	if err := s.lifecycle.Reload(); err != nil {
		s.answer(ctx, fasthttp.StatusUnprocessableEntity, err.Error()+"\n")
		return
	}
	s.answer(ctx, fasthttp.StatusOK, "reloaded\n")
}
