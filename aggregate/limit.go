package aggregate

import "weir/protocol"

const (
	// maxOverflowNames bounds the accounting of refusals by metric: names beyond it are counted together.
	maxOverflowNames = 100

	// OverflowOther is the metric under which refusals beyond the first hundred metrics are counted.
	OverflowOther = "other"
)

// Overflow is how many samples of one metric the limits refused.
type Overflow struct {
	// Metric is the sanitised name, or OverflowOther.
	Metric string
	// Refused is the number of samples refused since the start.
	Refused uint64
}

// limiter decides whether a series may be born, and accounts for those that may not. Guarded by Registry.mu.
type limiter struct {
	limits  Limits
	total   int // series of all families
	refused map[string]*uint64
}

// admit reports whether a family of so many series may have one more: ReasonNone, or the limit that forbids
// it.
func (l *limiter) admit(inFamily int) protocol.Reason {
	switch {
	case inFamily >= l.limits.MaxSeriesPerMetric:
		return protocol.ReasonSeriesPerMetric
	case l.total >= l.limits.MaxTotalSeries:
		return protocol.ReasonTotalSeries
	default:
		return protocol.ReasonNone
	}
}

func (l *limiter) refuse(metric []byte) {
	count := l.refused[string(metric)]
	if count == nil {
		name := OverflowOther
		if len(l.refused) < maxOverflowNames {
			name = string(metric)
		}
		if count = l.refused[name]; count == nil {
			count = new(uint64)
			l.refused[name] = count
		}
	}
	*count++
}

// Overflows returns how many samples the limits refused, by metric in no order: at most 101 of them.
func (r *Registry) Overflows() []Overflow {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := make([]Overflow, 0, len(r.limiter.refused))
	for metric, refused := range r.limiter.refused {
		list = append(list, Overflow{Metric: metric, Refused: *refused})
	}
	return list
}
