package aggregate

import (
	"sync"
	"sync/atomic"
	"time"

	"weir/protocol"
)

// Registry knows every family and series, whichever shard they were born in. All its methods may be called
// from any goroutine.
type Registry struct {
	options Options
	clock   clock

	snapshotMu sync.Mutex
	snapshot   *Snapshot // guarded by snapshotMu; the last one, kept until something is born

	mu sync.Mutex // guards what is below; taken at the birth of a raw key, never on a hit

	families map[string]*Family // by name
	owners   map[string]*Family // by every name an exposition uses; reserved for weir's own families
	limiter  limiter
	bornIn   []*Family // families in which series were born since the last snapshot
	scratch  []byte

	gaugesInfinite, tagsDuplicate atomic.Uint64
}

// reserved owns the names that no sample may use.
var reserved = &Family{name: "reserved"}

// New returns an empty registry. The options must be valid. It refuses samples whose family would use one
// of the reserved names, those of weir's own families.
func New(o Options, reservedNames ...string) *Registry {
	r := &Registry{
		options:  o.clone(),
		snapshot: &Snapshot{},
		families: make(map[string]*Family),
		owners:   make(map[string]*Family),
		limiter:  limiter{limits: o.Limits, refused: make(map[string]*uint64)},
	}
	r.clock.setWindow = setWindow(o.Sets.Window / time.Second)
	for _, name := range append([]string{ServiceCheckFamily}, reservedNames...) {
		r.owners[name] = reserved
	}
	r.Tick(time.Now())
	return r
}

// Stats are counts of what a registry holds and has met.
type Stats struct {
	// Families and Series are how many there are.
	Families, Series int
	// GaugesInfinite is how often a gauge was set to an infinite value.
	GaugesInfinite uint64
	// TagsDuplicate is how many tags gave way to another of the same name, counted once for each raw key of a
	// shard.
	TagsDuplicate uint64
}

// Stats returns the counts now.
func (r *Registry) Stats() Stats {
	r.mu.Lock()
	defer r.mu.Unlock()
	return Stats{
		Families: len(r.families), Series: r.limiter.total, GaugesInfinite: r.gaugesInfinite.Load(),
		TagsDuplicate: r.tagsDuplicate.Load(),
	}
}

// resolveLocked returns the series of a sanitised name and a rendered label set, which it brings to life
// when they are new: Slow path. It copies what it keeps.
func (r *Registry) resolveLocked(kind protocol.Kind, name, labels []byte) (*Series, protocol.Reason) {
	origin, siblings := &origins[kind], 0
	family := r.families[string(name)]
	if family != nil {
		if family.form != origin.form {
			return nil, protocol.ReasonTypeConflict
		}
		if series := family.series[string(labels)]; series != nil {
			return series, protocol.ReasonNone
		}
		siblings = len(family.series)
	} else if kind != protocol.KindCheck { // whose name is reserved for it
		if reason := r.claimableLocked(name, origin.form); reason != protocol.ReasonNone {
			return nil, reason
		}
	}
	if reason := r.limiter.admit(siblings); reason != protocol.ReasonNone {
		r.limiter.refuse(name)
		return nil, reason
	}
	if family == nil {
		family = r.newFamilyLocked(string(name), origin)
	}
	return r.bearLocked(family, string(labels)), protocol.ReasonNone
}

// claimableLocked reports whether a new family may use its names: ReasonNone, or why not.
func (r *Registry) claimableLocked(name []byte, f form) protocol.Reason {
	for _, suffix := range f.suffixes() {
		r.scratch = append(append(r.scratch[:0], name...), suffix...)
		switch r.owners[string(r.scratch)] {
		case nil:
		case reserved:
			return protocol.ReasonReservedName
		default:
			return protocol.ReasonTypeConflict
		}
	}
	return protocol.ReasonNone
}

func (r *Registry) newFamilyLocked(name string, o *origin) *Family {
	family := &Family{name: name, form: o.form, help: o.help, series: make(map[string]*Series)}
	if o.form == formHistogram {
		family.bounds = r.options.Timers.Buckets
	}
	r.families[name] = family
	for _, suffix := range o.form.suffixes() {
		r.owners[name+suffix] = family
	}
	return family
}

func (r *Registry) bearLocked(family *Family, labels string) *Series {
	series := &Series{labels: labels, clock: &r.clock}
	family.series[labels] = series
	if len(family.born) == 0 {
		r.bornIn = append(r.bornIn, family)
	}
	family.born = append(family.born, series)
	r.limiter.total++
	return series
}

// Limits returns the limits in force.
func (r *Registry) Limits() Limits { return r.options.Limits }
