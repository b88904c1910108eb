package expose

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/valyala/fasthttp"
)

const (
	headerPatience = "X-Prometheus-Scrape-Timeout-Seconds" // of a request: how long the scraper waits
	headerLate     = "X-Prometheus-Scrape-Timeout"         // of a response: it is of the scrape before
)

// serveScrape answers with the exposition, with its length when that is known already.
func (s *Server) serveScrape(ctx *fasthttp.RequestCtx) {
	if s.limiter != nil && !s.limiter.Allow() {
		ctx.Response.Header.Set(fasthttp.HeaderRetryAfter, strconv.Itoa(s.options.RateLimiting.retryAfter()))
		s.answer(ctx, fasthttp.StatusTooManyRequests, "too many requests; see rate_limiting\n")
		return
	}
	began := time.Now()
	request := &ctx.Request.Header
	m := negotiate(request.PeekAll(fasthttp.HeaderAccept))
	packed := s.options.Compression.Enabled && acceptsGzip(request.PeekAll(fasthttp.HeaderAcceptEncoding))
	v := s.cache.variant(m.format.body(), s.escapingOf(m), packed)
	if wanted := selectionOf(ctx.QueryArgs()); wanted != nil {
		v = &variant{body: v.body, escaping: v.escaping, packed: v.packed, wanted: wanted}
	}
	wait, limit := s.options.Timeouts.within(request.Peek(headerPatience))
	d, late, err := s.await(v, s.collect(v, began), began.Add(wait))
	if late {
		ctx.Response.Header.Set(headerLate, "true")
	}
	if err != nil {
		s.answerFailed(ctx, err)
		return
	}
	ctx.SetContentType(m.contentType())
	ctx.Response.Header.Set(fasthttp.HeaderVary, "Accept, Accept-Encoding")
	if d.packed {
		ctx.Response.Header.Set(fasthttp.HeaderContentEncoding, "gzip")
	}
	x := &exposition{server: s, variant: v, rendition: d, began: began, deadline: began.Add(limit)}
	if err := ctx.SetWriteDeadline(x.deadline); err != nil {
		s.log.Debug().Err(err).Msg("the connection of a scrape is gone")
	}
	ctx.SetBodyStream(x, d.length())
}

// escapingOf returns the escaping that a scrape gets: without names to escape, all are one.
func (s *Server) escapingOf(m media) escaping {
	if s.registry.HasUTF8Names() {
		return m.escaping
	}
	return escapeUnderscores
}

// answerFailed answers a scrape for which there is no exposition. A scraper takes the series for gone only
// when an answer is good.
func (s *Server) answerFailed(ctx *fasthttp.RequestCtx, err error) {
	if errors.Is(err, errLate) {
		s.answer(ctx, fasthttp.StatusServiceUnavailable, err.Error()+"; see timeouts.collection_timeout\n")
		return
	}
	s.answer(ctx, fasthttp.StatusInternalServerError, "weir has a bug; see its log\n")
}

// within returns how long a scrape may wait for its rendition, and how long it may take in all. The scraper
// may say how long it waits; a tenth of that is left to send what there is.
func (t *Timeouts) within(patience []byte) (wait, limit time.Duration) {
	wait, limit = t.CollectionTimeout, t.ScrapeTimeout
	seconds, err := strconv.ParseFloat(string(patience), 64)
	if err == nil && seconds > 0 && seconds < math.Inf(1) {
		asked := time.Duration(min(seconds, longest.Seconds()) * float64(time.Second))
		wait, limit = min(wait, asked-asked/10), min(limit, asked)
	}
	return min(wait, limit), limit
}

// exposition is one response while it is written. It is a body stream of fasthttp that writes itself.
type exposition struct {
	*rendition

	server   *Server
	variant  *variant
	began    time.Time
	deadline time.Time // of the whole response
	closed   bool

	out      *bufio.Writer
	written  int    // before compression
	writtenC uint32 // its CRC, when it is compressed
}

// SupportsBodyWriteTo tells fasthttp to call WriteTo, and never Read.
func (*exposition) SupportsBodyWriteTo() bool { return true }

// Read is there because fasthttp's body streams are readers. It is never called.
func (*exposition) Read([]byte) (int, error) {
	return 0, errors.New("BUG: an exposition writes itself")
}

// WriteTo writes the pieces as they are ready. fasthttp calls it after the handler, but not for HEAD. An
// error, or a panic, makes fasthttp cut the connection, so that the scraper sees a broken response: a short
// one that ended well would make series look gone.
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
		x.snapshot.Served() // fasthttp calls WriteTo for GET only, and every answer with an exposition is a 200
		observe(s.observers.Duration, time.Since(x.began).Seconds())
		observe(s.observers.SizeBytes, float64(x.written))
	}()
	counted := &countingWriter{w: w}
	x.out = s.buffers.get(counted)
	defer s.buffers.put(x.out)
	err = x.write()
	return counted.n, err
}

// write writes the whole exposition.
func (x *exposition) write() error {
	if x.packed {
		_, _ = x.out.WriteString(gzipHeader) // an error comes again
	}
	end, err := x.writePieces()
	if err != nil {
		return err
	}
	if end == partial {
		if err := x.writeRest(); err != nil {
			return err
		}
	}
	if x.packed {
		_, _ = x.out.Write(appendGzipTrailer(nil, x.writtenC, x.written))
	}
	return x.out.Flush()
}

// writePieces writes the rendition as it comes, and returns how it ended.
func (x *exposition) writePieces() (end state, err error) {
	late := time.NewTimer(time.Until(x.deadline))
	defer late.Stop()
	for i := 0; ; {
		v := x.from(i)
		for k := range v.pieces {
			if _, err := x.out.Write(v.pieces[k].bytes); err != nil {
				return v.state, err
			}
		}
		i += len(v.pieces)
		if v.state != rendering {
			x.written, x.writtenC = v.size, v.crc
			return v.state, v.err
		}
		if err := x.out.Flush(); err != nil {
			return v.state, err
		}
		select {
		case <-v.more:
		case <-late.C:
			return v.state, errLate
		}
	}
}

// writeRest renders and writes what the rendition has not.
func (x *exposition) writeRest() error {
	r := x.server.renderers.get(x.server, x.variant)
	defer x.server.renderers.put(r)
	r.place = x.rest
	for pieces := r.next(); len(pieces) > 0; pieces = r.next() {
		for _, p := range pieces {
			if x.packed {
				x.writtenC = joinCRC(x.writtenC, p.crc, p.size)
			}
			x.written += p.size
			if _, err := x.out.Write(p.bytes); err != nil {
				return err
			}
		}
	}
	return nil
}

func observe(o prometheus.Observer, value float64) {
	if o != nil {
		o.Observe(value)
	}
}

// Close ends the response. fasthttp calls it once for each body stream, whether it was written or not.
func (x *exposition) Close() error {
	if !x.closed {
		x.closed = true
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

// buffers keep buffers in front of connections: fasthttp sends each write by itself.
type buffers struct{ pool sync.Pool }

func (p *buffers) get(w io.Writer) *bufio.Writer {
	if b, ok := p.pool.Get().(*bufio.Writer); ok {
		b.Reset(w)
		return b
	}
	return bufio.NewWriterSize(w, blockBytes/2)
}

func (p *buffers) put(b *bufio.Writer) {
	b.Reset(nil)
	p.pool.Put(b)
}
