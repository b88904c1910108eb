package expose

import (
	"errors"
	"net"
	"time"

	"github.com/valyala/fasthttp"
)

// Within returns how long a scrape may wait, and take in all.
func (t *Timeouts) Within(header string) (wait, limit time.Duration) { return t.within([]byte(header)) }

// SetReadTimeout sets how long a request may take to come. It must be called before Serve.
func (s *Server) SetReadTimeout(timeout time.Duration) { s.http.ReadTimeout = timeout }

// SetMaxConnections sets how many connections there may be. It must be called before Serve.
func (s *Server) SetMaxConnections(n int) { s.open.limit(n) }

// MaxPerClient returns how many connections one client may have, and how many of them are answered at a time.
func (s *Server) MaxPerClient() (open, answered int) {
	return s.open.limitsOfClient.open, s.open.limitsOfClient.answered
}

// MaxAnswers returns how many connections of all clients are answered at a time.
func (s *Server) MaxAnswers() int { return s.open.limits.answered }

// Stalled returns how many clients do not read their answer.
func (s *Server) Stalled() (n int) {
	s.open.mu.Lock()
	defer s.open.mu.Unlock()
	for c := range s.open.open {
		if _, ok := c.spare(time.Now()); ok && c.stage == stageAnswer {
			n++
		}
	}
	return n
}

// Idle returns on how many connections no request is being answered, after one was.
func (s *Server) Idle() (n int) {
	s.open.mu.Lock()
	defer s.open.mu.Unlock()
	for c := range s.open.open {
		if c.stage == stageIdle && !c.isCut {
			n++
		}
	}
	return n
}

// AcceptAfter accepts a connection after an error of the listener, and closes it.
func (s *Server) AcceptAfter(err error) error {
	here, there := net.Pipe()
	_ = there.Close()
	errs := []error{err, nil}
	next := func() (net.Conn, error) {
		err := errs[0]
		errs = errs[1:]
		return here, err
	}
	c, err := (&listener{Listener: fakeListener{accept: next}, open: s.open, log: s.crowdLog}).Accept()
	if err == nil {
		s.open.track(c, fasthttp.StateClosed)
	}
	return errors.Join(err, here.Close())
}

type fakeListener struct {
	net.Listener
	accept func() (net.Conn, error)
}

// Accept implements net.Listener.
func (l fakeListener) Accept() (net.Conn, error) { return l.accept() }

// RetryAfter is retryAfter.
func (r *RateLimiting) RetryAfter() int { return r.retryAfter() }

// WarnOfProfiles warns as Listen does.
func (s *Server) WarnOfProfiles() error {
	err := s.Reload()
	s.profiles.warn(s.options.Endpoint.Listen, s.gate)
	return err
}
