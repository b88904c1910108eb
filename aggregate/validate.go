package aggregate

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
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

// mistakes are collected by Validate.
type mistakes []error

// check adds a mistake, "section.key: bad value: what is allowed", unless ok.
func (m *mistakes) check(ok bool, key string, value any, allowed string) {
	if !ok {
		*m = append(*m, fmt.Errorf("%s: %v: want %s", key, value, allowed))
	}
}

func (m *mistakes) oneOf(key, value string, allowed ...string) {
	m.check(slices.Contains(allowed, value), key, strconv.Quote(value), orList(allowed))
}

// orList joins words as in "a, b or c".
func orList(words []string) string {
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// Validate returns every mistake in o joined, each as "section.key: bad value: what is allowed"; nil when
// there is none.
func (o *Options) Validate() error {
	var m mistakes
	least, want := 1, "a number of at least 1"
	if o.Limits.OverflowAction == OverflowFold {
		least, want = 2, "a number of at least 2, since fold needs a place"
	}
	m.check(o.Limits.MaxSeriesPerMetric >= least, "cardinality.max_series_per_metric",
		o.Limits.MaxSeriesPerMetric, want)
	m.check(o.Limits.MaxTotalSeries >= least, "cardinality.max_total_series", o.Limits.MaxTotalSeries, want)
	m.oneOf("cardinality.overflow_action", o.Limits.OverflowAction, OverflowDropAndWarn, OverflowFold)
	m.oneOf("sanitize.names", o.Sanitize.Names, NamesLegacy, NamesUTF8)
	m.check(o.Sanitize.LabelValueMaxLength >= 1, "sanitize.label_value_max_length",
		o.Sanitize.LabelValueMaxLength, "a number of at least 1")
	m.check(o.Series.TTL == 0 || o.Series.TTL >= time.Second && o.Series.TTL <= maxDuration,
		"series.ttl", o.Series.TTL, "0s (never) or 1s to 87600h")
	m.oneOf("series.counter_birth", o.Series.CounterBirth, BirthValue, BirthZero)
	m.check(o.Series.Hold >= 0 && o.Series.Hold <= time.Hour, "series.hold", o.Series.Hold, "0s to 1h")
	m.exemplarTags(o.Series.ExemplarTags)
	m.timers(&o.Timers)
	m.check(o.Sets.Window >= time.Second && o.Sets.Window <= maxDuration, "sets.window", o.Sets.Window,
		"1s to 87600h")
	return errors.Join(m...)
}

func (m *mistakes) exemplarTags(tags []string) {
	const key = "series.exemplar_tags"
	m.check(len(tags) <= maxExemplarTags, key, fmt.Sprintf("%d tags", len(tags)), "at most 16")
	for i, tag := range tags {
		m.check(tag != "" && !strings.ContainsAny(tag, "\n|,"), key, strconv.Quote(tag),
			"the name of a tag, as it is sent")
		m.check(slices.Index(tags, tag) == i, key, strconv.Quote(tag), "each tag once")
	}
}

func (m *mistakes) timers(t *Timers) {
	m.oneOf("timers.observer", t.Observer, ObserverHistogram, ObserverNative, ObserverBoth, ObserverSummary)
	n := len(t.Buckets)
	m.check(n >= 1 && n <= maxBuckets, "timers.buckets", fmt.Sprintf("%d bounds", n), "1 to 1000")
	for i, b := range t.Buckets {
		isFinite := !math.IsNaN(b) && !math.IsInf(b, 0)
		m.check(isFinite, "timers.buckets", b, "finite bounds; +Inf is always added")
		m.check(!isFinite || i == 0 || !(b <= t.Buckets[i-1]), "timers.buckets", b,
			"rising bounds, without repetition")
	}
	n = len(t.Quantiles)
	m.check(n <= maxQuantiles, "timers.quantiles", fmt.Sprintf("%d quantiles", n), "at most 100")
	for i, q := range t.Quantiles {
		m.check(q >= 0 && q <= 1, "timers.quantiles", q, "quantiles from 0 to 1")
		m.check(i == 0 || !(q <= t.Quantiles[i-1]), "timers.quantiles", q,
			"rising quantiles, without repetition")
	}
	m.check(t.AgeBuckets >= 1 && t.AgeBuckets <= maxAgeBuckets, "timers.age_buckets", t.AgeBuckets,
		"1 to 60")
	m.check(t.MaxAge >= time.Duration(t.AgeBuckets)*time.Second && t.MaxAge <= maxDuration,
		"timers.max_age", t.MaxAge, "at least 1s for each of timers.age_buckets, at most 87600h")
	f := t.Native.BucketFactor
	m.check(f > 1 && f <= 65536, "timers.native.bucket_factor", f, "more than 1, at most 65536")
	m.check(t.Native.MaxBuckets >= 1 && t.Native.MaxBuckets <= maxNativeBuckets, "timers.native.max_buckets",
		t.Native.MaxBuckets, "1 to 1000")
	zero, most := t.Native.ZeroThreshold, t.Native.MaxZeroThreshold
	m.check(zero >= 0 && zero <= 1, "timers.native.zero_threshold", zero, "0 to 1")
	m.check(most >= 0 && most <= 1, "timers.native.max_zero_threshold", most, "0 to 1")
}
