package expose

import (
	"strings"

	"github.com/valyala/fasthttp"

	"weir/expose/status"
	"weir/expose/status/web"
)

// front answers "/" with the page, and the paths of the files that it refers to.
//
// The gate lets in requests for it without credentials, because a browser has no bearer token until a reader
// has given one to the page. To them, and to readers who may not use the API, the page says nothing about
// weir.
type front struct {
	page   *web.Page
	status *statusRoutes
}

func newFront(s *statusRoutes) *front { return &front{page: web.New(), status: s} }

// has reports whether path belongs to the page.
func (f *front) has(path string) bool {
	if f.status.api == nil || f.status.access == status.AccessOff {
		return false
	}
	return path == "/" || f.asset(path) != nil
}

func (f *front) asset(path string) *web.Asset {
	if !strings.HasPrefix(path, assetsRoot) {
		return nil
	}
	return f.page.Asset(path[1:])
}

// serve answers a GET of a path that f has.
func (f *front) serve(ctx *fasthttp.RequestCtx, path string) {
	header := &ctx.Response.Header
	header.Set(fasthttp.HeaderXContentTypeOptions, "nosniff")
	if a := f.asset(path); a != nil {
		serveAsset(ctx, a)
		return
	}
	header.Set(fasthttp.HeaderCacheControl, "no-store")
	header.Set(fasthttp.HeaderContentSecurityPolicy, web.Policy())
	header.Set("Referrer-Policy", "no-referrer")
	ctx.SetContentType("text/html; charset=utf-8")
	var summary *web.Summary
	if f.mayRead(ctx) && f.status.limit.Allow() {
		if release := f.status.places.take(); release != nil {
			defer release()
			summary = f.status.api.Summary()
		}
	}
	ctx.SetBody(f.page.Append(nil, summary))
}

// mayRead reports whether the answer to a reader may hold data.
func (f *front) mayRead(ctx *fasthttp.RequestCtx) bool {
	return ctx.UserValue(shellOnly) == nil && f.status.refusal(ctx) == ""
}

func serveAsset(ctx *fasthttp.RequestCtx, a *web.Asset) {
	header := &ctx.Response.Header
	header.Set(fasthttp.HeaderCacheControl, web.CacheControl)
	header.Set(fasthttp.HeaderETag, a.ETag)
	header.Set(fasthttp.HeaderVary, fasthttp.HeaderAcceptEncoding)
	if string(ctx.Request.Header.Peek(fasthttp.HeaderIfNoneMatch)) == a.ETag {
		ctx.SetStatusCode(fasthttp.StatusNotModified)
		return
	}
	ctx.SetContentType(a.Type)
	if ctx.Request.Header.HasAcceptEncoding("gzip") {
		header.Set(fasthttp.HeaderContentEncoding, "gzip")
		ctx.SetBody(a.Gzip())
		return
	}
	ctx.SetBody(a.Body)
}
