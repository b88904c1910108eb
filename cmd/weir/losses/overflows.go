package losses

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/rs/zerolog"

	"weir/aggregate"
	"weir/protocol"
)

// maxMetrics is how many metrics one warning about the limits names.
const maxMetrics = 5

// overflows warns about samples of new series that a cardinality limit refused: once in a warnInterval for
// all metrics together, since a limit often refuses many metrics.
type overflows struct {
	registry *aggregate.Registry
	log      zerolog.Logger
	warning  *warning
	reported map[string]uint64 // samples in the log, by metric; only of metrics that the registry lists
}

func newOverflows(registry *aggregate.Registry, log zerolog.Logger) *overflows {
	return &overflows{registry: registry, log: log, warning: newWarning(), reported: make(map[string]uint64)}
}

func (o *overflows) tick(isLast bool) {
	list := o.registry.Overflows()
	sum := uint64(0)
	for i := range list {
		sum += list[i].Samples
	}
	o.warning.about(sum, isLast, func(more uint64) { o.warn(list, more) })
}

// warn says how many samples were refused, of which metrics, which metric and label fill the limit, and what
// to do.
func (o *overflows) warn(list []aggregate.Overflow, samples uint64) {
	fresh := o.fresh(list)
	limits := o.registry.Limits()
	event := o.log.Warn().Str("refused", named(fresh))
	action, advice := "refused", ", set cardinality.overflow_action: fold, or raise the limit"
	for _, limit := range []protocol.Reason{protocol.ReasonSeriesPerMetric, protocol.ReasonTotalSeries} {
		for i := range fresh { // the worst first
			if fresh[i].Limit == limit {
				o.addLimit(event, limits, &fresh[i])
				break
			}
		}
	}
	if limits.OverflowAction == aggregate.OverflowFold {
		action = `added to the series {weir_overflow="true"} of their metric (gauges: refused)`
		advice = " or raise the limit"
	}
	event.Msgf("a cardinality limit is reached: %d samples of new series were %s; "+
		"bound the values of the label by max_label_values in a mapping rule%s", samples, action, advice)
}

// addLimit adds a limit that was in the way of a metric, and what fills it.
func (o *overflows) addLimit(event *zerolog.Event, limits aggregate.Limits, refused *aggregate.Overflow) {
	if refused.Limit == protocol.ReasonSeriesPerMetric {
		event.Int("max_series_per_metric", limits.MaxSeriesPerMetric).
			Str("full", o.filledBy(refused.Metric))
		return
	}
	event.Int("max_total_series", limits.MaxTotalSeries).Str("most", o.filledBy(o.largest()))
}

// filledBy says how many series of a metric were admitted, and the label with most values.
func (o *overflows) filledBy(metric string) string {
	series := 0
	for _, f := range o.registry.Snapshot().Families {
		if f.Name() == metric {
			series = len(f.Series)
		}
	}
	text := fmt.Sprintf("%s has %d series", metric, series)
	if label, values := o.registry.HighestCardinalityLabel(metric); label != "" {
		text += fmt.Sprintf(", its label %s has %d values", label, values)
	}
	return text
}

// largest returns the metric with most series.
func (o *overflows) largest() (metric string) {
	most := -1
	for _, f := range o.registry.Snapshot().Families {
		if len(f.Series) > most {
			metric, most = f.Name(), len(f.Series)
		}
	}
	return metric
}

// fresh returns the metrics with the samples that are not in the log yet, most first, and remembers them.
func (o *overflows) fresh(list []aggregate.Overflow) (fresh []aggregate.Overflow) {
	reported := make(map[string]uint64, len(list))
	for _, overflow := range list {
		reported[overflow.Metric] = overflow.Samples
		overflow.Samples -= min(o.reported[overflow.Metric], overflow.Samples)
		if overflow.Samples > 0 {
			fresh = append(fresh, overflow)
		}
	}
	o.reported = reported
	slices.SortStableFunc(fresh, func(a, b aggregate.Overflow) int {
		return cmp.Compare(b.Samples, a.Samples)
	})
	return fresh
}

// named returns the worst metrics with their samples, and the rest as a number.
func named(fresh []aggregate.Overflow) string {
	var parts []string
	rest := uint64(0)
	for i, o := range fresh {
		if i >= maxMetrics || o.Metric == aggregate.OverflowOther {
			rest += o.Samples
			continue
		}
		parts = append(parts, fmt.Sprintf("%s %d", o.Metric, o.Samples))
	}
	if rest > 0 {
		parts = append(parts, fmt.Sprintf("other metrics %d", rest))
	}
	return strings.Join(parts, ", ")
}
