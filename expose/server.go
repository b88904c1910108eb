package expose

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	"github.com/valyala/fasthttp"

	"weir/aggregate"
	"weir/expose/status"
	"weir/internal/listen"
)

// Limits of what a client costs. A scraper needs one connection and a header of a few hundred bytes.
const (
	maxConnections = 512 // the reserve of descriptors in ingest counts on it
	minConnections = 16
	maxHeaderBytes = 8 << 10
	maxURLBytes    = 2 << 10
	maxBodyBytes   = 1               // requests have none, except a few: see statusRoutes.requestConfig
	readTimeout    = 5 * time.Second // of a TLS handshake, and of a whole request
	idleTimeout    = 2 * time.Minute // longer than scrape intervals, so that a scraper keeps its connection
)

// Observers observe every GET of the exposition that was answered whole. Each may be nil.
type Observers struct {
	// Duration observes how long the scrape took, in seconds, from the request until the connection had taken
	// the whole body.
	Duration prometheus.Observer
	// SizeBytes observes how large the exposition was, in bytes before compression.
	SizeBytes prometheus.Observer
}

// logInterval is the least time between two log lines of one kind that requests cause.
const logInterval = time.Minute

// Server serves the exposition of a registry, with weir's own families in it.
type Server struct {
	options   Options
	log       zerolog.Logger
	http      fasthttp.Server
	open      *connections
	crowdLog  *crowdLog
	gate      *gate
	lifecycle lifecycle
	profiles  profiles
	scrapes   *scrapes
	status    *statusRoutes
	front     *front
	counts    *counts
	ready     atomic.Bool

	mu       sync.Mutex
	listener net.Listener // guarded by mu
}

// NewServer returns a server that does not listen yet. The options must be valid.
func NewServer(o Options, registry *aggregate.Registry, self prometheus.Gatherer, observers Observers,
	log zerolog.Logger,
) *Server {
	s := &Server{
		options: o, log: log, open: newConnections(maxOpen()), crowdLog: newCrowdLog(log),
		counts: newCounts(log),
	}
	s.gate = newGate(&s.options, s.scopeOf, log)
	s.lifecycle.isOpen, s.profiles.isOpen = o.Endpoint.Lifecycle, o.Endpoint.Pprof
	s.status = newStatusRoutes(&s.options, s.gate.guard, s.open, s.counts)
	s.front = newFront(s.status)
	s.scrapes = newScrapes(&s.options, registry, self, observers, s.counts, s.open)
	s.http = fasthttp.Server{
		Handler:                      s.handle,
		ErrorHandler:                 s.refuse,
		ExpectHandler:                s.refuseExpected,
		HeaderReceived:               s.status.requestConfig,
		ConnState:                    s.open.track,
		Logger:                       httpLog{log},
		Concurrency:                  4 * maxConnections, // s.open is stricter
		ReadBufferSize:               maxHeaderBytes,
		MaxRequestBodySize:           maxBodyBytes,
		ReadTimeout:                  readTimeout,
		WriteTimeout:                 o.Timeouts.ScrapeTimeout, // one deadline for the whole response
		IdleTimeout:                  idleTimeout,
		CloseOnShutdown:              true,
		NoDefaultServerHeader:        true,
		SecureErrorLogMessage:        true,
		DisablePreParseMultipartForm: true,
	}
	return s
}

