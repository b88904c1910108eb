package status

import (
	"cmp"
	"time"

	"weir/expose/status/web"
	"weir/expose/status/wire"
)

// summaryFamilies is how many families the page shows without JavaScript.
const summaryFamilies = 20

// Summary returns what the page says without JavaScript, as far as there are sources; nil without a status.
func (a *API) Summary() *web.Summary {
	if a.sources.Status == nil {
		return nil
	}
	s := a.sources.Status(0)
	summary := &web.Summary{
		Instance: s.Instance, Version: s.Version, Level: s.Health.Level, Health: s.Health.Text,
		Uptime:      time.Duration(s.UptimeSeconds * float64(time.Second)),
		MetricsPath: s.Endpoint.Path, LastScrape: lastScrape(&s), Ledger: ledger(&s),
	}
	for i := range s.Health.Notes {
		n := &s.Health.Notes[i]
		summary.Notes = append(summary.Notes, web.Note{Title: n.Title, Text: n.Text, Fix: n.Fix})
	}
	a.addFamilies(summary)
	a.addRejects(summary)
	return summary
}

func lastScrape(s *wire.Status) string {
	if s.LastScrape == nil {
		return "not scraped yet"
	}
	ago := time.Duration(max(0, s.Now-s.LastScrape.At) * float64(time.Second))
	return "last scrape " + ago.Round(time.Second).String() + " ago by " + s.LastScrape.Peer
}

func ledger(s *wire.Status) []web.Count {
	l, r := &s.Ledger, &s.Rates
	return []web.Count{
		{Name: "datagrams", Total: l.Datagrams, PerSecond: r.Datagrams},
		{Name: "datagrams dropped by the kernel", Total: l.KernelDrops, PerSecond: r.KernelDrops},
		{Name: "lines", Total: l.Lines, PerSecond: r.Lines},
		{Name: "samples", Total: l.Samples, PerSecond: r.Samples},
		{Name: "recorded", Total: l.Recorded, PerSecond: r.Recorded},
		{Name: "refused by a limit", Total: l.Refused, PerSecond: r.Refused},
		{Name: "rejected", Total: l.Rejected, PerSecond: r.Rejected},
		{Name: "dropped by a rule", Total: l.Dropped, PerSecond: r.Dropped},
	}
}

func (a *API) addFamilies(summary *web.Summary) {
	if isNil(a.sources.Explorer) {
		return
	}
	q := wire.FamiliesQuery{Sort: wire.SortSeries, Limit: summaryFamilies}
	list, err := a.sources.Explorer.Families(q)
	if err != nil {
		return // the page without them is better than none
	}
	for i := range list.Families {
		f := &list.Families[i]
		m := web.Metric{Name: f.Name, Type: cmp.Or(f.Kind, f.Type), PerSecond: -1}
		m.Series = uint64(max(0, f.Series))
		if f.SamplesPerSecond != nil {
			m.PerSecond = *f.SamplesPerSecond
		}
		summary.Metrics = append(summary.Metrics, m)
	}
	summary.More = uint64(max(0, list.Total-len(list.Families)))
}

func (a *API) addRejects(summary *web.Summary) {
	if isNil(a.sources.Lines) {
		return
	}
	rejects := a.sources.Lines.Rejects(wire.RejectsQuery{Limit: 1}, time.Now())
	for i := range rejects.Reasons {
		r := &rejects.Reasons[i]
		row := web.Reject{Reason: r.Reason, Samples: r.Samples, Advice: r.Advice}
		if r.Newest != nil {
			row.Line, row.Sender = r.Newest.Line, cmp.Or(r.Newest.Program, r.Newest.Sender)
		}
		summary.Rejects = append(summary.Rejects, row)
	}
}
