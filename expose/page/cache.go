package page

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	dto "github.com/prometheus/client_model/go"

	"weir/aggregate"
	"weir/expose/format"
)

// Options configure a Cache. The zero value renders every exposition for one scrape alone.
type Options struct {
	// IsShared lets scrapes share collected values, scrapes of one variant an exposition, and expositions the
	// pages in which nothing changed.
	IsShared bool
	// TTL is how long the values of one collection are shared, in expositions of all variants. Scrapes of one
	// variant at the same time share one whatever it is.
	TTL time.Duration
	// MaxSizeBytes is how much of the values and of all variants is kept, in bytes. Values take at most half.
	// Pages beyond it are read and rendered for each scrape.
	MaxSizeBytes int
	// MinGzipBytes is the smallest exposition that is compressed when a request accepts gzip, in bytes of
	// text. It is compared with an estimate, made before anything is rendered.
	MinGzipBytes int
	// GzipLevel is 1 (fast) to 9 (small); 0 stores without compression.
	GzipLevel int
	// HasCreated adds to OpenMetrics the lines that say when series were created.
	HasCreated bool
}

// Source is where a Cache takes families from.
type Source struct {
	// Registry has the families of the senders.
	Registry *aggregate.Registry
	// Self returns weir's own families, sorted by name. It may be nil. It may hang: requests do not wait
	// for it beyond their time.
	Self func() []*dto.MetricFamily
	// IsHidden reports whether one of weir's own families is only for requests that select it. It may be nil.
	IsHidden func(name string) bool
	// Panicked is called with the cause of a panic, which is a bug, while an exposition was rendered; it may
	// be nil. The exposition fails.
	Panicked func(cause any)
}

// Request says which exposition a scrape asks for.
type Request struct {
	// Encoding is how it is written.
	Encoding format.Encoding
	// Escaping is how names are written.
	Escaping format.Escaping
	// AcceptsGzip says that the exposition may be compressed.
	AcceptsGzip bool
	// IsFresh says that no value may be older than the request, whatever the TTL. Such requests share what is
	// collected for them, at most every 100 ms.
	IsFresh bool
	// Selection is the families to show; nil shows all.
	Selection Selection
}

// Stats are the counts of a Cache.
type Stats struct {
	// Hits counts the requests that shared an exposition, Misses the requests that began one.
	Hits, Misses uint64
	// Collections counts how often all values were collected for requests to share.
	Collections uint64
	// Late counts the requests that did not wait any longer for their exposition.
	Late uint64
	// Bytes is how much is kept for other requests.
	Bytes int64
}

// Cache renders expositions, and keeps them and their pages for other requests. It may be used from any
// goroutine.
type Cache struct {
	options   Options
	source    Source
	variants  [format.NumEncodings][format.NumEscapings][2]variant // plain and compressed
	renderers renderers
	deflaters deflaters
	buffers   buffers

	collector collector

	bytes              atomic.Int64 // in values, expositions and pages
	hits, misses, late atomic.Uint64
	work               sync.WaitGroup // collections and renderings under way
}

// New returns an empty cache.
func New(o Options, source Source) *Cache {
	c := &Cache{options: o, source: source}
	c.collector = collector{
		cache: c, interval: min(minInterval, o.TTL), layout: &layout{}, reading: format.NewReading(),
	}
	c.deflaters.level = o.GzipLevel
	number := 0
	for encoding := range format.NumEncodings {
		for escaping := range format.NumEscapings {
			for i, acceptsGzip := range [...]bool{false, true} {
				v := &c.variants[encoding][escaping][i]
				v.cache, v.number = c, number
				v.Request = Request{Encoding: encoding, Escaping: escaping, AcceptsGzip: acceptsGzip}
				number++
			}
		}
	}
	return c
}

// ErrLate is why a request gets no exposition, or only a part of it.
var ErrLate = errors.New("collecting took too long")

