package status

import (
	"strings"
	"time"

	"weir/expose"
	"weir/expose/status/wire"
)

// Scrapers returns who took the exposition, the one that came last first.
func Scrapers(all []expose.Scraper) wire.Scrapers {
	answer := wire.Scrapers{Scrapers: []wire.Scraper{}, Pushes: []wire.Push{}}
	for i := range all {
		answer.Scrapers = append(answer.Scrapers, scraperOf(&all[i]))
	}
	return answer
}

func scraperOf(s *expose.Scraper) wire.Scraper {
	x := wire.Scraper{
		Peer: s.Peer.String(), Name: s.Name, Format: s.Format, Encoding: "identity",
		Scrapes: s.Scrapes, LastAt: seconds(s.Last), DurationSeconds: s.Duration.Seconds(),
		Bytes: s.SizeBytes, BodyBytes: s.BodyBytes, Pages: s.Pages, PagesReused: s.PagesReused,
		Late: s.Late, Aborted: s.Aborted,
	}
	x.UserAgent, _ = wire.Text(s.UserAgent)
	if s.IsGzip {
		x.Encoding = "gzip"
	}
	if s.Interval > 0 {
		x.IntervalSeconds = new(s.Interval.Seconds())
	}
	return x
}

// lastScrape returns the scrape that ended last; nil before the first.
func lastScrape(all []expose.Scraper) *wire.LastScrape {
	if len(all) == 0 {
		return nil
	}
	return &wire.LastScrape{At: seconds(all[0].Last), Peer: all[0].Peer.String(), Format: all[0].Format}
}

// recentScrape is how old a scrape may be that says what scrapes cost now.
const recentScrape = 10 * time.Minute

// scraping returns how long the last scrape of a scraper took on average, and which part of their pages was
// not rendered again; nil while no scraper has come lately. Aborted scrapes do not count.
func scraping(all []expose.Scraper, now time.Time) (took, reused *float64) {
	var n, pages, kept int
	var sum time.Duration
	for i := range all {
		s := &all[i]
		if now.Sub(s.Last) > recentScrape || s.Scrapes == s.Aborted {
			continue
		}
		n++
		sum += s.Duration
		pages += s.Pages
		kept += s.PagesReused
	}
	if n > 0 {
		took = new(sum.Seconds() / float64(n))
	}
	if pages > 0 {
		reused = new(float64(kept) / float64(pages))
	}
	return took, reused
}

// lateNotes are about scrapers that got no exposition of their time, as far as they came lately.
func lateNotes(all []expose.Scraper, now time.Time) (notes []wire.Note) {
	late, peers := uint64(0), []string(nil)
	for i := range all {
		if s := &all[i]; s.Late > 0 && now.Sub(s.Last) <= recentScrape {
			late += s.Late
			peers = append(peers, s.Peer.String())
		}
	}
	if late == 0 {
		return nil
	}
	return []wire.Note{{
		Level: wire.LevelLook, Kind: "late_scrapes", Title: "late scrapes", Section: "scrapers",
		Text: thousands(float64(late)) + " scrapes by " + strings.Join(peers, ", ") +
			" got the previous exposition, or none, because collecting took too long.",
		Fix:     "Give weir more CPU, fewer series, or a larger timeouts.collection_timeout.",
		FixKind: "text",
	}}
}
