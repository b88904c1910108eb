package expose

import (
	"bytes"
	"sync"
	"sync/atomic"

	"github.com/valyala/fasthttp"

	"weir/expose/status"
)

// places are for answers of the API. An answer keeps its place until it is sent, or the connection ends: so
// clients that wait for lines, ask difficult questions, or do not read, cost neither a scrape its place nor
// more than a bounded part of memory. They are half of the answers that one client may get at a time.
type places struct {
	open  *connections // whose limits are set before Serve
	taken atomic.Int64
}

// take takes a place, and returns what gives it back, which is safe twice; nil when there is none.
func (p *places) take() (release func()) {
	if p.taken.Add(1) > int64(max(1, p.open.limitsOfClient.answered/2)) {
		p.taken.Add(-1)
		return nil
	}
	return sync.OnceFunc(func() { p.taken.Add(-1) })
}

// answerBody is the body of an answer of the API. It is a body stream, because fasthttp tells a stream when
// it is sent.
type answerBody struct {
	*bytes.Reader

	close func()
}

// Close ends the answer. fasthttp calls it once, whether the body was sent or not.
func (b *answerBody) Close() error {
	b.close()
	return nil
}

// send writes a response that keeps its place until it is sent.
func (s *statusRoutes) send(ctx *fasthttp.RequestCtx, r status.Response, release func()) {
	body := r.Body
	r.Body = nil
	write(ctx, r)
	ctx.SetBodyStream(&answerBody{bytes.NewReader(body), func() {
		release()
		s.counts.inFlight.Add(-1)
	}}, len(body))
}
