package expose

import (
	"bytes"
	"io"
	"time"

	"weir/aggregate"
)

// Render returns the exposition of a registry.
func Render(registry *aggregate.Registry) []byte {
	var b bytes.Buffer
	NewRenderer().RenderTo(&b, registry)
	return b.Bytes()
}

// Renderer renders expositions without HTTP; its pools live as long as it does.
type Renderer struct {
	Gzip   bool
	server Server
}

// NewRenderer returns a Renderer of plain text.
func NewRenderer() *Renderer {
	return &Renderer{server: Server{gzips: gzipPool{level: DefaultOptions().Compression.Level}}}
}

// RenderTo writes the exposition of a registry and returns its size before compression.
func (r *Renderer) RenderTo(w io.Writer, registry *aggregate.Registry) (size int) {
	x := &exposition{server: &r.server, block: r.server.blocks.get(), gzip: r.Gzip}
	defer x.Close()
	x.rendering = rendering{families: registry.Snapshot().Families}
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

// MaxPerClient is maxPerClient.
const MaxPerClient = maxPerClient

// What tests call directly.
var (
	AppendValue = appendValue
	ListenError = listenError
)

// RetryAfter is retryAfter.
func (r *RateLimiting) RetryAfter() int { return r.retryAfter() }
