package page

import (
	"bufio"
	"io"
	"sync"
	"time"

	"weir/aggregate"
)

// Response is the response to one request: an exposition, which may still grow. It belongs to one goroutine.
type Response struct {
	// IsLate says that it is the exposition of an earlier request, since the one of this request was not
	// ready in time.
	IsLate bool
	// Deadline is until when WriteTo waits for an exposition that is being rendered.
	Deadline time.Time

	variant    *variant
	exposition *exposition

	out  *bufio.Writer
	sent int64  // bytes that went to out
	size int    // of the exposition as far as it was written, before compression
	crc  uint32 // the same, when it is compressed
}

// IsGzip reports whether the response is compressed.
func (r *Response) IsGzip() bool { return r.exposition.isGzip }

// Length returns how many bytes WriteTo writes, -1 while that is not known.
func (r *Response) Length() int { return r.exposition.length() }

// Snapshot returns the families and series that the response shows.
func (r *Response) Snapshot() *aggregate.Snapshot { return r.exposition.snapshot }

// Pages returns how many pages the exposition has. Call it after WriteTo.
func (r *Response) Pages() Pages {
	r.exposition.mu.Lock()
	defer r.exposition.mu.Unlock()
	return r.exposition.pages
}

// Size returns how many bytes WriteTo has written, before compression.
func (r *Response) Size() int { return r.size }

// WriteTo writes the exposition as it is rendered, up to its end. The error is ErrLate when the rest is not
// rendered before Deadline; any other is of the writer, or of the rendering.
func (r *Response) WriteTo(w io.Writer) (n int64, err error) {
	buffers := &r.variant.cache.buffers
	r.out = buffers.get(w)
	defer buffers.put(r.out)
	err = r.write()
	return r.sent - int64(r.out.Buffered()), err
}

func (r *Response) write() error {
	if r.IsGzip() {
		n, _ := r.out.WriteString(gzipHeader) // an error comes again
		r.sent += int64(n)
	}
	end, err := r.writeChunks()
	if err != nil {
		return err
	}
	if end == partial {
		if err := r.writeRest(); err != nil {
			return err
		}
	}
	if r.IsGzip() {
		_ = r.put(appendGzipTrailer(nil, r.crc, r.size)) // an error comes again
	}
	return r.out.Flush()
}

// writeChunks writes the exposition as it comes, and returns how it ended.
func (r *Response) writeChunks() (end state, err error) {
	late := time.NewTimer(time.Until(r.Deadline))
	defer late.Stop()
	for i := 0; ; {
		v := r.exposition.from(i)
		for k := range v.chunks {
			r.size += v.chunks[k].size
			if err := r.put(v.chunks[k].bytes); err != nil {
				return v.state, err
			}
		}
		i += len(v.chunks)
		if v.state != growing {
			r.size, r.crc = v.size, v.crc
			return v.state, v.err
		}
		if err := r.out.Flush(); err != nil {
			return v.state, err
		}
		select {
		case <-v.more:
		case <-late.C:
			return v.state, ErrLate
		}
	}
}

// writeRest renders and writes the part that a partial exposition lacks. Its values are those of the
// collection as long as that is the latest; then they are read.
func (r *Response) writeRest() error {
	c := r.variant.cache
	rest := c.renderers.get(c, r.variant, r.IsGzip())
	defer c.renderers.put(c, rest)
	rest.cursor = r.exposition.rest
	if shared := r.exposition.shared; shared != nil {
		rest.values = shared.saved()
	}
	for chunks := rest.next(); len(chunks) > 0; chunks = rest.next() {
		for i := range chunks {
			chunk := &chunks[i]
			if r.IsGzip() {
				r.crc = joinCRC(r.crc, chunk.crc, chunk.size)
			}
			r.size += chunk.size
			if err := r.put(chunk.bytes); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *Response) put(b []byte) error {
	n, err := r.out.Write(b)
	r.sent += int64(n)
	return err
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