// Get returns the response to a request. It waits until the response can begin and should be whole in time,
// but not beyond a time: then the response is the last exposition (see Response.IsLate) or, before the first,
// as much as is rendered. The error is ErrLate when nothing is. Any other error says why nothing can be
// rendered.
func (c *Cache) Get(request Request, now, before time.Time) (*Response, error) {
	v := c.variantOf(request)
	e := c.expositionFor(v, request.IsFresh, now)
	isLate := false
	if !e.waitReady(before) {
		last := v.latest()
		isLate = last != nil || len(e.from(0).chunks) == 0
		if isLate {
			c.late.Add(1)
			e = last
		}
		if e == nil {
			return nil, ErrLate
		}
	}
	if first := e.from(0); first.state == broken && len(first.chunks) == 0 {
		return nil, first.err
	}
	return &Response{IsLate: isLate, variant: v, exposition: e}, nil
}

// Stats returns the counts now.
func (c *Cache) Stats() Stats {
	return Stats{
		Hits: c.hits.Load(), Misses: c.misses.Load(), Late: c.late.Load(), Bytes: c.bytes.Load(),
		Collections: c.collector.count.Load(),
	}
}

// Wait waits until nothing is being collected or rendered. No request may begin meanwhile.
func (c *Cache) Wait() { c.work.Wait() }

// variantOf returns the variant that a request asks for. One with a selection is for that request alone.
func (c *Cache) variantOf(r Request) *variant {
	if r.Selection != nil {
		return &variant{Request: r, cache: c}
	}
	of := &c.variants[r.Encoding][r.Escaping]
	if r.AcceptsGzip {
		return &of[1]
	}
	return &of[0]
}

// all yields every variant.
func (c *Cache) all(yield func(*variant) bool) {
	for encoding := range c.variants {
		for escaping := range c.variants[encoding] {
			for i := range c.variants[encoding][escaping] {
				if !yield(&c.variants[encoding][escaping][i]) {
					return
				}
			}
		}
	}
}

// idleAfter is for how long a variant is kept that nobody asks for: longer than scrapes are apart.
const idleAfter = 5 * time.Minute

// expositionFor returns the exposition for a request, which is rendered in another goroutine.
func (c *Cache) expositionFor(v *variant, isFresh bool, now time.Time) *exposition {
	if !c.options.IsShared || v.Selection != nil {
		c.misses.Add(1)
		e := newExposition(now)
		c.begin(&rendering{variant: v, exposition: e})
		return e
	}
	e, isNew := v.find(now, c.ageFor(isFresh, now))
	if !isNew {
		c.hits.Add(1)
		return e
	}
	c.misses.Add(1)
	c.forgetIdle(now.Add(-idleAfter - 2*c.options.TTL))
	c.begin(&rendering{variant: v, exposition: e, budget: &cacheBudget{cache: c}})
	return e
}

// ageFor returns how old the values for a request may be: younger than the TTL, and of the latest collection,
// so that all variants show the same.
func (c *Cache) ageFor(isFresh bool, now time.Time) age {
	if isFresh {
		next := now.Add(1) // at this very moment, values may have been read already
		return age{oldest: next, growing: next}
	}
	youngest, oldest := c.collector.youngest(), now.Add(1-c.options.TTL)
	if oldest.Before(youngest) {
		oldest = youngest
	}
	return age{oldest: oldest, growing: youngest}
}

// begin renders in a goroutine of its own, for which Wait waits. Requests can give up waiting: a collection
// that hangs is the only one, and holds nobody's connection.
func (c *Cache) begin(x *rendering) { c.work.Go(x.run) }

// failed reports a panic, and returns it as an error.
func (c *Cache) failed(cause any) error {
	if c.source.Panicked != nil {
		c.source.Panicked(cause)
	}
	return fmt.Errorf("panic while rendering: %v", cause)
}

// forgetIdle drops every variant that nobody asked for since then.
func (c *Cache) forgetIdle(since time.Time) {
	for v := range c.all {
		v.forgetIdle(since)
	}
}

// gather returns weir's own families for requests with a selection.
func (c *Cache) gather(s Selection) []*dto.MetricFamily {
	if c.source.Self == nil {
		return nil
	}
	all := c.source.Self()
	if s != nil || c.source.IsHidden == nil {
		return all
	}
	isHidden := func(f *dto.MetricFamily) bool { return c.source.IsHidden(f.GetName()) }
	return slices.DeleteFunc(slices.Clone(all), isHidden)
}
