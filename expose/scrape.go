package expose

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/valyala/fasthttp"
)

const contentType = "text/plain; version=0.0.4; charset=utf-8; escaping=underscores"

// blocks keeps blocks between scrapes.
var blocks sync.Pool

func newBlock() *[]byte {
	if b, ok := blocks.Get().(*[]byte); ok {
		return b
	}
	b := make([]byte, 0, blockBytes+blockBytes/4) // the last line may go beyond
	return &b
}

// serveScrape answers with the exposition. What fits into one block is sent with its length; more is
// streamed.
func (s *Server) serveScrape(ctx *fasthttp.RequestCtx) {
	if s.limiter != nil && !s.limiter.Allow() {
		ctx.Response.Header.Set(fasthttp.HeaderRetryAfter, strconv.Itoa(s.retryAfter()))
		s.answer(ctx, fasthttp.StatusTooManyRequests, "too many requests; see rate_limiting\n")
		return
	}
	x := &exposition{server: s, began: time.Now(), block: newBlock()}
	x.rendering = rendering{families: s.registry.Snapshot().Families, self: s.gather()}
	ctx.SetContentType(contentType)
	ctx.Response.Header.Set(fasthttp.HeaderVary, fasthttp.HeaderAcceptEncoding)
	more := x.next()
	c := &s.options.Compression
	x.gzip = c.Enabled && len(*x.block) >= c.MinSizeBytes &&
		acceptsGzip(ctx.Request.Header.Peek(fasthttp.HeaderAcceptEncoding))
	if x.gzip {
		ctx.Response.Header.Set(fasthttp.HeaderContentEncoding, "gzip")
	}
	if more {
		ctx.SetBodyStream(x, -1)
		return
	}
	defer x.release()
	if _, err := x.writeBlocks(ctx.Response.BodyWriter()); err != nil {
		panic("BUG: writing to memory failed: " + err.Error())
	}
}

// retryAfter returns after how many whole seconds there is room for a request again: at least 1.
func (s *Server) retryAfter() int {
	return int(math.Ceil(max(1, 1/s.options.RateLimiting.RequestsPerSecond)))
}

// gather returns weir's own families. What fails to be gathered is missing from them; it is logged once a
// minute.
func (s *Server) gather() []*dto.MetricFamily {
	families, err := s.self.Gather()
	if err != nil {
		now, last := time.Now().Unix(), s.gatherWarned.Load()
		if now-last >= 60 && s.gatherWarned.CompareAndSwap(last, now) {
			s.log.Warn().Err(err).Msg("some of weir's own families cannot be gathered")
		}
	}
	return families
}

// exposition is one response while it is written. It is a body stream of fasthttp that writes itself.
type exposition struct {
	rendering

	server *Server
	began  time.Time
	block  *[]byte // rendered and not written yet; nil once released
	size   int     // rendered, in bytes
	last   bool    // block is the last one
	gzip   bool
}

// next renders the next block and reports whether there are more behind it.
func (x *exposition) next() (more bool) {
	*x.block, more = x.fill((*x.block)[:0])
	x.size += len(*x.block)
	x.last = !more
	return more
}

// SupportsBodyWriteTo tells fasthttp to call WriteTo, and never Read.
func (*exposition) SupportsBodyWriteTo() bool { return true }

// Read is there because fasthttp's body streams are readers. It is never called.
func (*exposition) Read([]byte) (int, error) {
	return 0, errors.New("BUG: an exposition writes itself")
}

// WriteTo writes the blocks, the first of which is rendered already. An error, or a panic, makes fasthttp
// cut the connection, so that the scraper sees a broken response: a short one that ended well would make
// series look gone.
func (x *exposition) WriteTo(w io.Writer) (n int64, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			x.server.panicked(cause)
			err = fmt.Errorf("panic while rendering: %v", cause)
		}
	}()
	return x.writeBlocks(w)
}

func (x *exposition) writeBlocks(w io.Writer) (n int64, err error) {
	counted := &countingWriter{w: w}
	if x.gzip {
		z := x.server.gzips.get(counted)
		defer x.server.gzips.put(z)
		if err = x.renderTo(z); err == nil {
			err = z.finish()
		}
	} else {
		err = x.renderTo(counted)
	}
	if err == nil {
		observe(x.server.observers.Duration, time.Since(x.began).Seconds())
		observe(x.server.observers.SizeBytes, float64(x.size))
	}
	return counted.n, err
}

func (x *exposition) renderTo(w io.Writer) error {
	for {
		if _, err := w.Write(*x.block); err != nil {
			return err
		}
		if x.last {
			return nil
		}
		x.next()
	}
}

func observe(o prometheus.Observer, value float64) {
	if o != nil {
		o.Observe(value)
	}
}

// Close gives the block back. fasthttp calls it at the end of a body stream, whether it was written or not.
func (x *exposition) Close() error {
	x.release()
	return nil
}

func (x *exposition) release() {
	if x.block != nil {
		blocks.Put(x.block)
		x.block = nil
	}
}

// countingWriter counts what it writes.
type countingWriter struct {
	w io.Writer
	n int64
}

// Write implements io.Writer.
func (c *countingWriter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}
