package aggregate

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"
)

// Options configure a Registry. DefaultOptions returns the documented defaults.
type Options struct {
	// Limits bound how many series may exist.
	Limits Limits `koanf:"cardinality"`
	// Sanitize says how label values are made safe.
	Sanitize Sanitize `koanf:"sanitize"`
	// Timers says what timers, histograms and distributions become.
	Timers Timers `koanf:"timers"`
	// Sets says how sets are counted.
	Sets Sets `koanf:"sets"`
}

// Limits bound the cardinality, so that one bad tag cannot take the memory of the host.
type Limits struct {
	// MaxSeriesPerMetric is the most series one family may have; at least 1.
	MaxSeriesPerMetric int `koanf:"max_series_per_metric"`
	// MaxTotalSeries is the most series of all families together; at least 1.
	MaxTotalSeries int `koanf:"max_total_series"`
	// OverflowAction is what happens to a series over a limit: only "drop_and_warn".
	OverflowAction string `koanf:"overflow_action"`
}

// OverflowDropAndWarn refuses a series over a limit, counts it and warns at most once a minute.
const OverflowDropAndWarn = "drop_and_warn"

// Sanitize says how label values are made safe. Names are always made legal for every Prometheus version.
type Sanitize struct {
	// LabelValueMaxLength is the most characters (runes) of a label value; longer values are cut and get
	// "..." at the end. At least 1.
	LabelValueMaxLength int `koanf:"label_value_max_length"`
	// AllowUnicode keeps characters beyond ASCII in label values; false replaces each by '?'.
	AllowUnicode bool `koanf:"allow_unicode"`
}

// Timers says what timers, histograms and distributions become: classic histograms.
type Timers struct {
	// Buckets are the upper bounds of the histogram buckets, finite and rising, 1 to 1000 of them; +Inf is
	// always added. Timers are in seconds, histograms and distributions in the sender's unit.
	Buckets []float64 `koanf:"buckets"`
}

// Sets says how sets are counted.
type Sets struct {
	// Window is how long a member counts after it was last seen; at least one second.
	Window time.Duration `koanf:"window"`
}

// DefaultOptions returns the documented defaults.
func DefaultOptions() Options {
	return Options{
		Limits: Limits{
			MaxSeriesPerMetric: 10_000, MaxTotalSeries: 1_000_000, OverflowAction: OverflowDropAndWarn,
		},
		Sanitize: Sanitize{LabelValueMaxLength: 128, AllowUnicode: true},
		Timers:   Timers{Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}},
		Sets:     Sets{Window: time.Minute},
	}
}

// Validate returns every mistake in o joined, each as "section.key: bad value: what is allowed"; nil when
// there is none.
func (o *Options) Validate() error {
	var errs []error
	bad := func(key string, value any, allowed string) {
		errs = append(errs, fmt.Errorf("%s: %v: %s", key, value, allowed))
	}
	if o.Limits.MaxSeriesPerMetric < 1 {
		bad("cardinality.max_series_per_metric", o.Limits.MaxSeriesPerMetric, "want a number of at least 1")
	}
	if o.Limits.MaxTotalSeries < 1 {
		bad("cardinality.max_total_series", o.Limits.MaxTotalSeries, "want a number of at least 1")
	}
	if o.Limits.OverflowAction != OverflowDropAndWarn {
		bad("cardinality.overflow_action", strconv.Quote(o.Limits.OverflowAction),
			"want "+OverflowDropAndWarn)
	}
	if o.Sanitize.LabelValueMaxLength < 1 {
		bad("sanitize.label_value_max_length", o.Sanitize.LabelValueMaxLength, "want a number of at least 1")
	}
	if n := len(o.Timers.Buckets); n < 1 || n > maxBuckets {
		bad("timers.buckets", fmt.Sprintf("%d bounds", n), "want 1 to 1000")
	}
	for i, b := range o.Timers.Buckets {
		if math.IsNaN(b) || math.IsInf(b, 0) {
			bad("timers.buckets", b, "want finite bounds; +Inf is always added")
		} else if i > 0 && b <= o.Timers.Buckets[i-1] {
			bad("timers.buckets", b, "want rising bounds, without repetition")
		}
	}
	if o.Sets.Window < time.Second {
		bad("sets.window", o.Sets.Window, "want at least 1s")
	}
	return errors.Join(errs...)
}

const maxBuckets = 1000

func (o *Options) clone() Options {
	c := *o
	c.Timers.Buckets = slices.Clone(o.Timers.Buckets)
	return c
}
