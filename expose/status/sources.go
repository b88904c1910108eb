package status

import (
	"context"
	"reflect"
	"time"

	"weir/expose/status/wire"
)

// Sources are the parts of weir that know the answers. A part that is nil answers that it is unavailable. All
// may be asked from any goroutine.
//
// An error that is a [wire.Error] is told to the client; any other is a bug.
type Sources struct {
	// Build is what the program was built from.
	Build wire.BuildInfo
	// Status returns the state; its history has only steps behind the number since.
	Status func(since uint64) wire.Status
	// Explorer reads the registry, Lines knows what comes in.
	Explorer Explorer
	Lines    Lines

	Listeners func() wire.Listeners
	Scrapers  func() wire.Scrapers
	Config    func() wire.Config
	Rules     func() wire.Rules
	// Explain explains lines, with newlines between them.
	Explain func(lines string) (wire.Explained, error)
	// CanDelete says that series may be deleted.
	CanDelete bool
}

// Explorer reads the registry, and deletes series.
type Explorer interface {
	Families(q wire.FamiliesQuery) (wire.Families, error)
	Family(q wire.FamilyQuery) (wire.FamilyDetail, error)
	Series(q wire.SeriesQuery) (wire.SeriesList, error)
	Labels(q wire.LabelsQuery) (wire.Labels, error)
	TSDB(limit int) (wire.TSDB, error)
	// Delete deletes the series that match any of the selectors, and returns how many.
	Delete(q wire.DeleteQuery) (wire.Deleted, error)
}

// Lines knows what comes in.
type Lines interface {
	// Tail may wait for a line, until ctx is done.
	Tail(ctx context.Context, q wire.TailQuery) (wire.Tail, error)
	Senders(q wire.SendersQuery) (wire.Senders, error)
	Rejects(q wire.RejectsQuery, now time.Time) wire.Rejects
}

// isNil reports whether a source, which is a func or an interface, is nil.
func isNil[S any](source S) bool {
	v := reflect.ValueOf(&source).Elem()
	return v.IsNil()
}
