package aggregate

import (
	"reflect"
	"slices"
	"time"

	"weir/aggregate/exponential"
	"weir/aggregate/mapping"
	"weir/protocol"
)

// ruleset is the rules in force, with how the samples that they match are aggregated. Immutable, except for
// the counts of hits: a reload makes another.
type ruleset struct {
	since     int64 // when it was put in force, in seconds since the epoch
	files     []ruleFile
	unmatched *aggregation // of samples that no rule matches
	caps      []labelCap   // of samples that no rule matches

	nativeMinReset uint32 // Native.MinReset in seconds; 0 means never
}

// ruleFile is the rules of one file.
type ruleFile struct {
	rules        *mapping.Rules
	aggregations []*aggregation // by the index of the rule
	caps         [][]labelCap   // by the index of the rule
	hits         []mapping.Hits // by the index of the rule
}

// newRuleset returns the rules of o. Rules of a file come before those of the next. The defaults of the first
// file hold for samples that no rule matches, too, and its ttl for the rules of the other files.
func newRuleset(o *Options, now int64) *ruleset {
	rs := &ruleset{
		since: now, unmatched: newAggregation(o), nativeMinReset: seconds(o.Timers.Native.MinReset),
	}
	for i, rules := range o.Rules {
		shared := newLabelCaps(rules.MaxLabelValues())
		if i == 0 {
			rs.unmatched, rs.caps = rs.unmatched.with(rules.Defaults(), o), shared
		}
		rs.files = append(rs.files, newRuleFile(rules, shared, o))
		if ttl := rules.Defaults().TTL; i == 0 && ttl != nil {
			others := *o
			others.Series.TTL, o = *ttl, &others
		}
	}
	rs.unmatched.rules = rs
	for _, file := range rs.files {
		for _, t := range file.aggregations {
			t.rules = rs
		}
	}
	return rs
}

func newRuleFile(rules *mapping.Rules, shared []labelCap, o *Options) ruleFile {
	file, usual := ruleFile{rules: rules, hits: make([]mapping.Hits, rules.Len())}, newAggregation(o)
	for i := range rules.Len() {
		rule := rules.Rule(i)
		file.aggregations = append(file.aggregations, usual.with(&rule.Settings, o))
		file.caps = append(file.caps, capsOf(rule, shared))
	}
	return file
}

// capsOf returns the caps of the labels of samples that a rule matched. Samples without a rule have none, nor
// have samples of a rule of before a reload.
func (rs *ruleset) capsOf(r *mapping.Rule) []labelCap {
	if r == nil {
		return rs.caps
	}
	for _, file := range rs.files {
		if r.Index < file.rules.Len() && file.rules.Rule(r.Index) == r {
			return file.caps[r.Index]
		}
	}
	return nil
}

// aggregation says how samples are aggregated (buckets, quantiles, TTL, scale): one for each rule, one for
// unmatched samples. Immutable.
type aggregation struct {
	observations cellKind // of timers, histograms and distributions: cellHistogram or cellSummary

	bounds []float64            // of the classic buckets of a histogram, rising; nil without such buckets
	native *exponential.Options // nil when a histogram is only classic
	window *windowOptions       // of a summary

	rules *ruleset // that it is a part of; nil when it was restored
	ttl   uint32   // seconds without a sample after which a series expires; 0 means never
	scale float64  // factor of every value
}

// windowOptions shape a summary.
type windowOptions struct {
	quantiles    []float64
	slices       int
	sliceSeconds uint32 // length of each slice
}

// newAggregation returns the aggregation that options ask for, without rules.
func newAggregation(o *Options) *aggregation {
	t := &aggregation{observations: cellHistogram, ttl: seconds(o.Series.TTL), scale: 1}
	timers := &o.Timers
	if timers.Observer == ObserverHistogram || timers.Observer == ObserverBoth {
		t.bounds = slices.Clone(timers.Buckets)
	}
	if timers.Observer == ObserverNative || timers.Observer == ObserverBoth {
		n := &timers.Native
		t.native = &exponential.Options{
			Schema: exponential.SchemaOf(n.BucketFactor), MaxBuckets: n.MaxBuckets,
			ZeroThreshold: n.ZeroThreshold, MaxZeroThreshold: n.MaxZeroThreshold,
		}
	}
	if timers.Observer == ObserverSummary {
		t.observations = cellSummary
		t.window = newWindowOptions(timers.Quantiles, timers.MaxAge, timers.AgeBuckets)
	}
	return t
}

// with returns the aggregation of a rule with settings of its own over the options o, whose aggregation is
// t: t itself when the rule has none.
func (t *aggregation) with(s *mapping.Settings, o *Options) *aggregation {
	if reflect.ValueOf(*s).IsZero() {
		return t
	}
	options := *o
	options.Timers.apply(s)
	if s.TTL != nil {
		options.Series.TTL = *s.TTL
	}
	other := newAggregation(&options)
	if s.Scale != nil {
		other.scale = *s.Scale
	}
	return other
}

