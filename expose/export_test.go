package expose

import (
	"bytes"
	"io"
	"time"

	dto "github.com/prometheus/client_model/go"

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

// Render returns the exposition of a registry.
func Render(registry *aggregate.Registry) []byte {
	var b bytes.Buffer
	NewRenderer().RenderTo(&b, registry)
	return b.Bytes()
}

// Renderer renders expositions without HTTP; its pools live as long as it does.
type Renderer struct {
	Gzip    bool
	Format  Format
	Created bool
	Own     []*dto.MetricFamily
	server  Server
}

// NewRenderer returns a Renderer of plain text.
func NewRenderer() *Renderer {
	return &Renderer{server: Server{gzips: gzipPool{level: DefaultOptions().Compression.Level}}}
}

// RenderTo writes the exposition of a registry and returns its size before compression.
func (r *Renderer) RenderTo(w io.Writer, registry *aggregate.Registry) (size int) {
	x := &exposition{server: &r.server, block: r.server.blocks.get(), gzip: r.Gzip}
	defer x.Close()
	x.rendering = newRendering(r.Format.body(), r.Created, registry.Snapshot().Families, r.Own)
	x.next()
	if err := x.renderTo(w); err != nil {
		panic(err)
	}
	return x.size
}

// SetReadTimeout sets how long a request may take to come. It must be called before Serve.
func (s *Server) SetReadTimeout(timeout time.Duration) { s.http.ReadTimeout = timeout }

// SetMaxConnections sets how many connections there may be. It must be called before Serve.
func (s *Server) SetMaxConnections(n int) { s.http.Concurrency = n }

// What tests call directly.
var (
	AppendValue = appendValue
	ListenError = listenError
)

// RetryAfter is retryAfter.
func (r *RateLimiting) RetryAfter() int { return r.retryAfter() }