// Listen reads the files that the options name and binds the address. The error has every mistake in the
// files, or names the address and says what to do.
func (s *Server) Listen() error {
	if err := s.Reload(); err != nil {
		return err
	}
	ln, err := net.Listen("tcp", s.options.Endpoint.Listen)
	if err != nil {
		return listen.NewError("http", s.options.Endpoint.Listen, "endpoint.listen", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.listener = ln
	s.profiles.warn(s.options.Endpoint.Listen, s.gate)
	return nil
}

// Addr returns the address that was bound, nil before Listen.
func (s *Server) Addr() net.Addr {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener == nil {
		return nil
	}
	return s.listener.Addr()
}

// Protects reports whether a client needs credentials, or a certificate that is verified. Call it after
// Listen.
func (s *Server) Protects() bool { return s.gate.guard.Protects() }

// HasTLS reports whether the endpoint speaks TLS. Call it after Listen.
func (s *Server) HasTLS() bool { return s.gate.guard.HasTLS() }

// Serve answers requests until Close; then it returns nil. Listen must have been called.
func (s *Server) Serve() error {
	s.mu.Lock()
	ln := s.listener
	s.mu.Unlock()
	return s.http.Serve(s.gate.guard.Listener(&listener{
		Listener: ln, open: s.open, isPlain: !s.gate.guard.HasTLS(), log: s.crowdLog,
	}))
}

// Reload reads the files that the options name again: tokens, keys, users, headers and certificates. The
// error has every mistake in them, and then nothing has changed. It may be called from any goroutine, after
// Listen.
func (s *Server) Reload() error { return s.gate.guard.Load() }

// SetLifecycle says what /-/reload and /-/quit do. It must be called before Serve.
func (s *Server) SetLifecycle(l Lifecycle) { s.lifecycle.Lifecycle = l }

// SetStatus says who answers below /api/v1/, and opens the page at "/". It must be called before Serve.
func (s *Server) SetStatus(api *status.API) { s.status.api = api }

// StatusAccess says who may use the API: off, credentials, loopback or all. Call it after Listen.
func (s *Server) StatusAccess() string {
	if s.status.access != status.AccessOff && s.Protects() {
		return "credentials"
	}
	return string(s.status.access)
}

// IsReady reports what SetReady said last.
func (s *Server) IsReady() bool { return s.ready.Load() }

// SetReady says whether /-/ready answers 200 or 503.
func (s *Server) SetReady(ready bool) { s.ready.Store(ready) }

// Stats returns the counts now. It may be called from any goroutine.
func (s *Server) Stats() Stats {
	cache, open := s.scrapes.cache.Stats(), s.open.statsNow()
	return Stats{
		Responses: s.counts.byStatus(), InFlight: s.counts.inFlight.Load(),
		Aborted: s.counts.aborted.Load(), Panics: s.counts.panics.Load(),
		Refused: open.refused, Evicted: open.evicted,
		CacheHits: cache.Hits, CacheMisses: cache.Misses, CacheBytes: cache.Bytes, Late: cache.Late,
		Collections: cache.Collections, Guard: s.gate.guard.Stats(),
	}
}

// Scrapers returns who took the exposition, the one that came last first: at most 64. HEAD does not count.
func (s *Server) Scrapers() []Scraper { return s.scrapes.scrapers.list() }

// drain waits for the responses under way until ctx is done. fasthttp alone would look only every 100 ms
// whether its connections have ended.
func (s *Server) drain(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	drained := make(chan struct{})
	defer func() { <-drained }()
	defer cancel(nil)
	go func() { // ends with ctx; drain waits for it
		defer close(drained)
		select {
		case <-s.open.gone:
			cancel(errDrained)
		case <-ctx.Done():
		}
	}()
	s.open.quit()
	err := s.http.ShutdownWithContext(ctx)
	if errors.Is(context.Cause(ctx), errDrained) {
		return nil
	}
	return err
}

var errDrained = errors.New("every connection has ended")

// cutGrace is how long Close waits for responses to notice that their connections were cut.
const cutGrace = time.Second

// Close stops listening and waits for the responses under way until ctx is done; then it cuts their
// connections, and returns an error that says how many. It is safe twice.
func (s *Server) Close(ctx context.Context) error {
	s.mu.Lock()
	if s.listener != nil {
		_ = s.listener.Close() // closed already the second time, or by fasthttp
	}
	s.mu.Unlock()
	err := s.drain(ctx)
	cut := s.open.cut()
	ended := make(chan struct{})
	go func() { // ends when the last collection does
		s.scrapes.cache.Wait()
		<-s.open.gone
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(cutGrace): // a Gatherer that hangs; its collection ends when it does
	}
	if err == nil || errors.Is(err, net.ErrClosed) || cut == 0 {
		return nil // no request was under way on the connections that were cut
	}
	return fmt.Errorf("stop serving http: cut %d unfinished requests: %w", cut, err)
}
