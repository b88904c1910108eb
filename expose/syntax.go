package expose

import (
	"slices"
	"strings"

	dto "github.com/prometheus/client_model/go"

	"weir/aggregate"
)

// syntax is how families are written. One belongs to one goroutine.
type syntax interface {
	// appendHeader appends what begins a family.
	appendHeader(dst []byte, f *family) []byte
	// appendSeries appends a series and takes its values off w.
	appendSeries(dst []byte, f *family, s *aggregate.Series, w *aggregate.Words) []byte
	// appendOwn appends one of weir's own families. It is on the cold path: they have some hundred series.
	appendOwn(dst []byte, f *dto.MetricFamily, names *names) []byte
	// appendEnd appends what ends the exposition.
	appendEnd(dst []byte) []byte
}

// body is what a format writes: several formats may write the same bytes.
type body uint8

const (
	bodyText body = iota
	bodyOpen
	bodyProtobuf

	numBodies
)

func (f format) body() body {
	switch f {
	case formatOpen, formatOpen001:
		return bodyOpen
	case formatProtobuf:
		return bodyProtobuf
	default:
		return bodyText
	}
}

// newSyntax returns a writer of b; created is OpenMetrics.Created, and x is what appendSeries takes exemplars
// off.
func newSyntax(b body, e escaping, created bool, x *exemplars) syntax {
	switch b {
	case bodyOpen:
		return &openMetrics{textual{float: appendOpenValue, escaping: e, exemplars: x}, created}
	case bodyProtobuf:
		return &protobuf{labels: labelFields{escaping: e}, exemplars: x}
	default:
		return &text{textual{float: appendValue, escaping: e, exemplars: x}}
	}
}

// family is a family of the registry as a syntax sees it.
type family struct {
	*aggregate.Family

	name      metricName
	spellings uint32 // of the family, where they matter
	clash     clash
}

// clash says which names that OpenMetrics derives from that of a family belong to another family. Since
// legacy names decide, it is the same under every escaping but for one thing: "a.total" does not end in
// "_total".
type clash struct {
	total   bool // of a counter: the name without "_total", or it has none
	created bool // the name of its "_created" lines, or it has none
}

// names are those of all families in an exposition, sorted.
type names struct {
	families []aggregate.FamilySeries
	own      []*dto.MetricFamily
}

func (n *names) has(name string) bool {
	_, registered := slices.BinarySearchFunc(n.families, name,
		func(f aggregate.FamilySeries, name string) int { return strings.Compare(f.Name(), name) })
	return registered || n.hasOwn(name)
}

func (n *names) hasOwn(name string) bool {
	_, found := slices.BinarySearchFunc(n.own, name,
		func(f *dto.MetricFamily, name string) int { return strings.Compare(f.GetName(), name) })
	return found
}

// family returns a family as an exposition under e has it.
func (n *names) family(f *aggregate.Family, e escaping) family {
	isCounter := f.Type() == aggregate.TypeCounter
	x := family{Family: f, clash: n.clashOf(f.Name(), isCounter)}
	if e != escapeUnderscores {
		x.spellings = f.UTF8Version() // before what it counts
	}
	x.name = e.nameOf(f)
	if isCounter && !strings.HasSuffix(x.name.text, "_total") {
		x.clash = clash{total: true, created: true}
	}
	return x
}

// clashOf returns what is taken of the names that are derived from name.
func (n *names) clashOf(name string, isCounter bool) clash {
	base, isTotal := strings.CutSuffix(name, "_total")
	if !isCounter {
		return clash{created: n.has(name + "_created")}
	}
	isTotal = isTotal && base != "" && !n.has(base)
	return clash{total: !isTotal, created: !isTotal || n.has(base+"_created")}
}
