package aggregate

import (
	"slices"
	"time"

	"weir/aggregate/exponential"
	"weir/aggregate/label"
	"weir/aggregate/mapping"
)

// Options configure a Registry. DefaultOptions returns the documented defaults.
type Options struct {
	// Limits bound how many series may exist.
	Limits Limits `koanf:"cardinality"`
	// Sanitize says how names and label values are made safe.
	Sanitize Sanitize `koanf:"sanitize"`
	// Series says how long series live, how counters begin, and what is kept beside the values.
	Series Lifetime `koanf:"series"`
	// Timers says what timers, histograms and distributions become.
	Timers Timers `koanf:"timers"`
	// Sets says how sets are counted.
	Sets Sets `koanf:"sets"`
	// Rules name and treat samples that they match; those of an earlier file come first. What the first file
	// says under defaults goes over the options above, and its static_labels and ttl are for all files.
	Rules []*mapping.Rules `koanf:"-"`
}

// Limits bound the cardinality, so that one bad tag cannot take the memory of the host.
type Limits struct {
	// MaxSeriesPerMetric is the most series one family may have; at least 1.
	MaxSeriesPerMetric int `koanf:"max_series_per_metric"`
	// MaxTotalSeries is the most series of all families together; at least 1.
	MaxTotalSeries int `koanf:"max_total_series"`
	// OverflowAction is what happens to a series over a limit: OverflowDropAndWarn or OverflowFold.
	OverflowAction string `koanf:"overflow_action"`
}

// What happens to the samples of a series over a limit. They are counted and warned about either way.
const (
	// OverflowDropAndWarn refuses them.
	OverflowDropAndWarn = "drop_and_warn"
	// OverflowFold adds them to one series of their family, {weir_overflow="true"}, so that totals stay
	// right. A place under the limits is kept for it. Gauges and service checks have no total, and are
	// refused.
	OverflowFold = "fold"
)

// Sanitize says how names and label values are made safe.
type Sanitize struct {
	// Names is NamesLegacy or NamesUTF8.
	Names string `koanf:"names"`
	// LabelValueMaxLength is the most characters (runes) of a label value; longer values are cut and get
	// "..." at the end. At least 1.
	LabelValueMaxLength int `koanf:"label_value_max_length"`
	// AllowUnicode keeps characters beyond ASCII in label values; false replaces each by '?'.
	AllowUnicode bool `koanf:"allow_unicode"`
}

// values returns how label values are made safe.
func (s *Sanitize) values() label.Values {
	return label.Values{MaxRunes: s.LabelValueMaxLength, AllowUnicode: s.AllowUnicode}
}

// Which names are shown.
const (
	// NamesLegacy makes names legal for every Prometheus version.
	NamesLegacy = "legacy"
	// NamesUTF8 keeps names as they are sent, for scrapers that ask for that (escaping=allow-utf-8); others
	// get them escaped as they ask. See Family.UTF8Name and Series.UTF8Labels.
	NamesUTF8 = "utf8"
)

// Lifetime says how long series live, how counters begin, and what is kept beside the values.
type Lifetime struct {
	// TTL is how long after its last sample a series expires; 0 means never.
	TTL time.Duration `koanf:"ttl"`
	// CounterBirth is what scrapes see of a new counter, histogram or summary: BirthValue or BirthZero.
	CounterBirth string `koanf:"counter_birth"`
	// Hold is how long BirthZero shows 0 at least; 0 or more.
	Hold time.Duration `koanf:"hold"`
	// ExemplarTags are the names of tags, as they are sent, that become the labels of exemplars instead of
	// labels of series; at most 16, each once. Those that come first have the room, if it is not enough for
	// all (see MaxExemplarCharacters).
	ExemplarTags []string `koanf:"exemplar_tags"`
}

// How counters begin.
const (
	// BirthValue shows what they have.
	BirthValue = "value"
	// BirthZero shows 0 in the first scrape, and until Lifetime.Hold has passed since the birth, so that
	// increase() sees what came before the first scrape.
	BirthZero = "zero"
)

// Timers says what timers, histograms and distributions become. Timers are in seconds, histograms and
// distributions in the sender's unit.
type Timers struct {
	// Observer is ObserverHistogram, ObserverNative, ObserverBoth or ObserverSummary.
	Observer string `koanf:"observer"`
	// NativeByRule gives the histograms that rules ask for where Observer is ObserverSummary native buckets
	// as well, unless the rule says otherwise, as statsd_exporter does. It is no key of the configuration.
	NativeByRule bool `koanf:"-"`
	// Buckets are the upper bounds of the classic buckets, finite and rising, 1 to 1000 of them; +Inf is
	// always added.
	Buckets []float64 `koanf:"buckets"`
	// Native shapes native histograms.
	Native Native `koanf:"native"`
	// Quantiles are those of a summary, each from 0 to 1; at most 100.
	Quantiles []float64 `koanf:"quantiles"`
	// MaxAge is the window over which quantiles are taken, at least one second for each of AgeBuckets.
	MaxAge time.Duration `koanf:"max_age"`
	// AgeBuckets is how many parts the window has, 1 to 60: it forgets one at a time.
	AgeBuckets int `koanf:"age_buckets"`
}

// What observations become.
const (
	// ObserverHistogram is a histogram with the buckets of Timers.Buckets.
	ObserverHistogram = "histogram"
	// ObserverNative is a native histogram, with exponential buckets. Text has only its sum and count.
	ObserverNative = "native"
	// ObserverBoth is a histogram with both.
	ObserverBoth = "both"
	// ObserverSummary is a summary: quantiles within 1 % of the exact ones.
	ObserverSummary = "summary"
)

// Native shapes native histograms.
type Native struct {
	// BucketFactor is the most by which the bounds of neighbouring buckets may differ at first, more than
	// 1, at most 65536.
	BucketFactor float64 `koanf:"bucket_factor"`
	// MaxBuckets is the most populated buckets, 1 to 1000. When there are more, the zero bucket is widened
	// up to MaxZeroThreshold; then the resolution is halved. It is halved, too, when the outermost buckets of
	// one sign are more than 2048 apart.
	MaxBuckets int `koanf:"max_buckets"`
	// ZeroThreshold is the absolute value up to which observations are in the zero bucket; 0 or more.
	ZeroThreshold float64 `koanf:"zero_threshold"`
	// MaxZeroThreshold is the most that it may grow to; 0 means that it may not.
	MaxZeroThreshold float64 `koanf:"max_zero_threshold"`
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
		Sanitize: Sanitize{Names: NamesLegacy, LabelValueMaxLength: 128, AllowUnicode: true},
		Series:   Lifetime{CounterBirth: BirthValue, Hold: 15 * time.Second, ExemplarTags: []string{}},
		Timers: Timers{
			Observer: ObserverHistogram,
			Buckets:  []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
			Native: Native{
				BucketFactor: 1.1, MaxBuckets: 160,
				ZeroThreshold: exponential.DefaultZeroThreshold, MaxZeroThreshold: 1e-6,
			},
			Quantiles: []float64{.5, .9, .99}, MaxAge: 10 * time.Minute, AgeBuckets: 5,
		},
		Sets: Sets{Window: time.Minute},
	}
}

func (o *Options) clone() Options {
	c := *o
	c.Timers.Buckets, c.Timers.Quantiles = slices.Clone(o.Timers.Buckets), slices.Clone(o.Timers.Quantiles)
	c.Rules, c.Series.ExemplarTags = slices.Clone(o.Rules), slices.Clone(o.Series.ExemplarTags)
	return c
}
