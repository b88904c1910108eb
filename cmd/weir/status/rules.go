package status

import (
	"cmp"
	"slices"

	"weir/aggregate"
	"weir/expose/status/wire"
	"weir/ingest/tap"
)

// mostUnmapped is how many names that no rule matched are shown.
const mostUnmapped = 100

// Rules returns the rules in force with their hits, and the names that no rule matched. rates may be nil.
func Rules(r *aggregate.Registry, rates *tap.Rates) wire.Rules {
	hits, since := aggregate.HitsOfRules(r)
	answer := wire.Rules{
		Rules: []wire.Rule{}, Total: len(hits), Unmapped: []wire.Unmapped{}, Since: float64(since),
	}
	for i := range hits {
		answer.Rules = append(answer.Rules, ruleOf(&hits[i], rates))
	}
	if len(hits) > 0 { // otherwise no name has a rule, and that says nothing
		answer.Unmapped, answer.UnmappedTotal = unmapped(r)
	}
	return answer
}

func ruleOf(h *aggregate.RuleHits, rates *tap.Rates) wire.Rule {
	rule := wire.Rule{
		RuleRef:   wire.RuleRef{File: h.Rule.File, Line: h.Rule.Line, Match: h.Rule.Match},
		MatchType: string(h.Rule.MatchType), Action: string(h.Rule.Action), Name: h.Rule.Name, Hits: h.Hits,
	}
	if h.LastHit > 0 {
		rule.LastHitAt = new(float64(h.LastHit))
	}
	if rate, isKnown := rates.Rule(h.Rule.File, h.Rule.Line); isKnown {
		rule.SamplesPerSecond = &rate
	}
	return rule
}

// unmapped returns families that no rule has named, most series first, and how many there are.
func unmapped(r *aggregate.Registry) (list []wire.Unmapped, total int) {
	list = []wire.Unmapped{}
	mostSeriesFirst := func(a, b wire.Unmapped) int {
		return cmp.Or(cmp.Compare(b.Series, a.Series), cmp.Compare(a.Family, b.Family))
	}
	trim := func(most int) {
		slices.SortFunc(list, mostSeriesFirst)
		list = list[:min(len(list), most)]
	}
	for _, f := range r.Snapshot().Families {
		names := f.SentNames()
		if f.Rule() != nil || len(names) == 0 {
			continue
		}
		total++
		name, _ := wire.Text(names[0])
		list = append(list, wire.Unmapped{Name: name, Family: f.UTF8Name(), Series: len(f.Series)})
		if len(list) >= 4*mostUnmapped {
			trim(mostUnmapped)
		}
	}
	trim(mostUnmapped)
	return list, total
}
