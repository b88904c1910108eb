package expose

import (
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"
	"strconv"
	"strings"

	"github.com/valyala/fasthttp"
	"github.com/valyala/fasthttp/fasthttpadaptor"
)

const (
	pprofPath = "/debug/pprof"

	// maxProfileSeconds bounds how long a profile is taken: whoever gave up waiting has it running until
	// then.
	maxProfileSeconds = 300
)

// The handlers of net/http/pprof, which registers them with a server that weir does not run. A path that is
// not listed is the index, or one of the profiles of runtime/pprof.
var (
	profileHandlers = map[string]fasthttp.RequestHandler{
		pprofPath + "/cmdline": bounded(pprof.Cmdline),
		pprofPath + "/profile": bounded(pprof.Profile),
		pprofPath + "/symbol":  bounded(pprof.Symbol),
		pprofPath + "/trace":   bounded(pprof.Trace),
	}
	profileIndex = bounded(pprof.Index)
)

// bounded refuses to take a profile for longer than maxProfileSeconds. It reads seconds as take will:
// fasthttp ends a query at '#', and net/http does not.
func bounded(take http.HandlerFunc) fasthttp.RequestHandler {
	return fasthttpadaptor.NewFastHTTPHandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if text := r.FormValue("seconds"); text != "" {
			seconds, err := strconv.ParseFloat(text, 64)
			if err != nil || !(seconds > 0 && seconds <= maxProfileSeconds) {
				const refusal = "seconds: %.40q: want a number above 0, at most %d"
				http.Error(w, fmt.Sprintf(refusal, text, maxProfileSeconds), http.StatusBadRequest)
				return
			}
		}
		take(w, r)
	})
}

// profiles answers requests for profiles of weir itself.
type profiles struct{ isOpen bool }

// has reports whether path is one of its routes.
func (p profiles) has(path string) bool {
	return p.isOpen && isProfile(path)
}

func isProfile(path string) bool { return path == pprofPath || strings.HasPrefix(path, pprofPath+"/") }

// serve answers with a profile, or the index of all.
func (profiles) serve(ctx *fasthttp.RequestCtx, path string) {
	if path == pprofPath { // the links of the index are relative
		ctx.Response.Header.Set(fasthttp.HeaderLocation, "pprof/")
		ctx.SetStatusCode(fasthttp.StatusMovedPermanently)
		return
	}
	if handler, ok := profileHandlers[path]; ok {
		handler(ctx)
		return
	}
	profileIndex(ctx)
}

// warn warns when everybody can take profiles: they tell much of a process, and cost it.
func (p profiles) warn(listen string, g *gate) {
	if p.isOpen && !g.guard.Asks() && !isLoopback(listen) {
		g.log.Warn().Str("listen", listen).
			Msg("endpoint.pprof is open to all who reach the endpoint: use authentication, or loopback")
	}
}

// isLoopback reports whether an address to listen on can be reached from this machine alone. A name other
// than localhost could be anything.
func isLoopback(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	return err == nil && (host == "localhost" || net.ParseIP(host).IsLoopback())
}
