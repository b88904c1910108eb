package format

import (
	"slices"
	"strings"

	dto "github.com/prometheus/client_model/go"

	"weir/aggregate"
)

// Family is a family of the registry as an exposition shows it. Families of two snapshots are equal (==) when
// they are written in the same way.
type Family struct {
	*aggregate.Family

	name        metricName
	utf8Version uint32 // of the names of the family and its series
	taken       taken
}

// taken says which names that OpenMetrics derives from the name of a family belong to another family. Legacy
// names decide, so it is the same under every escaping, with one exception: "a.total" does not end in
// "_total".
type taken struct {
	total   bool // of a counter: the name without "_total", or it has none
	created bool // the name of its "_created" lines, or it has none
}

// Names are the names of all families in an exposition.
type Names struct {
	// Families are the families of the registry, sorted by name.
	Families []aggregate.FamilySeries
	// Self are weir's own families, sorted by name. Where both have a name, this one is written.
	Self []*dto.MetricFamily
}

// HasSelf reports whether one of weir's own families has a name.
func (n *Names) HasSelf(name string) bool {
	_, found := n.findSelf(name)
	return found
}

func (n *Names) has(name string) bool {
	_, registered := n.find(name)
	return registered || n.HasSelf(name)
}

// find returns the index of the family of the registry with a name.
func (n *Names) find(name string) (int, bool) {
	return slices.BinarySearchFunc(n.Families, name,
		func(f aggregate.FamilySeries, name string) int { return strings.Compare(f.Name(), name) })
}

// findSelf returns the index of weir's own family with a name.
func (n *Names) findSelf(name string) (int, bool) {
	return slices.BinarySearchFunc(n.Self, name,
		func(f *dto.MetricFamily, name string) int { return strings.Compare(f.GetName(), name) })
}

// Family returns a family as an exposition under an escaping shows it.
func (n *Names) Family(f *aggregate.Family, e Escaping) Family {
	x := newFamily(f)
	x.taken = n.takenOf(f.Name(), f.Type() == aggregate.TypeCounter)
	return x.Under(e)
}

func newFamily(f *aggregate.Family) Family {
	x := Family{Family: f, utf8Version: f.UTF8Version()} // before the names that it counts
	x.name = metricName{text: f.Name()}
	return x
}

// At returns the i-th family of the registry as Family does, under EscapeUnderscores.
//
// Fast path: names that OpenMetrics derives from a name stand beside it, in the order of names. So its
// neighbours tell that most families have none of them, without a search among all: cutting many families
// into pages takes half the time. TestFamilyAt holds that the results are the same.
func (n *Names) At(i int) Family {
	x := newFamily(n.Families[i].Family)
	name := x.name.text
	if x.Type() != aggregate.TypeCounter {
		follows := i+1 < len(n.Families) && strings.HasPrefix(n.Families[i+1].Name(), name)
		x.taken.created = (follows || n.selfBegins(name)) && n.has(name+"_created")
		return x
	}
	base, isTotal := strings.CutSuffix(name, "_total")
	if isTotal = isTotal && base != ""; isTotal {
		precedes := i > 0 && strings.HasPrefix(n.Families[i-1].Name(), base)
		mayHave := precedes || n.selfBegins(base)
		isTotal = (!mayHave || !n.hasOrCreates(base)) && !n.derives(base)
	}
	x.taken = taken{total: !isTotal, created: !isTotal}
	return x
}

// selfBegins reports whether the name of any of weir's own families begins with a text.
func (n *Names) selfBegins(with string) bool {
	i, _ := n.findSelf(with)
	return i < len(n.Self) && strings.HasPrefix(n.Self[i].GetName(), with)
}

// Under returns a family under EscapeUnderscores as it is under another escaping.
func (f Family) Under(e Escaping) Family {
	if e == EscapeUnderscores {
		return f
	}
	f.name = e.nameOf(f.Family)
	if f.Type() == aggregate.TypeCounter && !strings.HasSuffix(f.name.text, "_total") {
		f.taken = taken{total: true, created: true}
	}
	return f
}

// takenOf returns which of the names that are derived from name are taken.
func (n *Names) takenOf(name string, isCounter bool) taken {
	if !isCounter {
		return taken{created: n.has(name + "_created")}
	}
	base, isTotal := strings.CutSuffix(name, "_total")
	isTotal = isTotal && base != "" && !n.claims(base)
	return taken{total: !isTotal, created: !isTotal}
}

// claims reports whether a counter that OpenMetrics calls base, and whose samples base_total and
// base_created, would clash with another family or the names of its samples: OpenMetrics forbids that, even
// where they are not written.
func (n *Names) claims(base string) bool { return n.hasOrCreates(base) || n.derives(base) }

// hasOrCreates reports whether a family has the name base or base_created.
func (n *Names) hasOrCreates(base string) bool { return n.has(base) || n.has(base+"_created") }

// derives reports whether base may be the name of a sample of another family.
func (n *Names) derives(base string) bool {
	for _, suffix := range []string{"_sum", "_count", "_bucket", "_created"} {
		other, found := strings.CutSuffix(base, suffix)
		if !found {
			continue
		}
		typ := n.typeOf(other)
		if typ == "histogram" || typ == "summary" ||
			suffix == "_created" && n.typeOf(other+"_total") == "counter" {
			return true
		}
	}
	return false
}

// typeOf returns the type of the family with a name, as the text format knows it; "" without such a family.
func (n *Names) typeOf(name string) string {
	if i, found := n.findSelf(name); found {
		return selfType(n.Self[i])
	}
	if i, found := n.find(name); found {
		return n.Families[i].Type().String()
	}
	return ""
}
