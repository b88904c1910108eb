package expose

import (
	"bytes"
	"io"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/rs/zerolog"

	"weir/aggregate"
)

// Format is a content type of the exposition.
type Format = format

// The formats.
const (
	FormatText     = formatText
	FormatText1    = formatText1
	FormatOpen001  = formatOpen001
	FormatOpen     = formatOpen
	FormatProtobuf = formatProtobuf
)

// Negotiate returns the content type for the Accept lines of a header.
func Negotiate(lines ...[]byte) string { return negotiate(lines).contentType() }

// ContentType returns the content type without a wish for an escaping.
func ContentType(f Format) string { return media{format: f}.contentType() }

// ContentTypeOf returns the content type of the exposition.
func (r *Renderer) ContentTypeOf() string { return media{r.Format, r.Escaping}.contentType() }

// The escapings.
const (
	EscapeUnderscores = escapeUnderscores
	EscapeNothing     = escapeNothing
	EscapeDots        = escapeDots
	EscapeValues      = escapeValues
)

// Escape returns a name as it is under e; a label has no ':'.
func (e escaping) Escape(name string, isLabel bool) string {
	if isLabel {
		return string(e.appendLabelName(nil, name))
	}
	return string(e.escape(nil, name, ":"))
}

// Render returns the exposition of a registry.
func Render(registry *aggregate.Registry) []byte {
	var b bytes.Buffer
	NewRenderer().RenderTo(&b, registry)
	return b.Bytes()
}

// Renderer renders expositions without HTTP; its pools and its cache live as long as it does.
type Renderer struct {
	Gzip     bool
	Format   Format
	Escaping escaping
	Own      []*dto.MetricFamily
	Options  Options

	Gathering func() // called when an exposition is collected

	server *Server
}

// NewRenderer returns a Renderer of plain text without a cache.
func NewRenderer() *Renderer {
	r := &Renderer{Options: DefaultOptions()}
	r.Options.Cache.Enabled = false
	return r
}

// Gather implements prometheus.Gatherer.
func (r *Renderer) Gather() ([]*dto.MetricFamily, error) {
	if r.Gathering != nil {
		r.Gathering()
	}
	return r.Own, nil
}

// RenderTo writes the exposition of a registry and returns its size before compression.
func (r *Renderer) RenderTo(w io.Writer, registry *aggregate.Registry) (size int) {
	if r.server == nil {
		r.server = NewServer(r.Options, registry, r, Observers{}, zerolog.Nop())
	}
	s, now := r.server, time.Now()
	if s.registry != registry {
		s.registry = registry
	}
	v := s.cache.variant(r.Format.body(), r.Escaping, r.Gzip)
	d, _, err := s.await(v, s.collect(v, now), now.Add(longest))
	if err != nil {
		panic(err)
	}
	x := &exposition{server: s, variant: v, rendition: d, deadline: now.Add(longest)}
	if _, err := x.WriteTo(w); err != nil {
		panic(err)
	}
	return x.written
}

// Stats returns the counts of the server.
func (r *Renderer) Stats() Stats { return r.server.Stats() }

// Unfinished writes a rendition to w that has so many pieces, goes on when more is closed, and is whole
// when the channel end is. Until limit has passed, a response waits for it.
func Unfinished(w io.Writer, pieces []string, more, end <-chan struct{}, limit time.Duration) error {
	o := DefaultOptions()
	s := NewServer(o, nil, nil, Observers{}, zerolog.Nop())
	d := newRendition(time.Now())
	go func() { // ends with end
		d.publish([]piece{{bytes: []byte(pieces[0])}}, rendering)
		<-more
		for _, p := range pieces[1:] {
			d.publish([]piece{{bytes: []byte(p)}}, rendering)
		}
		<-end
		d.publish(nil, whole)
	}()
	x := &exposition{server: s, rendition: d, deadline: time.Now().Add(limit)}
	_, err := x.WriteTo(w)
	return err
}

// Within returns how long a scrape may wait, and take in all.
func (t *Timeouts) Within(header string) (wait, limit time.Duration) { return t.within([]byte(header)) }

// SetReadTimeout sets how long a request may take to come. It must be called before Serve.
func (s *Server) SetReadTimeout(timeout time.Duration) { s.http.ReadTimeout = timeout }

// SetMaxConnections sets how many connections there may be. It must be called before Serve.
func (s *Server) SetMaxConnections(n int) { s.http.Concurrency = n }

// MaxPerClient is maxPerClient.
const MaxPerClient = maxPerClient

// What tests call directly.
var (
	AppendValue = appendValue
	JoinCRC     = joinCRC
)

// RetryAfter is retryAfter.
func (r *RateLimiting) RetryAfter() int { return r.retryAfter() }

// WarnOfProfiles is warnOfProfiles, as Listen calls it.
func (s *Server) WarnOfProfiles() error {
	err := s.guard.Load()
	s.warnOfProfiles()
	return err
}

// Layout returns what differs between layouts of pages.
func (r *Renderer) Layout() any {
	return r.server.cache.variant(r.Format.body(), r.Escaping, r.Gzip).pages[0]
}

// Kept returns what is kept of each page.
func (r *Renderer) Kept() (pages []any) {
	for _, p := range r.server.cache.variant(r.Format.body(), r.Escaping, r.Gzip).pages {
		pages = append(pages, p.kept)
	}
	return pages
}
