package mapping

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Type is what a rule's match_metric_type can select.
type Type uint8

// The types of samples. Rules of statsd_exporter know no sets: only untyped rules and those for "set" match
// one.
const (
	TypeCounter Type = iota
	TypeGauge
	TypeObserver // timers, histograms and distributions
	TypeSet
)

// typeNames are the names of the types, in their order.
const typeNames = "counter gauge observer set"

const allTypes typeSet = 1<<(TypeSet+1) - 1

// String returns the type as match_metric_type spells it.
func (t Type) String() string { return strings.Fields(typeNames)[t] }

type typeSet uint8

func (s typeSet) has(t Type) bool { return s&(1<<t) != 0 }

// Tag is a tag as it was sent, before any sanitising. One without a value has the value "".
type Tag struct{ Key, Value []byte }

// Label is a label of a result, not yet sanitised. Its value may be empty.
type Label struct {
	Name  string
	Value []byte
}

// MatchType says how a rule reads its match: MatchGlob or MatchRegex.
type MatchType string

// The match types. A regular expression is in the syntax of package regexp and need not match the whole name.
const (
	MatchGlob  MatchType = "glob"
	MatchRegex MatchType = "regex"
)

// Action says what is done with samples that match a rule: ActionMap or ActionDrop.
type Action string

// The actions.
const (
	ActionMap  Action = "map"
	ActionDrop Action = "drop"
)

// Rule is one entry of the mappings. It is read-only.
type Rule struct {
	File  string // its name, as it was given to Parse
	Index int    // in the file, from 0
	Line  int    // where its entry begins

	Match      string
	MatchType  MatchType
	MetricType string   // the match_metric_type: "" for all, or the only type it matches
	Except     []string // globs of names that it does not match
	MatchTags  map[string]string
	Action     Action

	Name        string            // the template
	Labels      map[string]string // templates by name of the label
	HonorLabels bool              // a tag of the same name wins over a label of the rule
	DropLabels  []string          // labels made of tags that are left out
	LabelMap    map[string]string // labels made of tags that get another name, by the name they have
	Help        string            // literal; empty when not given
	Settings    Settings          // with the defaults for every setting that the rule does not give

	// MaxLabelValues are the most values that labels may take in the series of this rule alone, by name of
	// the label; each is at least 1. For labels that it does not name, those of [Rules.MaxLabelValues] hold.
	MaxLabelValues map[string]int

	rank    int // the rule with the lowest is tried first
	types   typeSet
	glob    pattern
	regex   *expression // nil for a glob
	except  []pattern
	tags    []tagPattern
	name    template
	labels  []labelTemplate // sorted by name
	statics []Label         // those of the defaults that the rule does not override
}

// path is the key of the rule in its file.
func (r *Rule) path() string { return "mappings[" + strconv.Itoa(r.Index) + "]" }

type labelTemplate struct {
	name  string
	value template
}

// tagPattern is a tag that a sample must have. Its stars match dots too.
type tagPattern struct {
	key   string
	value segment
}

// accepts reports whether the rule is for such a sample, whose name fits its match.
func (r *Rule) accepts(name []byte, t Type, tags []Tag) bool {
	return r.types.has(t) && r.refusedTag(tags) < 0 && r.exception(name) < 0
}

// exception returns the index of the exception for name, -1 when it has none. Given a glob in place of a
// name it finds one that covers the glob.
func (r *Rule) exception(name []byte) int {
	for i := range r.except {
		if r.except[i].matches(name) {
			return i
		}
	}
	return -1
}

// refusedTag returns the index of the first of r.tags that the tags do not satisfy, -1 when they satisfy all.
// Of tags with one key the last counts, as it does for labels.
func (r *Rule) refusedTag(tags []Tag) int {
	for i := range r.tags {
		value, found := lastTag(tags, r.tags[i].key)
		if !found || !r.tags[i].value.matches(value) {
			return i
		}
	}
	return -1
}

func lastTag(tags []Tag, key string) (value []byte, found bool) {
	for _, tag := range slices.Backward(tags) {
		if string(tag.Key) == key {
			return tag.Value, true
		}
	}
	return nil, false
}

// covers reports whether r accepts everything of type t that other accepts, provided that r's match does.
func (r *Rule) covers(other *Rule, t Type) bool {
	if !r.types.has(t) {
		return false
	}
	for i := range r.tags {
		if !other.demands(&r.tags[i]) {
			return false
		}
	}
	for i := range r.except {
		if other.exception([]byte(r.Except[i])) < 0 {
			return false
		}
	}
	return true
}

// demands reports whether the rule accepts only samples with the tag.
func (r *Rule) demands(tag *tagPattern) bool {
	for i := range r.tags {
		if r.tags[i].key == tag.key && tag.value.matches([]byte(r.tags[i].value.text)) {
			return true
		}
	}
	return false
}

// Settings are the settings of series in a rule or in the defaults. A setting that is nil or empty is not
// given.
type Settings struct {
	// TTL is how long a series lives without a sample; 0 is for ever, whatever the defaults are.
	TTL *time.Duration
	// Observer is "histogram", "summary" or "".
	Observer string
	// Buckets are the upper bounds of a histogram, finite and rising. The bucket +Inf is always added, so an
	// empty list that is not nil means +Inf alone.
	Buckets []float64
	// NativeBucketFactor is the growth of the buckets of a native histogram; 1 or less is for none.
	// statsd_exporter takes [DefaultNativeBucketFactor] when it is not given.
	NativeBucketFactor *float64
	// NativeMaxBuckets is the most that a native histogram may have; statsd_exporter takes
	// [DefaultNativeMaxBuckets] when it is not given.
	NativeMaxBuckets *int
	// Quantiles are those of a summary, rising.
	Quantiles []Quantile
	// MaxAge is how long a summary keeps an observation.
	MaxAge *time.Duration
	// AgeBuckets is in how many steps a summary forgets.
	AgeBuckets *int
	// BufCap is read for compatibility and has no effect.
	BufCap *int
	// Scale multiplies values. Only rules have it.
	Scale *float64
}

// The defaults of statsd_exporter for native histograms, for mapping files that do not give these settings.
const (
	DefaultNativeBucketFactor = 1.1
	DefaultNativeMaxBuckets   = 256
)

// Quantile is one quantile of a summary and by how much its rank may be wrong; both from 0 to 1.
type Quantile struct{ Quantile, Error float64 }

// inherit takes the settings that are not given from the defaults.
func (s *Settings) inherit(defaults *Settings) {
	s.TTL = first(s.TTL, defaults.TTL)
	if s.Observer == "" {
		s.Observer = defaults.Observer
	}
	if s.Buckets == nil {
		s.Buckets = defaults.Buckets
	}
	s.NativeBucketFactor = first(s.NativeBucketFactor, defaults.NativeBucketFactor)
	s.NativeMaxBuckets = first(s.NativeMaxBuckets, defaults.NativeMaxBuckets)
	if s.Quantiles == nil {
		s.Quantiles = defaults.Quantiles
	}
	s.MaxAge = first(s.MaxAge, defaults.MaxAge)
	s.AgeBuckets = first(s.AgeBuckets, defaults.AgeBuckets)
	s.BufCap = first(s.BufCap, defaults.BufCap)
}

func first[T any](own, inherited *T) *T {
	if own != nil {
		return own
	}
	return inherited
}
