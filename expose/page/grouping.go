package page

import (
	"weir/aggregate"
	"weir/expose/format"
)

// grouping decides which series of large families get pages of their own.
//
// A page is rendered again when one of its values changes, so a few series that change often, spread over a
// large family, would have all of it rendered again. The grouping counts series that were rendered again
// although they had not changed. When they add up to a whole exposition, the series that changed meanwhile
// move to pages of their own, at the beginning of their family: a regrouping, which costs about one
// exposition. Other series may change later, so each regrouping needs twice the waste of the one before: it
// never costs more than it could save.
//
// Measured with 100,000 counters of which the same 1,000 change, spread over the family: a scrape costs 16 %
// of a full one, like 1,000 neighbours, and not about 100 %. TestBusySeriesShareTheirPages and BenchmarkPages
// hold that.
//
// It belongs to the collection under way.
type grouping struct {
	series  int // on pages of large families
	wasted  int // series that were rendered again although they had not changed, since the last regrouping
	backoff int // regroup after series*(1+backoff) wasted renderings

	scratch []uint8
}

// maxBackoff bounds grouping.backoff.
const maxBackoff = 63

// isDue reports whether the pages should be laid out again so that busy series get pages of their own.
func (g *grouping) isDue() bool { return g.wasted > g.series*(1+g.backoff) }

// busy returns the series that get pages of their own in the next layout: the series on busy pages or, when a
// regrouping is due, the series that changed since the last one. It returns none when they are too many for
// that to gain much.
func (g *grouping) busy(pages []*page) busySeries {
	busy, all, isDue := make(busySeries), 0, g.isDue()
	for _, p := range pages {
		if !p.isLarge {
			continue
		}
		series := p.runs[0].series
		all += len(series)
		for i, s := range series {
			if isDue && p.history.hasChanged(i) || !isDue && p.isBusy {
				busy[s] = true
			}
		}
	}
	if len(busy) > all/2 {
		return nil
	}
	return busy
}

// arranged is called with each new layout.
func (g *grouping) arranged(pages []*page) {
	isDue := g.isDue()
	g.series = 0
	for _, p := range pages {
		if p.isLarge {
			g.series += len(p.runs[0].series)
		}
		if isDue {
			p.history.changed = nil
		}
	}
	if isDue {
		g.wasted, g.backoff = 0, min(1+2*g.backoff, maxBackoff)
	}
}

// note is called when values of a page of a large family have changed, with the new ones. It returns by how
// many bytes the history of the page grew.
func (g *grouping) note(p *page, r *format.Reading) (grown int) {
	h := &p.history
	if h.fingerprints == nil {
		h.fingerprints = r.AppendFingerprints(make([]uint8, 0, len(p.runs[0].series)))
		return len(h.fingerprints)
	}
	if h.changed == nil {
		h.changed = make([]bool, len(h.fingerprints))
	}
	g.scratch = r.AppendFingerprints(g.scratch[:0])
	for i, fingerprint := range g.scratch {
		if fingerprint == h.fingerprints[i] {
			g.wasted++
		} else {
			h.changed[i] = true
		}
	}
	copy(h.fingerprints, g.scratch)
	return 0
}

// history is what a grouping knows of the series of one page.
type history struct {
	fingerprints []uint8 // of the values of each series when they last changed; nil when they are not kept
	changed      []bool  // which series changed since the last regrouping; nil when none has
}

// size returns how many bytes are kept for it.
func (h *history) size() int { return len(h.fingerprints) }

func (h *history) hasChanged(i int) bool { return len(h.changed) > 0 && h.changed[i] }

// busySeries are the series that get pages of their own.
type busySeries map[*aggregate.Series]bool

// split returns the busy ones of a family's series, and the others; both stay in order.
func (b busySeries) split(series []*aggregate.Series) (busy, others []*aggregate.Series) {
	if len(b) == 0 {
		return nil, series
	}
	for i, s := range series {
		switch {
		case b[s]:
			if busy == nil {
				others = append(make([]*aggregate.Series, 0, len(series)), series[:i]...)
			}
			busy = append(busy, s)
		case busy != nil:
			others = append(others, s)
		}
	}
	if busy == nil {
		others = series
	}
	return busy, others
}
