package explore

import (
	"fmt"
	"time"

	dto "github.com/prometheus/client_model/go"

	"weir/aggregate"
	"weir/aggregate/label"
	"weir/expose/status/wire"
)

// badData returns the error of a parameter that makes no sense. The text names the parameter and its legal
// values.
func badData(text string, args ...any) error {
	return &wire.Error{Type: wire.BadData, Text: fmt.Sprintf(text, args...)}
}

// notFound returns the error of a name that no family has.
func notFound(text string, args ...any) error {
	return &wire.Error{Type: wire.NotFound, Text: fmt.Sprintf(text, args...)}
}

// Source is what an Explorer reads.
type Source struct {
	// Registry has the families of the senders.
	Registry *aggregate.Registry
	// Self returns weir's own families, sorted by name. It may be nil.
	Self func() []*dto.MetricFamily
	// Rates returns the rates as of now, nil when none are known. It may be nil.
	Rates func() Rates
	// Deleted is called after a deletion, with how many series it removed. It may be nil.
	Deleted func(q wire.DeleteQuery, count int)
	// HasCreated says that OpenMetrics shows when series were created.
	HasCreated bool
}

// Rates tells samples a second. It does not change.
type Rates interface {
	// Sample says which part of the lines the rates come from, like "1 in 250 lines".
	Sample() string
	// Total is samples a second of all families; 0 when it is not known.
	Total() float64
	// Family returns the rate of a family by its name; false when it is not known.
	Family(name string) (FamilyRate, bool)
	// Series returns the rate of a series by the name of its family; false when it is not known.
	Series(family string, labels label.Labels) (perSecond float64, known bool)
}

// FamilyRate is the rate of a family.
type FamilyRate struct {
	// PerSecond is samples a second.
	PerSecond float64
	// History is samples a second in steps of 5 s, oldest first.
	History []float64
	// Senders are some senders, most samples first; SendersMore is how many more there are.
	Senders     []wire.FamilySender
	SendersMore int
}

// unknownRates are the Rates of nobody.
type unknownRates struct{}

func (unknownRates) Sample() string                              { return "" }
func (unknownRates) Total() float64                              { return 0 }
func (unknownRates) Family(string) (FamilyRate, bool)            { return FamilyRate{}, false }
func (unknownRates) Series(string, label.Labels) (float64, bool) { return 0, false }

// Explorer answers questions about a registry.
type Explorer struct {
	source    Source
	surveys   surveys
	snapshots snapshots
}

// New returns an Explorer. It does nothing until it is asked.
func New(s Source) *Explorer {
	return &Explorer{
		source: s, surveys: surveys{registry: s.Registry},
		snapshots: snapshots{registry: s.Registry, now: s.Registry.Snapshot},
	}
}

// Families returns a page of families. Its error is a wire.Error.
func (e *Explorer) Families(q wire.FamiliesQuery) (wire.Families, error) { return listFamilies(e, q) }

// Family returns a family with some of its series: one of the registry, or one of weir's own. Its error is a
// wire.Error.
func (e *Explorer) Family(q wire.FamilyQuery) (wire.FamilyDetail, error) { return detailOf(e, q) }

// Series returns series in the order of the snapshot. Its error is a wire.Error.
func (e *Explorer) Series(q wire.SeriesQuery) (wire.SeriesList, error) { return listSeries(e, q) }

// Labels returns the labels with most values, or the labels that grow most. Its error is a wire.Error.
func (e *Explorer) Labels(q wire.LabelsQuery) (wire.Labels, error) {
	return listLabels(e.source.Registry, e.surveys.latest(), q)
}

// KnownLabels returns the labels with most values, at most so many, as far as they are known: none before the
// first survey is made. It never waits.
func (e *Explorer) KnownLabels(limit int) wire.Labels {
	known := e.surveys.known()
	if known == nil {
		return wire.Labels{Labels: []wire.Label{}}
	}
	labels, _ := listLabels(e.source.Registry, known, wire.LabelsQuery{Limit: limit}) // the question is right
	return labels
}

// Fullest returns the families with most series, most first, at most ten, as of the last scrape or answer. It
// never waits. The slice is shared and must not be changed.
func (e *Explorer) Fullest() []Fullness { return e.snapshots.full() }

// TSDB returns what GET status/tsdb of Prometheus returns, with families as metric names. Each list has at
// most limit items, 10 for 0.
func (e *Explorer) TSDB(limit int) (wire.TSDB, error) {
	return tsdb(e, e.surveys.latest(), limit), nil
}

// Delete removes the series that q selects, and says how many. Its error is a wire.Error, and then
// nothing was removed. weir's own families cannot be deleted.
func (e *Explorer) Delete(q wire.DeleteQuery) (wire.Deleted, error) {
	deleted, err := deleteSeries(e.source.Registry, q.Match)
	if err == nil && e.source.Deleted != nil {
		e.source.Deleted(q, deleted.Deleted)
	}
	return deleted, err
}

// rates returns the rates as of now.
func (e *Explorer) rates() Rates {
	if e.source.Rates != nil {
		if rates := e.source.Rates(); rates != nil {
			return rates
		}
	}
	return unknownRates{}
}

// self returns weir's own families.
func (e *Explorer) self() []*dto.MetricFamily {
	if e.source.Self == nil {
		return nil
	}
	return e.source.Self()
}

// pageSize returns the limit of a request: wire.DefaultLimit for 0.
func pageSize(limit int) int {
	if limit <= 0 {
		return wire.DefaultLimit
	}
	return min(limit, wire.MaxLimit)
}

// at returns a time as answers have it, null for the zero time and for times before 1970.
func at(t time.Time) *float64 {
	if t.Unix() <= 0 {
		return nil
	}
	return new(float64(t.UnixMilli()) / 1000)
}
