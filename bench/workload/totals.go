package workload

import (
	"cmp"
	"math/bits"
	"slices"
	"strconv"
	"strings"

	"weir/protocol"
)

// Totals are what the lines generated so far mean.
type Totals struct {
	Count

	// Families are the names that were sent, sorted by Exposed.
	Families []Family
}

// Family is everything that was sent under one name.
type Family struct {
	// Name is the name in the lines, Exposed the one in an exposition: characters other than letters,
	// digits, '_' and ':' are '_'.
	Name, Exposed string
	// Kind is the one kind the name is used with.
	Kind protocol.Kind
	// Type is the type that weir should expose for the kind.
	Type Type
	// Series are the series that were sent, in no particular order.
	Series []Series
}

// Type is the type of a family in an exposition.
type Type string

// The types: counters are counters, gauges and sets gauges, all others classic histograms.
const (
	TypeCounter   Type = "counter"
	TypeGauge     Type = "gauge"
	TypeHistogram Type = "histogram"
)

// Series is everything that was sent of one series, in the units of an exposition.
type Series struct {
	// Labels are the tags, sorted by name.
	Labels []Label
	// Samples is how many values were sent.
	Samples uint64
	// Value is, by kind: the sum of the increments, each divided by its rate; the last value of a gauge; how
	// many distinct members a set has. It is 0 for the other kinds.
	Value float64
	// Observations and Sum are the count and the sum of the values of timers (in seconds), histograms and
	// distributions; 0 for the other kinds.
	Observations uint64
	Sum          float64
}

// Label is a tag of a line or a label of a series.
type Label struct{ Name, Value string }

// Key returns the labels as an exposition has them. It is unique within a family:
// `endpoint="/cart",status="200"`.
func (s *Series) Key() string {
	var b strings.Builder
	for i, l := range s.Labels {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(l.Name + "=" + strconv.Quote(l.Value))
	}
	return b.String()
}

// Sent returns what the lines generated so far mean. It looks at every series: about a microsecond each.
func (g *Generator) Sent() Totals {
	t := Totals{Count: g.sent}
	for i := range g.families {
		f := &g.families[i]
		if sent := g.sentOf(f); len(sent) > 0 {
			t.Families = append(t.Families, Family{
				Name: f.name, Exposed: expose(f.name), Kind: f.kind, Type: typeOf(f.kind), Series: sent,
			})
		}
	}
	slices.SortFunc(t.Families, func(a, b Family) int { return cmp.Compare(a.Exposed, b.Exposed) })
	return t
}

// Expected returns the families of Sent by their names in an exposition. These, with these series and
// values, are all that a scrape should show of the workload.
func (g *Generator) Expected() map[string]Family {
	families := make(map[string]Family)
	for _, f := range g.Sent().Families {
		families[f.Exposed] = f
	}
	return families
}

func (g *Generator) sentOf(f *family) []Series {
	var sent []Series
	for i := range f.count {
		s := &g.series[f.first+i]
		if s.samples == 0 {
			continue
		}
		total := s.total()
		total.Labels = f.space.appendTags(nil, i)
		slices.SortFunc(total.Labels, func(a, b Label) int { return cmp.Compare(a.Name, b.Name) })
		sent = append(sent, total)
	}
	return sent
}

// total returns the totals of s, without its labels.
func (s *series) total() Series {
	t := Series{Samples: s.samples}
	switch s.kind {
	case protocol.KindCounter:
		t.Value = float64(s.sum) / 4
	case protocol.KindGauge:
		t.Value = float64(s.last) / 4
	case protocol.KindSet:
		for _, word := range s.members {
			t.Value += float64(bits.OnesCount64(word))
		}
	case protocol.KindTimer:
		t.Observations, t.Sum = s.samples, float64(s.sum)/4/1000
	default:
		t.Observations, t.Sum = s.samples, float64(s.sum)/4
	}
	return t
}

func typeOf(kind protocol.Kind) Type {
	switch kind {
	case protocol.KindCounter:
		return TypeCounter
	case protocol.KindGauge, protocol.KindSet:
		return TypeGauge
	default:
		return TypeHistogram
	}
}

// expose returns a name as weir exposes it. None of the names here begins with a digit.
func expose(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '_', r == ':':
			return r
		default:
			return '_'
		}
	}, name)
}
