package page

import (
	"slices"
	"strings"

	"weir/aggregate"
	"weir/aggregate/label"
	"weir/expose/format"
)

// pageBytes is about how large a page is as text: the least that is rendered and compressed again when one of
// its values changed. Smaller pages are rendered again less often, but compress worse: lines of counters in
// pages of 4, 8, 16 and 64 KiB become 0.125, 0.109, 0.100 and 0.094 of their size at level 6, at 138 to
// 201 MB/s on one core.
const pageBytes = 8 << 10

// page is neighbouring series: of a part of a large family, or several whole families that are small.
type page struct {
	runs    []run // not empty; one if it is large; never changed
	isLarge bool  // it is a part of a large family
	isBusy  bool  // its series have changed often: see grouping

	*pageState
}

// pageState is what is known of the series of a page. The pages of all layouts that show the same series in
// the same way share it.
type pageState struct {
	// They belong to the collection under way.
	values  *format.Saved // as last read; nil when they are not kept
	history history       // of the series, if the page is large; the grouping's

	kept [numVariants]*kept // as last rendered for each variant, whose turn it is; nil when it is not kept
}

// run is neighbouring series of one family.
type run struct {
	family  format.Family // under format.EscapeUnderscores
	series  []*aggregate.Series
	isFirst bool // the family begins here
}

// kept is a rendered page.
type kept struct {
	version uint64 // of the values
	chunk   chunk
}

// read reads the values of its series.
func (p *page) read(r *format.Reading) {
	r.Reset()
	for i := range p.runs {
		run := &p.runs[i]
		r.Read(run.family.Family, run.series)
	}
}

// begins reports whether p is the first page of a large family.
func (p *page) begins() bool { return p.isLarge && p.runs[0].isFirst }

// continues reports whether p is a further page of the family of a page.
func (p *page) continues(before *page) bool {
	r := &p.runs[0]
	return !r.isFirst && r.family.Family == before.runs[0].family.Family
}

// isSame reports whether two pages show the same series in the same way.
func (p *page) isSame(q *page) bool {
	return slices.EqualFunc(p.runs, q.runs, func(a, b run) bool {
		return a.family == b.family && a.isFirst == b.isFirst && slices.Equal(a.series, b.series)
	})
}

func (p *page) start() start {
	return start{p.runs[0].family.Name(), p.isBusy, p.runs[0].series[0].Labels()}
}

// isBefore reports whether p begins before a place.
func (p *page) isBefore(place *start) bool {
	begins := p.start()
	return begins.compare(place) < 0
}

// start is where a page begins. Pages are in its order: in a family, busy ones come first.
type start struct {
	name   string
	isBusy bool
	labels label.Labels
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
	return s.labels.Compare(other.labels)
}
