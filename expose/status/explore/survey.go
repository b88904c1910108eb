package explore

import (
	"cmp"
	"hash/maphash"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"weir/aggregate"
	"weir/expose/status/wire"
)

const (
	// surveyRest is how long a survey is good for at least, and surveyShare how many times as long as it
	// took.
	surveyRest, surveyShare = 10 * time.Second, 30

	// maxLabels is how many labels a survey tells apart, by name.
	maxLabels = 1 << 14

	// maxLabelFamilies is how many families of a label are known by name.
	maxLabelFamilies = 5

	// surveyTurn is after how many series a survey lets others run.
	surveyTurn = 4096
)

// survey is what is known of the labels of all series at one moment. It does not change.
type survey struct {
	at     time.Time
	labels []labelSurvey
	pairs  []pair // the labels with values that most series have, most first
	names  int    // bytes of the names of all families
}

// labelSurvey is what is known of one label.
type labelSurvey struct {
	name     string
	values   int
	bytes    int // of all distinct values together
	families []labelFamily
	total    int // families
}

// labelFamily is a family that has a label.
type labelFamily struct {
	family         *aggregate.Family
	values, series int
}

// surveys makes surveys, one at a time, while somebody asks.
type surveys struct {
	registry *aggregate.Registry

	mu     sync.Mutex
	last   *survey       // guarded by mu
	until  time.Time     // last is good; guarded by mu
	coming chan struct{} // closed when the survey under way is there; nil without one; guarded by mu
}

// latest returns a survey. It waits only for the first one; later, it begins another when the last is too
// old, and returns that.
func (s *surveys) latest() *survey {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.beginLocked()
	for s.last == nil {
		coming := s.coming
		s.mu.Unlock()
		<-coming
		s.mu.Lock()
	}
	return s.last
}

// known returns the last survey, or nil before the first, and begins another when it is too old. It never
// waits.
func (s *surveys) known() *survey {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.beginLocked()
	return s.last
}

// beginLocked begins a survey when the last is too old and none is under way.
func (s *surveys) beginLocked() {
	if s.coming == nil && time.Now().After(s.until) {
		coming := make(chan struct{})
		s.coming = coming
		go s.make(coming) // ends by itself; nobody needs to wait
	}
}

func (s *surveys) make(coming chan struct{}) {
	began := time.Now()
	made := newSurveyor().survey(s.registry.Snapshot())
	took := time.Since(began)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last, s.until = made, time.Now().Add(max(surveyRest, surveyShare*took))
	s.coming = nil
	close(coming)
}

// surveyor makes one survey.
type surveyor struct {
	seed   maphash.Seed
	ids    map[string]int // of the labels, by name
	labels []surveyed
	pairs  frequent
	used   []int // labels of the family that is looked at
}

// surveyed is a label while a survey is made.
type surveyed struct {
	name     string
	values   counter
	lengths  int // of the distinct values in each family, and how many they are
	lengthOf int
	families []labelFamily
	total    int

	seen []sighting // in the family that is looked at
	last string     // the value of the series before
}

// sighting is a value in neighbouring series of a family.
type sighting struct {
	hash   uint64
	value  string
	series int
}

func newSurveyor() *surveyor {
	return &surveyor{seed: maphash.MakeSeed(), ids: make(map[string]int)}
}

// survey looks at every series of a snapshot.
func (s *surveyor) survey(snapshot *aggregate.Snapshot) *survey {
	made := &survey{at: time.Now()}
	turn := 0
	for i := range snapshot.Families {
		f := &snapshot.Families[i]
		for _, series := range f.Series {
			s.look(series)
			turn++
			if turn%surveyTurn == 0 {
				runtime.Gosched()
			}
		}
		made.names += len(f.Name())
		s.end(f.Family)
		s.pairs.add(maphash.String(s.seed, f.Name()), pair{nameLabel, f.Name(), len(f.Series)})
	}
	for i := range s.labels {
		made.labels = append(made.labels, s.labels[i].result())
	}
	made.pairs = s.pairs.most(wire.MaxLimit)
	return made
}

// look looks at the labels of a series.
func (s *surveyor) look(series *aggregate.Series) {
	for name, value := range series.Labels().Escaped() {
		id, found := s.ids[name]
		if !found {
			if len(s.labels) == maxLabels {
				continue
			}
			id = len(s.labels)
			name = strings.Clone(name)
			s.ids[name] = id
			s.labels = append(s.labels, surveyed{name: name})
		}
		l := &s.labels[id]
		n := len(l.seen)
		switch {
		case n == 0:
			s.used = append(s.used, id)
		case l.last == value: // series are sorted
			l.seen[n-1].series++
			continue
		}
		l.last = value
		l.seen = append(l.seen, sighting{maphash.String(s.seed, value), value, 1})
	}
}

// end ends a family.
func (s *surveyor) end(f *aggregate.Family) {
	for _, id := range s.used {
		l := &s.labels[id]
		slices.SortFunc(l.seen, func(a, b sighting) int { return cmp.Compare(a.hash, b.hash) })
		values, series := 0, 0
		for rest := l.seen; len(rest) > 0; {
			first, n := rest[0], 0
			for len(rest) > 0 && rest[0].hash == first.hash {
				n += rest[0].series
				rest = rest[1:]
			}
			values++
			series += n
			l.lengths += len(first.value)
			l.values.add(first.hash)
			s.pairs.add(aggregate.Mix(first.hash, uint64(id)), pair{l.name, first.value, n})
		}
		l.lengthOf += values
		l.total++
		l.addFamily(labelFamily{f, values, series})
		clear(l.seen)
		l.seen, l.last = l.seen[:0], ""
	}
	s.used = s.used[:0]
}

// addFamily keeps a family if it is one of the families with most values.
func (l *surveyed) addFamily(f labelFamily) {
	i, _ := slices.BinarySearchFunc(l.families, f, func(a, b labelFamily) int {
		return cmp.Or(cmp.Compare(b.values, a.values), cmp.Compare(b.series, a.series),
			strings.Compare(a.family.Name(), b.family.Name()))
	})
	if i < maxLabelFamilies {
		l.families = slices.Insert(l.families, i, f)
		l.families = l.families[:min(len(l.families), maxLabelFamilies)]
	}
}

// result returns what is known of the label. The bytes of all values are estimated
// from the average length of a value in each family.
func (l *surveyed) result() labelSurvey {
	values := l.values.count()
	return labelSurvey{
		name: l.name, values: values, bytes: l.lengths * values / max(1, l.lengthOf),
		families: l.families, total: l.total,
	}
}
