package expose

import "weir/expose/guard"

// Stats are the counts of a server.
type Stats struct {
	// Responses counts the responses by status code, those to malformed requests included. One that was cut
	// later is counted with the code it began with.
	Responses map[int]uint64
	// InFlight is how many requests are being answered, until the last byte of the body is written.
	InFlight int64
	// Aborted is how many expositions were cut before their end: the client left or took too long, Close ran
	// out of patience, or a bug was met.
	Aborted uint64
	// Refused is how many connections were turned away because there were too many, of all or of one client.
	Refused uint64
	// CacheHits counts the scrapes that shared a rendition, CacheMisses those that began one.
	CacheHits, CacheMisses uint64
	// CacheBytes is how much is kept for other scrapes.
	CacheBytes int64
	// Late counts the scrapes that did not wait any longer for their rendition.
	Late uint64
	// Panics are bugs met while answering.
	Panics uint64
	// Guard has the counts of authentication and TLS.
	Guard guard.Stats
}

// Stats returns the counts now. It may be called from any goroutine.
func (s *Server) Stats() Stats {
	stats := Stats{
		Responses: make(map[int]uint64), InFlight: s.inFlight.Load(), Aborted: s.aborted.Load(),
		Refused: uint64(s.http.GetRejectedConnectionsCount()) + s.open.crowded(), Panics: s.panics.Load(),
		Guard:     s.guard.Stats(),
		CacheHits: s.cache.hits.Load(), CacheMisses: s.cache.misses.Load(), CacheBytes: s.cache.bytes.Load(),
		Late: s.cache.late.Load(),
	}
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
