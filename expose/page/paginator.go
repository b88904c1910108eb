package page

import (
	"slices"
	"sort"

	"weir/aggregate"
	"weir/aggregate/label"
	"weir/expose/format"
)

// paginator cuts families into pages. Where a page began before, one begins again unless that makes too small
// or too large ones: a series that is created or expires changes its page and, now and then, its neighbours.
type paginator struct {
	old  []*page
	busy busySeries // they get pages of their own

	pages  []*page
	weight int // of pages, in bytes
	found  int // in old, by the last search

	runs       []run // of the page that is being filled with small families
	runsWeight int
}

// paginate returns the pages of the families in n, and how large they are as text, about. A family is left
// out when one of weir's own has its name: an exposition never has two families of one name. New pages that
// equal an old one keep its values and its rendered bytes.
func (p *paginator) paginate(n *format.Names) (pages []*page, weight int) {
	p.pages = make([]*page, 0, len(p.old)+1)
	for i := range n.Families {
		f := &n.Families[i]
		if n.HasSelf(f.Name()) {
			continue
		}
		p.add(n.At(i), f.Series)
	}
	p.close()
	return p.pages, p.weight
}

func (p *paginator) add(f format.Family, series []*aggregate.Series) {
	each := seriesWeight(f.Family, series[0])
	weight := len(series)*each + headerWeight(f.Name(), f.Help())
	p.weight += weight
	if weight > 2*pageBytes {
		p.close()
		size := max(1, pageBytes/each)
		busy, others := p.busy.split(series)
		p.addLarge(f, busy, size, pageKind{isBusy: true, isFirst: true})
		p.addLarge(f, others, size, pageKind{isFirst: len(busy) == 0})
		return
	}
	isFull := p.runsWeight+weight > 2*pageBytes
	if isFull || p.runsWeight >= pageBytes/2 && p.began(f.Name(), series[0].Labels()) {
		p.close()
	}
	p.runs = append(p.runs, run{f, series, true})
	p.runsWeight += weight
}

// close ends the page of small families, if it has any.
func (p *paginator) close() {
	if len(p.runs) > 0 {
		p.put(&page{runs: p.runs})
		p.runs, p.runsWeight = make([]run, 0, len(p.runs)+len(p.runs)/8), 0 // the next page has about as many
	}
}

// pageKind says which pages addLarge makes.
type pageKind struct {
	isBusy  bool
	isFirst bool // the family begins with the first of them
}

// addLarge cuts series of one family into pages of about so many series.
func (p *paginator) addLarge(f format.Family, series []*aggregate.Series, size int, kind pageKind) {
	for ; len(series) > 0; kind.isFirst = false {
		n := min(size, len(series))
		for i := p.search(start{f.Name(), kind.isBusy, series[0].Labels()}); i < len(p.old); i++ {
			next := p.old[i].start()
			if next.name != f.Name() || next.isBusy != kind.isBusy {
				break
			}
			end, _ := slices.BinarySearchFunc(series, next.labels,
				func(s *aggregate.Series, labels label.Labels) int { return s.Labels().Compare(labels) })
			if end > 2*size {
				break
			}
			if end >= max(1, size/2) {
				n = end
				break
			}
		}
		p.put(&page{runs: []run{{f, series[:n], kind.isFirst}}, isLarge: true, isBusy: kind.isBusy})
		series = series[n:]
	}
}

// put adds a page, with the state of the old one that equals it.
func (p *paginator) put(next *page) {
	if i := p.search(next.start()); i < len(p.old) && p.old[i].isSame(next) {
		next.pageState = p.old[i].pageState
	} else {
		next.pageState = &pageState{}
	}
	p.pages = append(p.pages, next)
}

// search returns the index of the first old page that does not begin before a series.
func (p *paginator) search(from start) int {
	i := p.found
	for range 2 { // Fast path: most searches come in order.
		if i < len(p.old) && p.old[i].isBefore(&from) {
			i++
		}
	}
	if i < len(p.old) && p.old[i].isBefore(&from) || i > 0 && !p.old[i-1].isBefore(&from) {
		i = sort.Search(len(p.old), func(i int) bool { return !p.old[i].isBefore(&from) })
	}
	p.found = i
	return i
}

// began reports whether an old page began with a series.
func (p *paginator) began(name string, labels label.Labels) bool {
	from := start{name: name, labels: labels}
	i := p.search(from)
	return i < len(p.old) && p.old[i].start() == from
}
