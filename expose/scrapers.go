package expose

import (
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/valyala/fasthttp"

	"weir/expose/format"
	"weir/expose/status/wire"
)

const (
	// maxScrapers is how many scrapers are remembered: the one that has not come for longest gives its
	// place to a new one.
	maxScrapers = 64

	// maxAgentBytes is how much of the name of a client's program is remembered.
	maxAgentBytes = 128
)

// Scraper is who took the exposition: a client with its credentials, its format and its encoding.
type Scraper struct {
	// Peer is the address, Name that of its token or user; empty without authentication.
	Peer netip.Addr
	Name string
	// UserAgent is what the client says of its program, at most 128 bytes of it. It may have any bytes.
	UserAgent string
	// Format is "text", "openmetrics" or "protobuf".
	Format string
	IsGzip bool

	// Scrapes is how many there were, Late how many got the previous exposition, or none, because collecting
	// took too long, and Aborted how many were cut.
	Scrapes, Late, Aborted uint64
	// Last is when the last scrape ended, Interval the time since the one before; 0 before the second.
	Last     time.Time
	Interval time.Duration
	// Duration is how long the last scrape took, SizeBytes how large its exposition was, and BodyBytes how
	// large it was as it was sent.
	Duration             time.Duration
	SizeBytes, BodyBytes int64
	// Pages is how many pages the exposition had, PagesReused how many of them were not rendered again.
	Pages, PagesReused int
}

// scraper is what tells one scraper from others.
type scraper struct {
	peer     netip.Addr
	name     string
	encoding format.Encoding
	isGzip   bool

	agent string // of the last scrape; no part of the key
}

// scraperOf returns who sends a request.
func scraperOf(ctx *fasthttp.RequestCtx, e format.Encoding, isGzip bool) scraper {
	name, _ := ctx.UserValue(callerName).(string)
	agent := ctx.UserAgent()
	return scraper{
		peer: peerOf(ctx.RemoteAddr()), name: name, encoding: e, isGzip: isGzip,
		agent: string(agent[:min(len(agent), maxAgentBytes)]),
	}
}

// peerOf returns the address of a client.
func peerOf(a net.Addr) netip.Addr {
	if tcp, ok := a.(*net.TCPAddr); ok {
		return tcp.AddrPort().Addr().Unmap()
	}
	return netip.Addr{}
}

// scrape is one scrape that has ended.
type scrape struct {
	at                time.Time
	took              time.Duration
	size, written     int64
	pages, reused     int
	isLate, isAborted bool
}

// scrapers remember who took the exposition.
type scrapers struct {
	mu  sync.Mutex
	all map[scraper]*Scraper // by what tells them apart; guarded by mu
}

// note notes a scrape.
func (s *scrapers) note(by scraper, x scrape) {
	s.mu.Lock()
	defer s.mu.Unlock()
	agent := by.agent
	by.agent = ""
	known := s.all[by]
	if known == nil {
		known = s.addLocked(by)
	}
	known.UserAgent = agent
	if !known.Last.IsZero() {
		known.Interval = x.at.Sub(known.Last)
	}
	known.Scrapes++
	known.Last, known.Duration = x.at, x.took
	known.SizeBytes, known.BodyBytes, known.Pages, known.PagesReused = x.size, x.written, x.pages, x.reused
	if x.isLate {
		known.Late++
	}
	if x.isAborted {
		known.Aborted++
	}
}

// addLocked adds a scraper, in the place of another when there are too many.
func (s *scrapers) addLocked(by scraper) *Scraper {
	if s.all == nil {
		s.all = make(map[scraper]*Scraper)
	}
	if len(s.all) >= maxScrapers {
		var oldest scraper
		for key, known := range s.all {
			if other := s.all[oldest]; other == nil || known.Last.Before(other.Last) {
				oldest = key
			}
		}
		delete(s.all, oldest)
	}
	added := &Scraper{
		Peer: by.peer, Name: by.name, IsGzip: by.isGzip,
		Format: wire.Formats[by.encoding],
	}
	s.all[by] = added
	return added
}

// list returns the scrapers, the one that came last first.
func (s *scrapers) list() []Scraper {
	s.mu.Lock()
	list := make([]Scraper, 0, len(s.all))
	for _, known := range s.all {
		list = append(list, *known)
	}
	s.mu.Unlock()
	slices.SortFunc(list, func(a, b Scraper) int {
		if order := b.Last.Compare(a.Last); order != 0 {
			return order
		}
		return strings.Compare(a.Format, b.Format)
	})
	return list
}
