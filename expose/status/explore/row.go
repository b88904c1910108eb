package explore

import (
	"fmt"
	"strings"

	dto "github.com/prometheus/client_model/go"

	"weir/aggregate"
	"weir/expose/page"
	"weir/expose/status/wire"
)

// maxSenders is how many senders of a family are in an answer.
const maxSenders = 5

// row returns a family as answers have it.
func row(r *aggregate.Registry, f *family, rates Rates) wire.Family {
	if f.self != nil {
		return selfRow(f.self)
	}
	x := wire.Family{
		Name: f.Name(), Type: f.Type().String(), Kind: f.Kind(), Help: f.Help(), Series: len(f.Series),
		LastSeenAt: at(f.LastSeen()), CreatedAt: at(f.Created()),
		ExposedBytes: page.Weight(f.FamilySeries), NewPerMinute: f.NewPerMinute(),
		Senders: []wire.FamilySender{}, Names: []string{},
		Limit: r.Limits().MaxSeriesPerMetric, Refused: r.Refused(f.Name()),
	}
	if rule := f.Rule(); rule != nil {
		x.Rule = &wire.RuleRef{File: rule.File, Line: rule.Line, Match: rule.Match}
	}
	for _, name := range f.SentNames() {
		x.Names = append(x.Names, printable(name))
	}
	if rate, known := rates.Family(f.Name()); known {
		x.SamplesPerSecond, x.History = &rate.PerSecond, rate.History
		if total := rates.Total(); total > 0 {
			x.Share = new(min(1, rate.PerSecond/total))
		}
		shown := rate.Senders[:min(len(rate.Senders), maxSenders)]
		x.Senders = append(x.Senders, shown...)
		x.SendersMore = rate.SendersMore + len(rate.Senders) - len(shown)
	}
	return x
}

// selfRow returns one of weir's own families as answers have it.
func selfRow(f *dto.MetricFamily) wire.Family {
	typ := strings.ToLower(f.GetType().String())
	return wire.Family{
		Name: f.GetName(), Type: typ, Kind: typ, Help: f.GetHelp(), Series: len(f.GetMetric()),
		ExposedBytes: page.SelfWeight(f), Senders: []wire.FamilySender{}, Names: []string{},
	}
}

// printable returns a text that JSON can have: see [wire.Text].
func printable(text string) string {
	shown, _ := wire.Text(text)
	return shown
}

// why says in words how a family came to its name and its form.
func why(r *aggregate.Registry, f *aggregate.FamilySeries) (reasons []string) {
	if names := f.SentNames(); len(names) > 0 {
		reasons = append(reasons, "sent as "+printable(names[0]))
		for _, other := range names[1:] {
			reasons = append(reasons, fmt.Sprintf("sent as %s, too: both are %s", printable(other), f.Name()))
		}
	}
	if rule := f.Rule(); rule != nil {
		reasons = append(reasons,
			fmt.Sprintf("rule %s:%d %s matched: name %s", rule.File, rule.Line, rule.Match, f.Name()))
	} else {
		reasons = append(reasons, "no mapping rule matched")
	}
	if form := formOf(f.Family); form != "" {
		reasons = append(reasons, form)
	}
	most := r.Limits().MaxSeriesPerMetric
	if refused := r.Refused(f.Name()); refused > 0 {
		reasons = append(reasons, fmt.Sprintf(
			"%d series of at most %d; the limits refused or folded %d samples", len(f.Series), most, refused))
	}
	return reasons
}

// formOf says how the observations of a family are kept; "" when its type says all.
func formOf(f *aggregate.Family) string {
	native := ""
	if f.HasNative() {
		native = " and native buckets"
	}
	switch f.Kind() {
	case "native":
		return "a histogram with native buckets alone: text has only their sum and count"
	case "histogram":
		return fmt.Sprintf("a histogram with %d classic buckets%s", len(f.Bounds())+1, native)
	case "summary":
		return fmt.Sprintf("a summary with the quantiles %v", f.Quantiles())
	case "set":
		return "a set: the gauge is the number of distinct members in the window"
	case "check":
		return "service checks: 0 ok, 1 warning, 2 critical, 3 unknown"
	default:
		return ""
	}
}
