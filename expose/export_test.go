package expose

import "time"

// Within returns how long a scrape may wait, and take in all.
func (t *Timeouts) Within(header string) (wait, limit time.Duration) { return t.within([]byte(header)) }

// SetReadTimeout sets how long a request may take to come. It must be called before Serve.
func (s *Server) SetReadTimeout(timeout time.Duration) { s.http.ReadTimeout = timeout }

// SetMaxConnections sets how many connections there may be. It must be called before Serve.
func (s *Server) SetMaxConnections(n int) { s.http.Concurrency = n }

// MaxPerClient is maxPerClient.
const MaxPerClient = maxPerClient

// RetryAfter is retryAfter.
func (r *RateLimiting) RetryAfter() int { return r.retryAfter() }

// WarnOfProfiles warns as Listen does.
func (s *Server) WarnOfProfiles() error {
	err := s.Reload()
	s.profiles.warn(s.options.Endpoint.Listen, s.gate)
	return err
}
