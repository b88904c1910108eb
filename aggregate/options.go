package aggregate

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"weir/aggregate/exponential"
	"weir/aggregate/label"
	"weir/aggregate/mapping"
	"weir/internal/mistake"
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
	// Rules name the samples that they match, and say how to aggregate them; rules of an earlier file come
	// first. The defaults of the first file override the options above, and its static_labels and ttl are for
	// all files.
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
	// NameMaxLength is the most bytes of a name; samples with a longer one are rejected. At least 1.
	NameMaxLength int `koanf:"name_max_length"`
	// LabelsMaxLength is the most bytes of the labels of a series, as an exposition writes them between
	// braces; samples with longer ones are rejected. At least 1.
	LabelsMaxLength int `koanf:"labels_max_length"`
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
	// BirthValue shows their value.
	BirthValue = "value"
	// BirthZero shows 0 in the first scrape, and until Lifetime.Hold has passed since the creation, so that
	// increase() sees the samples before the first scrape.
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
	// Quantiles are the quantiles of a summary, each from 0 to 1; at most 100.
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
	// up to MaxZeroThreshold; then the resolution is halved: one step an observation. How far apart buckets
	// are makes no difference.
	MaxBuckets int `koanf:"max_buckets"`
	// ZeroThreshold is the absolute value up to which observations are in the zero bucket; 0 or more.
	ZeroThreshold float64 `koanf:"zero_threshold"`
	// MaxZeroThreshold is the most that it may grow to; 0 means that it may not.
	MaxZeroThreshold float64 `koanf:"max_zero_threshold"`
	// MinReset is how old a native histogram that has lost resolution is at least when it begins again, at 0,
	// with a new time of creation and the full resolution; 0 means never. What was observed since the last
	// scrape is lost then.
	MinReset time.Duration `koanf:"min_reset"`
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
		Sanitize: Sanitize{
			Names: NamesLegacy, NameMaxLength: 255, LabelsMaxLength: 4096,
			LabelValueMaxLength: 128, AllowUnicode: true,
		},
		Series: Lifetime{CounterBirth: BirthValue, Hold: 15 * time.Second, ExemplarTags: []string{}},
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

const (
	maxBuckets       = 1000
	maxNativeBuckets = 1000
	maxQuantiles     = 100
	maxAgeBuckets    = 60
	maxExemplarTags  = 16

	// maxDuration bounds every duration: the coarse clock counts seconds in 32 bits.
	maxDuration = 10 * 365 * 24 * time.Hour
)

// Validate returns every mistake in o joined, each a [mistake.Mistake]; nil without any.
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
	m.Check(o.Sanitize.NameMaxLength >= 1, "sanitize.name_max_length", o.Sanitize.NameMaxLength,
		"want a number of at least 1")
	m.Check(o.Sanitize.LabelsMaxLength >= 1, "sanitize.labels_max_length", o.Sanitize.LabelsMaxLength,
		"want a number of at least 1")
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
	reset := t.Native.MinReset
	m.Check(reset == 0 || reset >= time.Second && reset <= maxDuration, "timers.native.min_reset", reset,
		"want 0s (never) or 1s to 87600h")
}
