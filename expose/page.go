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
	runs []run // not empty; never changed

	kept *kept // as last rendered, nil when that is not kept; used by the collection under way
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

func (p *page) start() (name, labels string) {
	return p.runs[0].family.Name(), p.runs[0].series[0].Labels()
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
	runs       []run // of the page that is being filled with small families
	weight     int   // of them, in bytes
}

// cutPages returns the pages of all families in n but those whose name one of weir's own has: never two
// families of one name. What old pages keep goes over to those that are the same.
func cutPages(old []*page, n *names, e escaping) []*page {
	c := cutter{old: old, pages: make([]*page, 0, len(old)+1)}
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

func (c *cutter) add(f family, series []*aggregate.Series) {
	each := weightOf(&f, series[0])
	weight := len(series)*each + len(f.Help()) + 2*len(f.Name())
	if weight > 2*pageBytes {
		c.close()
		c.addLarge(f, series, max(1, pageBytes/each))
		return
	}
	if c.weight+weight > 2*pageBytes || c.weight >= pageBytes/2 && c.began(f.Name(), series[0].Labels()) {
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

// addLarge cuts one family into pages of about so many series.
func (c *cutter) addLarge(f family, series []*aggregate.Series, size int) {
	for first := true; len(series) > 0; first = false {
		n := min(size, len(series))
		for i := c.search(f.Name(), series[0].Labels()); i < len(c.old); i++ {
			name, labels := c.old[i].start()
			if name != f.Name() {
				break
			}
			end, _ := slices.BinarySearchFunc(series, labels,
				func(s *aggregate.Series, labels string) int { return strings.Compare(s.Labels(), labels) })
			if end > 2*size {
				break
			}
			if end >= max(1, size/2) {
				n = end
				break
			}
		}
		c.put(&page{runs: []run{{f, series[:n], first}}})
		series = series[n:]
	}
}

// put adds a page, with what is kept of it.
func (c *cutter) put(p *page) {
	if i := c.search(p.start()); i < len(c.old) && c.old[i].same(p) {
		p.kept = c.old[i].kept
	}
	c.pages = append(c.pages, p)
}

// search returns the index of the first old page that does not begin before a series.
func (c *cutter) search(name, labels string) int {
	i, _ := slices.BinarySearchFunc(c.old, name, func(p *page, name string) int {
		n, l := p.start()
		if order := strings.Compare(n, name); order != 0 {
			return order
		}
		return strings.Compare(l, labels)
	})
	return i
}

// began reports whether an old page began with a series.
func (c *cutter) began(name, labels string) bool {
	i := c.search(name, labels)
	if i == len(c.old) {
		return false
	}
	n, l := c.old[i].start()
	return n == name && l == labels
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
	return lines * (len(f.Name()) + len(s.Labels()) + value)
}
