package expose

import (
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/valyala/fasthttp"

	"weir/expose/page"
)

// body is the body of one scrape. It is a body stream of fasthttp that writes itself.
type body struct {
	scrapes  *scrapes
	response *page.Response
	format   string // as the header Content-Type has it
	scraper  scraper
	from     net.Addr
	began    time.Time
	isClosed bool
}

// SupportsBodyWriteTo tells fasthttp to call WriteTo, and never Read.
func (*body) SupportsBodyWriteTo() bool { return true }

// Read is there because fasthttp's body streams are readers. It is never called.
func (*body) Read([]byte) (int, error) {
	return 0, errors.New("BUG: the body of a scrape writes itself")
}

// WriteTo writes the exposition, and tells the registry when a scrape got all of it. fasthttp calls it after
// the handler, except for HEAD. An error, or a panic, makes fasthttp cut the connection, so that the scraper
// sees a broken response: a short one that ended well would make series look gone.
func (b *body) WriteTo(w io.Writer) (n int64, err error) {
	s := b.scrapes
	defer func() {
		if cause := recover(); cause != nil {
			s.counts.panicked(cause)
			err = fmt.Errorf("panic while rendering: %v", cause)
		}
		took := time.Since(b.began)
		b.note(n, took, err)
		if err != nil {
			s.counts.aborted.Add(1)
			s.log.Debug().Err(err).Int64("written", n).Msg("a scrape was cut before its end")
			return
		}
		b.response.Snapshot().Served() // the status is 200, and the whole body is written
		observe(s.observers.Duration, took.Seconds())
		observe(s.observers.SizeBytes, float64(b.response.Size()))
		s.counts.debug().Int("status", fasthttp.StatusOK).Stringer("from", b.from).Str("format", b.format).
			Bool("gzip", b.response.IsGzip()).Bool("late", b.response.IsLate).
			Int64("bytes", n).Int("plain_bytes", b.response.Size()).Stringer("duration", took).Msg("a scrape")
	}()
	return b.response.WriteTo(w)
}

// note notes the scrape for those who look at scrapers.
func (b *body) note(written int64, took time.Duration, err error) {
	pages := b.response.Pages()
	b.scrapes.scrapers.note(b.scraper, scrape{
		at: time.Now(), took: took, size: int64(b.response.Size()), written: written,
		pages: pages.All, reused: pages.Reused, isLate: b.response.IsLate, isAborted: err != nil,
	})
}

func observe(o prometheus.Observer, value float64) {
	if o != nil {
		o.Observe(value)
	}
}

// Close ends the response. fasthttp calls it once for each body stream, whether it was written or not.
func (b *body) Close() error {
	if !b.isClosed {
		b.isClosed = true
		b.scrapes.counts.inFlight.Add(-1)
	}
	return nil
}
