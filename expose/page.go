package expose

import (
	"slices"
	"strings"

	"weir/aggregate"
)

// pageBytes is about how large a page is as text: what is rendered and compressed anew when one of its values
// changed. Smaller ones are spared more often, but compress worse: lines of counters in pages of 4, 8, 16 and
// 64 KiB become 0.125, 0.109, 0.100 and 0.094 of their size at level 6, at 138 to 201 MB/s on one core.
const pageBytes = 8 << 10

// page is neighbouring series: of a part of a large family, or several whole families that are small.
type page struct {
	runs    []run // not empty; never changed
	isLarge bool  // it is a part of a large family
	isBusy  bool  // of its series that changed often: see busySeries

	// Used by the collection under way.
	kept    *kept  // as last rendered, nil when that is not kept
	changed []bool // which series of a large family changed since they were last grouped; nil while none has
}

// run is neighbouring series of one family.
type run struct {
	family family
	series []*aggregate.Series
	first  bool // the family begins here
}

// kept is a rendered page.
type kept struct {
	fold  uint64 // of the values
	piece piece
}

// start is where a page begins, and what pages are in order of: in a family, busy ones come first.
type start struct {
	name   string
	isBusy bool
	labels string
}

func (p *page) start() start {
	return start{p.runs[0].family.Name(), p.isBusy, p.runs[0].series[0].Labels().Text()}
}

func (s *start) compare(other *start) int {
	if order := strings.Compare(s.name, other.name); order != 0 {
		return order
	}
	if s.isBusy != other.isBusy {
		if s.isBusy {
			return -1
		}
		return 1
	}
	return strings.Compare(s.labels, other.labels)
}

// continues reports whether p is a further page of the family of a page.
func (p *page) continues(before *page) bool {
	r := &p.runs[0]
	return !r.first && r.family.Family == before.runs[0].family.Family
}

// same reports whether two pages show the same series in the same way.
func (p *page) same(q *page) bool {
	return slices.EqualFunc(p.runs, q.runs, func(a, b run) bool {
		return a.family == b.family && a.first == b.first && slices.Equal(a.series, b.series)
	})
}

// cutter cuts families into pages. Where pages began before, they begin again unless that makes too small or
// too large ones: a series that is born or expires changes its page and, now and then, its neighbours.
type cutter struct {
	old, pages []*page
	busy       map[*aggregate.Series]bool
	regroups   bool
	runs       []run // of the page that is being filled with small families
	weight     int   // of them, in bytes
}

// cutPages returns the pages of all families in n but those whose name one of weir's own has: never two
// families of one name. What old pages keep goes over to those that are the same.
//
// When it regroups, series of large families that changed and those that did not get pages apart: a few that
// change often then cost what few cost, wherever in the family they are.
func cutPages(old []*page, n *names, e escaping, regroups bool) []*page {
	c := cutter{old: old, busy: busySeries(old, regroups), regroups: regroups}
	c.pages = make([]*page, 0, len(old)+1)
	for i := range n.families {
		f := &n.families[i]
		if n.hasOwn(f.Name()) {
			continue
		}
		c.add(n.family(f.Family, e), f.Series)
	}
	c.close()
	return c.pages
}

// busySeries returns the series of large families that get pages of their own: those that have them, or when
// it regroups those that changed since it last did. There are none when they are too many for that to gain
// much.
func busySeries(old []*page, regroups bool) map[*aggregate.Series]bool {
	busy, all := make(map[*aggregate.Series]bool), 0
	for _, p := range old {
		if !p.isLarge {
			continue
		}
		series := p.runs[0].series
		all += len(series)
		for i, s := range series {
			if regroups && p.changed != nil && p.changed[i] || !regroups && p.isBusy {
				busy[s] = true
			}
		}
	}
	if len(busy) > all/2 {
		return nil
	}
	return busy
}

func (c *cutter) add(f family, series []*aggregate.Series) {
	each := weightOf(&f, series[0])
	weight := len(series)*each + len(f.Help()) + 2*len(f.Name())
	if weight > 2*pageBytes {
		c.close()
		size := max(1, pageBytes/each)
		busy, others := c.split(series)
		c.addLarge(f, busy, size, true, true)
		c.addLarge(f, others, size, false, len(busy) == 0)
		return
	}
	if c.weight+weight > 2*pageBytes || c.weight >= pageBytes/2 && c.began(f.Name(), series[0].Labels().Text()) {
		c.close()
	}
	c.runs = append(c.runs, run{f, series, true})
	c.weight += weight
}

// close ends the page of small families, if there is one.
func (c *cutter) close() {
	if len(c.runs) > 0 {
		c.put(&page{runs: c.runs})
		c.runs, c.weight = nil, 0
	}
}

// split returns the series that get pages of their own, and the others; both stay in order.
func (c *cutter) split(series []*aggregate.Series) (busy, others []*aggregate.Series) {
	if len(c.busy) == 0 {
		return nil, series
	}
	for i, s := range series {
		switch {
		case c.busy[s]:
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

// addLarge cuts series of one family, of which some are written already unless first is set, into pages of
// about so many series.
func (c *cutter) addLarge(f family, series []*aggregate.Series, size int, isBusy, first bool) {
	for ; len(series) > 0; first = false {
		n := min(size, len(series))
		for i := c.search(start{f.Name(), isBusy, series[0].Labels().Text()}); i < len(c.old); i++ {
			next := c.old[i].start()
			if next.name != f.Name() || next.isBusy != isBusy {
				break
			}
			end, _ := slices.BinarySearchFunc(series, next.labels,
				func(s *aggregate.Series, labels string) int { return strings.Compare(s.Labels().Text(), labels) })
			if end > 2*size {
				break
			}
			if end >= max(1, size/2) {
				n = end
				break
			}
		}
		c.put(&page{runs: []run{{f, series[:n], first}}, isLarge: true, isBusy: isBusy})
		series = series[n:]
	}
}

// put adds a page, with what is kept of it.
func (c *cutter) put(p *page) {
	if i := c.search(p.start()); i < len(c.old) && c.old[i].same(p) {
		p.kept = c.old[i].kept
		if !c.regroups {
			p.changed = c.old[i].changed
		}
	}
	c.pages = append(c.pages, p)
}

// search returns the index of the first old page that does not begin before a series.
func (c *cutter) search(from start) int {
	i, _ := slices.BinarySearchFunc(c.old, &from, func(p *page, from *start) int {
		begins := p.start()
		return begins.compare(from)
	})
	return i
}

// began reports whether an old page began with a series.
func (c *cutter) began(name, labels string) bool {
	from := start{name: name, labels: labels}
	i := c.search(from)
	return i < len(c.old) && c.old[i].start() == from
}

// weightOf estimates how large the series of a family are as text, from one of them.
func weightOf(f *family, s *aggregate.Series) int {
	const value = 16 // and suffixes, braces, newline
	lines := 1
	switch f.Type() {
	case aggregate.TypeHistogram:
		lines = len(f.Bounds()) + 3
		if f.HasNative() {
			lines++
		}
	case aggregate.TypeSummary:
		lines = len(f.Quantiles()) + 2
	default:
	}
	return lines * (len(f.Name()) + len(s.Labels().Text()) + value)
}
