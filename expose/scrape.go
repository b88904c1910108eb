package expose

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/valyala/fasthttp"
)

const contentType = "text/plain; version=0.0.4; charset=utf-8; escaping=underscores"

// serveScrape answers with the exposition. What fits into one block is sent with its length; more is
// streamed.
func (s *Server) serveScrape(ctx *fasthttp.RequestCtx) {
	if s.limiter != nil && !s.limiter.Allow() {
		ctx.Response.Header.Set(fasthttp.HeaderRetryAfter, strconv.Itoa(s.options.RateLimiting.retryAfter()))
		s.answer(ctx, fasthttp.StatusTooManyRequests, "too many requests; see rate_limiting\n")
		return
	}
	x := &exposition{server: s, began: time.Now(), block: s.blocks.get()}
	wanted := selectionOf(ctx.QueryArgs())
	x.rendering = rendering{
		families: wanted.families(s.registry.Snapshot().Families), self: wanted.own(s.gather()),
	}
	more := x.next()
	c := &s.options.Compression
	x.gzip = c.Enabled && len(*x.block) >= c.MinSizeBytes &&
		acceptsGzip(ctx.Request.Header.PeekAll(fasthttp.HeaderAcceptEncoding))
	ctx.SetContentType(contentType)
	ctx.Response.Header.Set(fasthttp.HeaderVary, fasthttp.HeaderAcceptEncoding)
	if x.gzip {
		ctx.Response.Header.Set(fasthttp.HeaderContentEncoding, "gzip")
	}
	length := -1 // chunked
	if !more {
		x.pack()
		length = len(*x.block)
	}
	ctx.SetBodyStream(x, length)
}

// gather returns weir's own families. What fails to be gathered is missing from them; it is logged once a
// minute.
func (s *Server) gather() []*dto.MetricFamily {
	families, err := s.self.Gather()
	if err != nil && s.gatherWarnings.pass(time.Now()) {
		s.log.Warn().Err(err).Msg("some of weir's own families cannot be gathered")
	}
	return families
}

// exposition is one response while it is written. It is a body stream of fasthttp that writes itself.
type exposition struct {
	rendering

	server *Server
	began  time.Time
	block  *[]byte // rendered and not written yet; nil once closed
	size   int     // rendered, in bytes
	last   bool    // block is the last one
	gzip   bool    // blocks are compressed when they are written
}

// next renders the next block and reports whether there are more behind it.
func (x *exposition) next() (more bool) {
	*x.block, more = x.fill((*x.block)[:0])
	x.size += len(*x.block)
	x.last = !more
	return more
}

// pack compresses the only block, if it is to be compressed, so that its length is known before it is
// written.
func (x *exposition) pack() {
	if !x.gzip {
		return
	}
	packed := x.server.blocks.get()
	buffer := bytes.NewBuffer(*packed)
	if err := x.renderTo(buffer); err != nil {
		panic("BUG: writing to memory failed: " + err.Error())
	}
	*packed = buffer.Bytes()
	x.server.blocks.put(x.block)
	x.block, x.gzip = packed, false
}

// SupportsBodyWriteTo tells fasthttp to call WriteTo, and never Read.
func (*exposition) SupportsBodyWriteTo() bool { return true }

// Read is there because fasthttp's body streams are readers. It is never called.
func (*exposition) Read([]byte) (int, error) {
	return 0, errors.New("BUG: an exposition writes itself")
}

// WriteTo writes the blocks, the first of which is rendered already. fasthttp calls it after the handler,
// but not for HEAD. An error, or a panic, makes fasthttp cut the connection, so that the scraper sees a
// broken response: a short one that ended well would make series look gone.
func (x *exposition) WriteTo(w io.Writer) (n int64, err error) {
	s := x.server
	defer func() {
		if cause := recover(); cause != nil {
			s.panicked(cause)
			err = fmt.Errorf("panic while rendering: %v", cause)
		}
		if err != nil {
			s.aborted.Add(1)
			s.log.Debug().Err(err).Int64("written", n).Msg("a scrape was cut before its end")
			return
		}
		observe(s.observers.Duration, time.Since(x.began).Seconds())
		observe(s.observers.SizeBytes, float64(x.size))
	}()
	counted := &countingWriter{w: w}
	err = x.renderTo(counted)
	return counted.n, err
}

// renderTo writes the exposition to w, compressed if it is to be.
func (x *exposition) renderTo(w io.Writer) error {
	if !x.gzip {
		return x.renderBlocks(w)
	}
	z := x.server.gzips.get(w)
	defer x.server.gzips.put(z)
	if err := x.renderBlocks(z); err != nil {
		return err
	}
	return z.finish()
}

func (x *exposition) renderBlocks(w io.Writer) error {
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

// Close ends the response. fasthttp calls it once for each body stream, whether it was written or not.
func (x *exposition) Close() error {
	if x.block != nil {
		x.server.blocks.put(x.block)
		x.block = nil
		x.server.inFlight.Add(-1)
	}
	return nil
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
