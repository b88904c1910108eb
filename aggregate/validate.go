package aggregate

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"weir/internal/mistake"
)

const (
	maxBuckets       = 1000
	maxNativeBuckets = 1000
	maxQuantiles     = 100
	maxAgeBuckets    = 60
	maxExemplarTags  = 16

	// maxDuration bounds every duration: the coarse clock counts seconds in 32 bits.
	maxDuration = 10 * 365 * 24 * time.Hour
)

// Validate returns every mistake in o joined, each a [mistake.Mistake]; nil when there is none.
func (o *Options) Validate() error {
	var m mistake.List
	least, want := 1, "want a number of at least 1"
	if o.Limits.OverflowAction == OverflowFold {
		least, want = 2, "want a number of at least 2, since fold needs a place"
	}
	m.Check(o.Limits.MaxSeriesPerMetric >= least, "cardinality.max_series_per_metric",
		o.Limits.MaxSeriesPerMetric, want)
	m.Check(o.Limits.MaxTotalSeries >= least, "cardinality.max_total_series", o.Limits.MaxTotalSeries, want)
	m.OneOf("cardinality.overflow_action", o.Limits.OverflowAction, OverflowDropAndWarn, OverflowFold)
	m.OneOf("sanitize.names", o.Sanitize.Names, NamesLegacy, NamesUTF8)
	m.Check(o.Sanitize.LabelValueMaxLength >= 1, "sanitize.label_value_max_length",
		o.Sanitize.LabelValueMaxLength, "want a number of at least 1")
	m.Check(o.Series.TTL == 0 || o.Series.TTL >= time.Second && o.Series.TTL <= maxDuration,
		"series.ttl", o.Series.TTL, "want 0s (never) or 1s to 87600h")
	m.OneOf("series.counter_birth", o.Series.CounterBirth, BirthValue, BirthZero)
	m.Check(o.Series.Hold >= 0 && o.Series.Hold <= time.Hour, "series.hold", o.Series.Hold, "want 0s to 1h")
	checkExemplarTags(&m, o.Series.ExemplarTags)
	o.Timers.check(&m)
	m.Check(o.Sets.Window >= time.Second && o.Sets.Window <= maxDuration, "sets.window", o.Sets.Window,
		"want 1s to 87600h")
	return m.Err()
}

func checkExemplarTags(m *mistake.List, tags []string) {
	const key = "series.exemplar_tags"
	if len(tags) > maxExemplarTags {
		m.Add(key, strconv.Itoa(len(tags))+" tags", "want at most 16")
	}
	for i, tag := range tags {
		m.Check(tag != "" && !strings.ContainsAny(tag, "\n|,"), key, tag,
			"want the name of a tag, as it is sent")
		m.Check(slices.Index(tags, tag) == i, key, tag, "want each tag once")
	}
}

func (t *Timers) check(m *mistake.List) {
	m.OneOf("timers.observer", t.Observer, ObserverHistogram, ObserverNative, ObserverBoth, ObserverSummary)
	if n := len(t.Buckets); n < 1 || n > maxBuckets {
		m.Add("timers.buckets", strconv.Itoa(n)+" bounds", "want 1 to 1000")
	}
	for i, b := range t.Buckets {
		isFinite := !math.IsNaN(b) && !math.IsInf(b, 0)
		m.Check(isFinite, "timers.buckets", b, "want finite bounds; +Inf is always added")
		m.Check(!isFinite || i == 0 || !(b <= t.Buckets[i-1]), "timers.buckets", b,
			"want rising bounds, without repetition")
	}
	if n := len(t.Quantiles); n > maxQuantiles {
		m.Add("timers.quantiles", strconv.Itoa(n)+" quantiles", "want at most 100")
	}
	for i, q := range t.Quantiles {
		m.Check(q >= 0 && q <= 1, "timers.quantiles", q, "want quantiles from 0 to 1")
		m.Check(i == 0 || !(q <= t.Quantiles[i-1]), "timers.quantiles", q,
			"want rising quantiles, without repetition")
	}
	m.Check(t.AgeBuckets >= 1 && t.AgeBuckets <= maxAgeBuckets, "timers.age_buckets", t.AgeBuckets,
		"want 1 to 60")
	m.Check(t.MaxAge >= time.Duration(t.AgeBuckets)*time.Second && t.MaxAge <= maxDuration,
		"timers.max_age", t.MaxAge, "want at least 1s for each of timers.age_buckets, at most 87600h")
	f := t.Native.BucketFactor
	m.Check(f > 1 && f <= 65536, "timers.native.bucket_factor", f, "want more than 1, at most 65536")
	m.Check(t.Native.MaxBuckets >= 1 && t.Native.MaxBuckets <= maxNativeBuckets, "timers.native.max_buckets",
		t.Native.MaxBuckets, "want 1 to 1000")
	zero, most := t.Native.ZeroThreshold, t.Native.MaxZeroThreshold
	m.Check(zero >= 0 && zero <= 1, "timers.native.zero_threshold", zero, "want 0 to 1")
	m.Check(most >= 0 && most <= 1, "timers.native.max_zero_threshold", most, "want 0 to 1")
}
