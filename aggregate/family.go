package aggregate

import "weir/protocol"

// Type is what Prometheus is told a family is.
type Type uint8

// The types of families.
const (
	TypeCounter Type = iota
	TypeGauge
	TypeHistogram
)

// String returns the type as an exposition writes it.
func (t Type) String() string {
	switch t {
	case TypeCounter:
		return "counter"
	case TypeGauge:
		return "gauge"
	default:
		return "histogram"
	}
}

// Family is all series of one name. What its methods return never changes; they may be called from any
// goroutine.
type Family struct {
	name   string
	help   string
	form   form
	bounds []float64

	// Guarded by Registry.mu.
	series map[string]*Series // by rendered labels
	born   []*Series          // since the last snapshot

	// Guarded by Registry.snapshotMu.
	sorted []*Series // as of the last snapshot; replaced, never changed
}

// Name returns the sanitised name, which no other family has.
func (f *Family) Name() string { return f.name }

// Type returns what Prometheus is told the family is.
func (f *Family) Type() Type { return f.form.typ() }

// Help returns one sentence on where the family comes from, not escaped.
func (f *Family) Help() string { return f.help }

// Bounds returns the upper bounds of a histogram's buckets, rising, without +Inf; nil for other types. The
// slice is shared and must not be changed.
func (f *Family) Bounds() []float64 { return f.bounds }

// form is how the series of a family are kept: one kind of cell each.
type form uint8

const (
	formCounter form = iota
	formGauge
	formHistogram
	formSet
	formCheck // kept as a gauge, but no gauge of a sender may join it
)

func (f form) typ() Type {
	switch f {
	case formCounter:
		return TypeCounter
	case formHistogram:
		return TypeHistogram
	default:
		return TypeGauge
	}
}

// suffixes returns what an exposition of a family puts behind its name.
func (f form) suffixes() []string {
	if f == formHistogram {
		return histogramSuffixes
	}
	return histogramSuffixes[:1]
}

var histogramSuffixes = []string{"", "_bucket", "_sum", "_count"}

// origin says what a kind becomes when it is the first of its family.
type origin struct {
	form form
	help string
}

var origins = [protocol.NumKinds]origin{
	protocol.KindCounter:      {formCounter, "StatsD counter."},
	protocol.KindGauge:        {formGauge, "StatsD gauge."},
	protocol.KindTimer:        {formHistogram, "StatsD timer, in seconds."},
	protocol.KindHistogram:    {formHistogram, "StatsD histogram."},
	protocol.KindDistribution: {formHistogram, "StatsD distribution."},
	protocol.KindSet:          {formSet, "StatsD set: distinct members seen within the window."},
	protocol.KindMeter:        {formCounter, "StatsD meter."},
	protocol.KindCheck:        {formCheck, "Service check: 0 ok, 1 warning, 2 critical, 3 unknown."},
}