// apply applies the settings of a rule.
func (t *Timers) apply(s *mapping.Settings) {
	usual := t.Observer
	if s.Observer != "" {
		t.Observer = observerOf(s.Observer, usual)
	}
	if t.NativeByRule && t.Observer == ObserverHistogram && usual == ObserverSummary {
		t.Observer = ObserverBoth
	}
	if s.Buckets != nil {
		t.Buckets = s.Buckets
		if t.Observer == ObserverNative { // the rule asks for classic ones as well
			t.Observer = ObserverBoth
		}
	}
	if s.NativeMaxBuckets != nil {
		t.Native.MaxBuckets = *s.NativeMaxBuckets
	}
	if s.NativeBucketFactor != nil {
		t.applyFactor(*s.NativeBucketFactor)
	}
	if s.Quantiles != nil {
		t.Quantiles = nil
		for _, q := range s.Quantiles {
			t.Quantiles = append(t.Quantiles, q.Quantile)
		}
		slices.Sort(t.Quantiles)
		t.Quantiles = slices.Compact(t.Quantiles)
	}
	if s.AgeBuckets != nil {
		t.AgeBuckets = *s.AgeBuckets
	}
	if s.MaxAge != nil {
		t.MaxAge = *s.MaxAge
	}
	t.AgeBuckets = min(t.AgeBuckets, maxAgeBuckets)
	t.MaxAge = max(t.MaxAge, time.Duration(t.AgeBuckets)*time.Second)
}

// observerOf returns the observer that a rule asks for, where the options have usual. Rules know histograms
// and summaries; the options, or another key of the rule, say whether a histogram is native.
func observerOf(asked, usual string) string {
	if asked == ObserverHistogram && usual != ObserverSummary {
		return usual
	}
	return asked
}

// applyFactor makes histograms native as well, or not.
func (t *Timers) applyFactor(factor float64) {
	switch {
	case factor > 1:
		t.Native.BucketFactor = factor
		if t.Observer == ObserverHistogram {
			t.Observer = ObserverBoth
		}
	case t.Observer == ObserverBoth, t.Observer == ObserverNative:
		t.Observer = ObserverHistogram
	}
}

func newWindowOptions(quantiles []float64, maxAge time.Duration, ageBuckets int) *windowOptions {
	return &windowOptions{
		quantiles: slices.Clone(quantiles), slices: ageBuckets,
		sliceSeconds: max(1, seconds(maxAge)/uint32(ageBuckets)),
	}
}

// seconds returns d as whole seconds, rounded up.
func seconds(d time.Duration) uint32 { return uint32((d + time.Second - 1) / time.Second) }

// cellKindOf returns how series of a kind are kept.
func (t *aggregation) cellKindOf(o *origin) cellKind {
	if o.cellKind == cellHistogram {
		return t.observations
	}
	return o.cellKind
}

// fits reports whether a family with the aggregation t can hold series with the aggregation o as well.
func (t *aggregation) fits(o *aggregation) bool {
	if t == o {
		return true
	}
	if !slices.Equal(t.bounds, o.bounds) || (t.native == nil) != (o.native == nil) ||
		(t.window == nil) != (o.window == nil) {
		return false
	}
	return (t.native == nil || *t.native == *o.native) &&
		(t.window == nil || t.window.equal(o.window))
}

func (s *windowOptions) equal(o *windowOptions) bool {
	return s.slices == o.slices && s.sliceSeconds == o.sliceSeconds && slices.Equal(s.quantiles, o.quantiles)
}

// matcher finds the rule of a sample. It belongs to one shard.
type matcher struct {
	rules     *ruleset
	matchers  []*mapping.Matcher // of the files
	unmatched mapping.Result     // of samples that no rule matches

	name []byte // of the sample, without tags
	tags []mapping.Tag
}

func newMatcher(rules *ruleset) matcher {
	m := matcher{rules: rules, unmatched: mapping.Result{Rule: &mapping.Rule{}}}
	for i, file := range rules.files {
		m.matchers = append(m.matchers, file.rules.NewMatcher())
		if i == 0 {
			m.unmatched.Labels = file.rules.StaticLabels()
		}
	}
	return m
}

// match returns the result of the first file with a rule for the name and the tags, or the result without a
// rule, and an identity that lacks only the name and the labels.
func (m *matcher) match(kind protocol.Kind) (*mapping.Result, identity) {
	for i, matcher := range m.matchers {
		result := matcher.Match(m.name, typeOf(kind), m.tags)
		if result == nil {
			continue
		}
		identity := identity{
			rule: result.Rule, help: result.Rule.Help,
			aggregation: m.rules.files[i].aggregations[result.Rule.Index],
			caps:        m.rules.files[i].caps[result.Rule.Index],
			hits:        &m.rules.files[i].hits[result.Rule.Index],
		}
		if result.Rule.Action == mapping.ActionDrop {
			identity.reason = protocol.ReasonDropped
		}
		return result, identity
	}
	m.unmatched.Name = m.name
	return &m.unmatched, identity{aggregation: m.rules.unmatched, caps: m.rules.caps}
}

func typeOf(kind protocol.Kind) mapping.Type {
	switch kind {
	case protocol.KindCounter, protocol.KindMeter:
		return mapping.TypeCounter
	case protocol.KindGauge, protocol.KindCheck:
		return mapping.TypeGauge
	case protocol.KindSet:
		return mapping.TypeSet
	default:
		return mapping.TypeObserver
	}
}
