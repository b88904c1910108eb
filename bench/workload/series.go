package workload

import (
	"math/rand/v2"

	"weir/protocol"
)

// maxFamilySeries is how many series a name with tags gets at most; weir's default limit is 10,000.
const maxFamilySeries = 1000

// family is a name: its kind and its series.
type family struct {
	name  string
	kind  protocol.Kind
	space tagSpace
	first int // where its series begin in Generator.series
	count int
}

// series is one name with its tags, and the totals of its lines so far.
type series struct {
	kind    protocol.Kind
	head    []byte   // what stands before the value: "name:"
	tail    []byte   // what stands behind the type and the rate: "|#tags"
	samples uint64   // how many values were sent
	sum     uint64   // in quarters: of the values sent, each weighed by 1/rate
	last    uint32   // in quarters: the last value sent
	members *members // of a set; otherwise nil
}

// setMembers is how many members the sets draw from; weir counts sets of up to 1,024 exactly.
const setMembers = 512

// members are the members of a set that were sent, one bit each.
type members [setMembers / 64]uint64

func (m *members) add(n uint32) { m[n/64] |= 1 << (n % 64) }

// newFamilies names the families of a spec and spreads its series over them.
func newFamilies(spec *Spec, random *rand.Rand) []family {
	var families []family
	first := 0
	for k, total := range spec.seriesPerKind() {
		kind := protocol.Kind(k)
		names := total
		if spec.Tags > 0 {
			names = min(total, max(len(baseNames(kind)), (total+maxFamilySeries-1)/maxFamilySeries))
		}
		for n := range names {
			count := total / names
			if n < total%names {
				count++
			}
			families = append(families, family{
				name: familyName(kind, n), kind: kind, space: newTagSpace(spec.Tags, count, random),
				first: first, count: count,
			})
			first += count
		}
	}
	return families
}

// newSeries renders what the lines of every series have in common.
func newSeries(spec *Spec, families []family) []series {
	all := make([]series, 0, spec.Series)
	var tags []Label
	for i := range families {
		f := &families[i]
		for n := range f.count {
			tags = f.space.appendTags(tags[:0], n)
			s := series{kind: f.kind}
			section := spec.Dialect.appendTags(nil, tags)
			if spec.Dialect == DogStatsD {
				s.head, s.tail = []byte(f.name+":"), section
			} else {
				s.head = append(append([]byte(f.name), section...), ':')
			}
			if f.kind == protocol.KindSet {
				s.members = new(members)
			}
			all = append(all, s)
		}
	}
	return all
}
