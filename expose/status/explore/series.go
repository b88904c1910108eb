package explore

import (
	"sort"
	"time"

	"weir/aggregate"
	"weir/aggregate/label"
	"weir/expose/status/selector"
	"weir/expose/status/wire"
)

// maxVisited is the most series that one answer looks at. When few of them match, the page is shorter, and
// has a cursor.
const maxVisited = 100_000

const (
	// maxLooking is how long one answer looks for series: regular expressions may take milliseconds for each.
	// Then the page is shorter, too. The time is read after every visitsPerLook series.
	maxLooking, visitsPerLook = 100 * time.Millisecond, 16

	// maxPageBytes is how many bytes of labels the series of one page have, about: JSON has them twice, and
	// may write each as six. One series is always taken.
	maxPageBytes = 256 << 10
)

// listSeries is Explorer.Series.
func listSeries(e *Explorer, q wire.SeriesQuery) (wire.SeriesList, error) {
	s, err := parseSelector(q.Match, q.Family)
	if err != nil {
		return wire.SeriesList{}, err
	}
	after, err := parseCursor(q.After, orderLabels)
	if err != nil {
		return wire.SeriesList{}, err
	}
	w := walker{
		selector: s, most: pageSize(q.Limit), visits: maxVisited, bytes: maxPageBytes,
		until: time.Now().Add(maxLooking),
	}
	w.walk(e.snapshots.latest(), q.Family, after)
	answer, rates := wire.SeriesList{Series: []wire.Series{}}, e.rates()
	for _, run := range w.runs {
		reading := read(e.source.Registry, run.Family, run.Series)
		for i, s := range run.Series {
			answer.Series = append(answer.Series, seriesRow(run.Family, s, reading.Values.Of(i), rates))
		}
	}
	if w.next != nil {
		answer.Next = w.next.String()
	}
	return answer, nil
}

// parseSelector reads a selector; it may be empty when a family is named.
func parseSelector(match, family string) (*selector.Selector, error) {
	if match == "" && family != "" {
		return &selector.Selector{}, nil
	}
	s, err := selector.Parse(match)
	if err != nil {
		return nil, badData("match: %v", err)
	}
	return s, nil
}

// walker walks through the series of a snapshot that match.
type walker struct {
	selector *selector.Selector
	most     int       // series to find
	visits   int       // series that may be looked at
	bytes    int       // of labels that may still be found
	until    time.Time // when to stop

	runs  []aggregate.Run // of the series that were found
	found int
	next  *cursor // of the last series that was looked at, when there may be more
}

// walk walks from a cursor on, through the family of a name, or all.
func (w *walker) walk(snapshot *aggregate.Snapshot, only string, after *cursor) {
	families, skip := snapshot.Families, 0
	if name, found := w.selector.Name(); found && only == "" {
		only = name
	}
	if only != "" {
		families = nil
		if f := find(snapshot, only); f != nil {
			families = []aggregate.FamilySeries{*f}
		}
	}
	if after != nil {
		families, skip = resume(families, after)
	}
	for i := range families {
		f := &families[i]
		series := f.Series[skip:]
		skip = 0
		if w.selector.MatchesName(f.Name()) {
			if !w.family(f.Family, series) {
				return
			}
			continue
		}
		w.visit()
		if w.visits <= 0 {
			w.stop(f.Family, f.Series[len(f.Series)-1].Labels())
			return
		}
	}
	w.next = nil // that was all
}

// resume returns the families from that of a cursor on, and how many series of the first are before its
// series, or are it. Names with the same beginning are told apart by the ID of the series.
func resume(families []aggregate.FamilySeries, after *cursor) (rest []aggregate.FamilySeries, skip int) {
	first := sort.Search(len(families),
		func(i int) bool { return beginning(families[i].Name()) >= after.Name })
	for i := first; i < len(families) && beginning(families[i].Name()) == after.Name; i++ {
		f := &families[i]
		skip = seriesAfter(f, after)
		if len(f.Name()) <= cursorBytes || skip > 0 && f.Series[skip-1].ID() == after.ID {
			return families[i:], skip
		}
	}
	return families[first:], 0
}

// family walks through series of a family. It reports whether the walk goes on.
func (w *walker) family(f *aggregate.Family, series []*aggregate.Series) bool {
	var matching []*aggregate.Series
	defer func() {
		if len(matching) > 0 {
			w.runs = append(w.runs, aggregate.Run{Family: f, Series: matching})
		}
	}()
	for i, s := range series {
		if w.found == w.most || w.visits <= 0 {
			if i > 0 {
				w.stop(f, series[i-1].Labels())
			}
			return false
		}
		w.visit()
		if w.selector.Matches(s.Labels()) {
			matching = append(matching, s)
			w.take(s)
		}
	}
	if n := len(series); n > 0 && (w.found == w.most || w.visits <= 0) {
		w.stop(f, series[n-1].Labels())
	}
	return true
}

// visit counts a series that is looked at, or a family.
func (w *walker) visit() {
	w.visits--
	if w.visits%visitsPerLook == 0 && time.Now().After(w.until) {
		w.visits = 0
	}
}

// take counts a series that was found.
func (w *walker) take(s *aggregate.Series) {
	w.found++
	if w.bytes -= len(s.Labels().Text()); w.bytes <= 0 {
		w.visits = 0
	}
}

// stop notes the last series that was looked at.
func (w *walker) stop(f *aggregate.Family, labels label.Labels) {
	w.next = newCursor(orderLabels, 0, f.Name(), labels)
}

// deleteSeries is Explorer.Delete.
func deleteSeries(r *aggregate.Registry, matches []string) (wire.Deleted, error) {
	if len(matches) == 0 {
		return wire.Deleted{}, badData(`match is missing: it selects the series, as in match=hits{user="7"}`)
	}
	var selectors []*selector.Selector
	for _, match := range matches {
		s, err := parseSelector(match, "")
		if err != nil {
			return wire.Deleted{}, err
		}
		selectors = append(selectors, s)
	}
	var selected []*aggregate.Series
	for _, f := range r.Snapshot().Families {
		for _, series := range f.Series {
			for _, s := range selectors {
				if s.MatchesName(f.Name()) && s.Matches(series.Labels()) {
					selected = append(selected, series)
					break
				}
			}
		}
	}
	return wire.Deleted{Deleted: r.Delete(selected)}, nil
}
