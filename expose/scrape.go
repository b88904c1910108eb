package expose

import (
	"errors"
	"math"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/rs/zerolog"
	"github.com/valyala/fasthttp"
	"golang.org/x/time/rate"

	"weir/aggregate"
	"weir/expose/format"
	"weir/expose/page"
)

const (
	headerTimeout = "X-Prometheus-Scrape-Timeout-Seconds" // of a request: how long the scraper waits
	headerLate    = "X-Prometheus-Scrape-Timeout"         // of a response: its body is of an earlier scrape
)

// scrapes answers requests for the exposition.
type scrapes struct {
	options   *Options
	registry  *aggregate.Registry
	self      prometheus.Gatherer
	observers Observers
	counts    *counts
	log       zerolog.Logger
	limit     rateLimit
	cache     *page.Cache
	open      *connections
	scrapers  scrapers

	gatherWarnings, lateWarnings rate.Sometimes
}

func newScrapes(o *Options, registry *aggregate.Registry, self prometheus.Gatherer, observers Observers,
	counts *counts, open *connections,
) *scrapes {
	s := &scrapes{
		options: o, registry: registry, self: self, observers: observers, counts: counts, log: counts.log,
		open:           open,
		limit:          newRateLimit(o.RateLimiting),
		gatherWarnings: rate.Sometimes{Interval: logInterval},
		lateWarnings:   rate.Sometimes{Interval: logInterval},
	}
	s.cache = page.New(page.Options{
		IsShared: o.Cache.Enabled, TTL: o.Cache.TTL, MaxSizeBytes: int(o.Cache.MaxSize),
		MinGzipBytes: int(o.Compression.MinSize), GzipLevel: o.Compression.Level,
		HasCreated: o.OpenMetrics.Created,
	}, page.Source{
		Registry: registry, Self: s.gather, IsHidden: o.Self.isHidden(), Panicked: counts.panicked,
	})
	return s
}

// gather returns weir's own families. One that cannot be gathered is missing; that is logged once a minute.
func (s *scrapes) gather() []*dto.MetricFamily {
	families, err := s.self.Gather()
	if err != nil {
		s.gatherWarnings.Do(func() {
			s.log.Warn().Err(err).Msg("some of weir's own families cannot be gathered")
		})
	}
	return families
}

// serve answers with the exposition, with its length when that is known already.
func (s *scrapes) serve(ctx *fasthttp.RequestCtx) {
	if !s.limit.admit(ctx) {
		return
	}
	began := time.Now()
	header := &ctx.Request.Header
	media := format.Negotiate(header.PeekAll(fasthttp.HeaderAccept))
	acceptsGzip := s.options.Compression.Enabled &&
		format.AcceptsGzip(header.PeekAll(fasthttp.HeaderAcceptEncoding))
	timeout := header.Peek(headerTimeout)
	wait, limit := s.options.Timeouts.within(timeout)
	r, err := s.cache.Get(page.Request{
		Encoding: media.Format.Encoding(), Escaping: s.escapingOf(media), AcceptsGzip: acceptsGzip,
		IsFresh:   s.isFresh(ctx, timeout),
		Selection: selectionOf(ctx.QueryArgs()),
	}, began, began.Add(wait))
	if errors.Is(err, page.ErrLate) || err == nil && r.IsLate {
		s.reportLate(ctx, began)
	}
	by := scraperOf(ctx, media.Format.Encoding(), err == nil && r.IsGzip())
	if err != nil {
		s.scrapers.note(by, scrape{at: time.Now(), took: time.Since(began), isLate: true, isAborted: true})
		answerFailed(ctx, err)
		return
	}
	r.Deadline = began.Add(limit)
	if r.IsLate { // the scraper decides how long it still waits
		r.Deadline = time.Now().Add(s.options.Timeouts.ScrapeTimeout)
	}
	ctx.SetContentType(media.ContentType())
	ctx.Response.Header.Set(fasthttp.HeaderVary, "Accept, Accept-Encoding")
	if r.IsGzip() {
		ctx.Response.Header.Set(fasthttp.HeaderContentEncoding, "gzip")
	}
	if err := ctx.SetWriteDeadline(r.Deadline); err != nil {
		s.log.Debug().Err(err).Msg("the connection of a scrape is gone")
	}
	ctx.SetBodyStream(&body{
		scrapes: s, response: r, format: media.ContentType(), scraper: by,
		from: ctx.RemoteAddr(), began: began,
	}, r.Length())
}

// isFresh reports whether a request is that of a person, who wants to see what was sent just now: scrapers
// say how long they wait. A client that asks for much at a time gets what scrapers share.
func (s *scrapes) isFresh(ctx *fasthttp.RequestCtx, timeout []byte) bool {
	return len(timeout) == 0 && !s.open.isBusyWith(connectionOf(ctx.Conn()))
}

// escapingOf returns the escaping that a scrape gets: without names to escape, all are one.
func (s *scrapes) escapingOf(m format.Media) format.Escaping {
	if s.registry.HasUTF8Names() {
		return m.Escaping
	}
	return format.EscapeUnderscores
}

// reportLate marks a response whose exposition was not ready in time.
func (s *scrapes) reportLate(ctx *fasthttp.RequestCtx, began time.Time) {
	ctx.Response.Header.Set(headerLate, "true")
	s.lateWarnings.Do(func() {
		s.log.Warn().Stringer("after", time.Since(began)).
			Msg("collecting takes too long: scrapes get the last exposition; see timeouts")
	})
}

// answerFailed answers a scrape that gets no exposition. A scraper takes the series for gone only when an
// answer is good.
func answerFailed(ctx *fasthttp.RequestCtx, err error) {
	if errors.Is(err, page.ErrLate) {
		answer(ctx, fasthttp.StatusServiceUnavailable, err.Error()+"; see timeouts.collection_timeout\n")
		return
	}
	answer(ctx, fasthttp.StatusInternalServerError, hasBug)
}

// selectionOf returns the names in ?name[]=a&name[]=b, as the exporters of Prometheus understand it; nil when
// the request has none.
func selectionOf(query *fasthttp.Args) page.Selection {
	names := query.PeekMulti("name[]")
	if len(names) == 0 {
		return nil
	}
	wanted := make(page.Selection, len(names))
	for _, name := range names {
		wanted[string(name)] = true
	}
	return wanted
}

// within returns how long a scrape may wait for its exposition, and how long it may take in all. The scraper
// may say how long it waits; a tenth of that is left to send the body.
func (t *Timeouts) within(header []byte) (wait, limit time.Duration) {
	wait, limit = t.CollectionTimeout, t.ScrapeTimeout
	seconds, err := strconv.ParseFloat(string(header), 64)
	if err == nil && seconds > 0 && seconds < math.Inf(1) {
		asked := time.Duration(min(seconds, longest.Seconds()) * float64(time.Second))
		wait, limit = min(wait, asked-asked/10), min(limit, asked)
	}
	return min(wait, limit), limit
}
