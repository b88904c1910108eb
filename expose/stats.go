package expose

// Stats are the counts of a server.
type Stats struct {
	// Responses counts the responses by status code.
	Responses map[int]uint64
	// InFlight is how many requests are being answered.
	InFlight int64
	// Panics are bugs met while answering.
	Panics uint64
}

// Stats returns the counts now. It may be called from any goroutine.
func (s *Server) Stats() Stats {
	stats := Stats{Responses: make(map[int]uint64), InFlight: s.inFlight.Load(), Panics: s.panics.Load()}
	for code := range s.responses {
		if n := s.responses[code].Load(); n > 0 {
			stats.Responses[code] = n
		}
	}
	return stats
}

func (s *Server) count(code int) {
	if code < maxStatus {
		s.responses[code].Add(1)
	}
}
