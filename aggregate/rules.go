package aggregate

import (
	"slices"
	"time"

	"weir/aggregate/mapping"
	"weir/protocol"
)

// ruleset is the rules in force, with what becomes of the samples that they match. It never changes: a reload
// makes another.
type ruleset struct {
	files     []ruleFile
	unmatched *aggregation // of samples that no rule matches
	caps      []labelCap   // of samples that no rule matches
}

// ruleFile is the rules of one file.
type ruleFile struct {
	rules        *mapping.Rules
	aggregations []*aggregation // by the index of the rule
	caps         [][]labelCap   // by the index of the rule
}

// newRuleset returns the rules of o. Rules of a file come before those of the next; what the first one says
// under defaults is for samples that no rule matches, too, and its ttl for the rules of the others.
func newRuleset(o *Options) *ruleset {
	rs := &ruleset{unmatched: newAggregation(o)}
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
	file, usual := ruleFile{rules: rules}, newAggregation(o)
	for i := range rules.Len() {
		rule := rules.Rule(i)
		file.aggregations = append(file.aggregations, usual.with(&rule.Settings, o))
		file.caps = append(file.caps, capsOf(rule, shared))
	}
	return file
}

// with returns t with what a rule says. It is t itself when the rule says nothing.
func (t *aggregation) with(s *mapping.Settings, o *Options) *aggregation {
	timers, isSaid := o.Timers, false
	said(&isSaid, s.Observer != "", func() { timers.Observer = observerOf(s.Observer, timers.Observer) })
	if timers.NativeByRule && timers.Observer == ObserverHistogram && o.Timers.Observer == ObserverSummary {
		timers.Observer = ObserverBoth
	}
	said(&isSaid, s.Buckets != nil, func() { timers.Buckets = s.Buckets })
	said(&isSaid, s.NativeMaxBuckets != nil, func() { timers.Native.MaxBuckets = *s.NativeMaxBuckets })
	said(&isSaid, s.NativeBucketFactor != nil, func() { timers.setFactor(*s.NativeBucketFactor) })
	said(&isSaid, s.Quantiles != nil, func() {
		timers.Quantiles = nil
		for _, q := range s.Quantiles {
			timers.Quantiles = append(timers.Quantiles, q.Quantile)
		}
		slices.Sort(timers.Quantiles)
		timers.Quantiles = slices.Compact(timers.Quantiles)
	})
	said(&isSaid, s.AgeBuckets != nil, func() { timers.AgeBuckets = *s.AgeBuckets })
	said(&isSaid, s.MaxAge != nil, func() { timers.MaxAge = *s.MaxAge })
	ttl, scale := o.Series.TTL, 1.0
	said(&isSaid, s.TTL != nil, func() { ttl = *s.TTL })
	said(&isSaid, s.Scale != nil, func() { scale = *s.Scale })
	if !isSaid {
		return t
	}
	timers.AgeBuckets = min(timers.AgeBuckets, maxAgeBuckets)
	timers.MaxAge = max(timers.MaxAge, time.Duration(timers.AgeBuckets)*time.Second)
	options := *o
	options.Timers, options.Series.TTL = timers, ttl
	other := newAggregation(&options)
	other.scale = scale
	return other
}

// said calls set when a rule says something.
func said(isSaid *bool, says bool, set func()) {
	if says {
		*isSaid = true
		set()
	}
}

// observerOf returns the observer that a rule asks for. Rules know histograms and summaries; whether a
// histogram is native is for the options, or another key of the rule, to say.
func observerOf(said, usual string) string {
	if said == ObserverHistogram && usual != ObserverSummary {
		return usual
	}
	return said
}

// setFactor makes histograms native as well, or not.
func (t *Timers) setFactor(factor float64) {
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

// matcher finds the rule of a sample. It belongs to one shard.
type matcher struct {
	rules     *ruleset
	matchers  []*mapping.Matcher // of the files
	unmatched mapping.Result     // what samples get that no rule matches

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

// match returns what the first file with a rule for the name and the tags makes of them, or what they are
// without one, and an identity that lacks only the name and the labels.
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
	case protocol.KindGauge:
		return mapping.TypeGauge
	case protocol.KindSet:
		return mapping.TypeSet
	default:
		return mapping.TypeObserver
	}
}
