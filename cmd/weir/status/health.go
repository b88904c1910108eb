package status

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"weir/aggregate"
	"weir/expose/status/explore"
	"weir/expose/status/wire"
	"weir/internal/digits"
	"weir/protocol"
)

// mostNotes is how many metrics at their limit, and how many reasons of rejects, are worth a note.
const mostNotes = 3

// health says in words how weir is.
func (o *Overview) health(s *wire.Status, r *reading) wire.Health {
	h := wire.Health{Level: wire.LevelOK}
	limits := o.limitNotes(s, r)
	h.Notes = slices.Concat(o.brokenNotes(s, r), lossNotes(s), limits, o.nearNotes(s, limits),
		o.rejectNotes(), o.wayNotes(r))
	worstFirst := func(a, b wire.Note) int { return cmp.Compare(a.Level, b.Level) } // bad, look
	slices.SortStableFunc(h.Notes, worstFirst)
	if len(h.Notes) > 0 {
		h.Level = h.Notes[0].Level
	} else {
		h.Notes = []wire.Note{}
	}
	h.Text = headline(s, h.Level, len(h.Notes))
	return h
}

// headline is the state in one line, like "healthy: 18,204 lines/s, nothing lost in 10 min".
func headline(s *wire.Status, level string, notes int) string {
	if s.Ledger.Lines == 0 && notes == 0 {
		return "waiting for the first line"
	}
	lost := "nothing lost in 10 min"
	t := &s.TenMinutes
	switch {
	case !s.Ledger.Balances:
		lost = "the ledger does not balance"
	case t.KernelDrops+t.Truncated+t.Refused+t.Rejected > 0:
		lost = "none lost uncounted"
	case s.UptimeSeconds < 600:
		lost = "nothing lost since the start"
	}
	text := thousands(s.Rates.Lines) + " lines/s, " + lost
	switch {
	case level == wire.LevelOK:
		return "healthy: " + text
	case notes == 1:
		return text + " · 1 thing needs a look"
	default:
		return text + " · " + strconv.Itoa(notes) + " things need a look"
	}
}

// brokenNotes are about weir itself.
func (o *Overview) brokenNotes(s *wire.Status, r *reading) (notes []wire.Note) {
	if !s.Ledger.Balances {
		notes = append(notes, wire.Note{
			Level: wire.LevelBad, Kind: "unbalanced", Title: "ledger does not balance", FixKind: "text",
			Text: "More or fewer samples came than were recorded, refused, rejected and dropped.",
			Fix:  "This is a bug of weir. Please report it.",
		})
	}
	if panics := r.ledger.Panics + o.from.Expose().Panics; panics > 0 {
		notes = append(notes, wire.Note{
			Level: wire.LevelBad, Kind: "panics", Title: "bug met", FixKind: "text",
			Text: fmt.Sprintf("weir met a bug %s times, and went on.", thousands(float64(panics))),
			Fix:  "Please report the stack in the log.",
		})
	}
	if !s.Reload.OK {
		notes = append(notes, wire.Note{
			Level: wire.LevelLook, Kind: "reload", Title: "reload failed", Section: "config", FixKind: "text",
			Text: "The configuration was not reloaded; the one before stays in force. " + s.Reload.Error,
			Fix:  "Run weir check, then reload again.",
		})
	}
	if o.from.State == nil {
		return notes
	}
	if state := o.from.State(); state.Failures > state.Saves {
		notes = append(notes, wire.Note{
			Level: wire.LevelBad, Kind: "state", Title: "state not saved", FixKind: "text",
			Text: fmt.Sprintf("state.file could not be written %d times.", state.Failures),
			Fix:  "The log says why.",
		})
	}
	return notes
}

// lossNotes are about datagrams that were lost, whole or in part, before weir read them.
func lossNotes(s *wire.Status) (notes []wire.Note) {
	if n := s.TenMinutes.KernelDrops; n > 0 {
		notes = append(notes, wire.Note{
			Level: wire.LevelLook, Kind: "kernel_drops", Title: "dropped by the kernel", Section: "listeners",
			Text:    thousands(float64(n)) + " datagrams came while the receive buffer was full.",
			Fix:     "sysctl -w net.core.rmem_max=16777216",
			FixKind: "command",
		})
	}
	if n := s.TenMinutes.Truncated; n > 0 {
		notes = append(notes, wire.Note{
			Level: wire.LevelLook, Kind: "truncated", Title: "datagrams cut", Section: "listeners",
			Text: thousands(float64(n)) +
				" datagrams were longer than ingest.max_datagram; their end was lost.",
			Fix:     "ingest: {max_datagram: 65535}",
			FixKind: "config",
		})
	}
	return notes
}

// limitNotes are about the metrics at their limit.
func (o *Overview) limitNotes(s *wire.Status, r *reading) (notes []wire.Note) {
	if s.TenMinutes.Refused+s.TenMinutes.Folded == 0 {
		return nil
	}
	for i, x := range r.overflows {
		if i == mostNotes {
			break
		}
		notes = append(notes, o.limitNote(s, x))
	}
	return notes
}

func (o *Overview) limitNote(s *wire.Status, x aggregate.Overflow) wire.Note {
	became := "refused or folded"
	switch {
	case s.Ledger.Folded == 0:
		became = "refused"
	case s.Ledger.Refused == 0:
		became = "folded"
	}
	n := wire.Note{
		Level: wire.LevelLook, Kind: "limit", Title: "limit reached", Family: x.Metric, Section: "labels",
		Share: 1,
		Text: fmt.Sprintf("%s samples of new series of %s were %s.",
			thousands(float64(x.Samples)), x.Metric, became),
	}
	metric := x.Metric
	if x.Limit == protocol.ReasonTotalSeries {
		n.Text += fmt.Sprintf(" There are %s series of %s.",
			thousands(float64(s.Series.Now)), thousands(float64(s.Series.Limit)))
		metric = "" // the family with most series is the one to look at
	}
	return o.blame(n, metric)
}

// nearlyFull is from which part of a limit on it is worth a note.
const nearlyFull = 0.9

// nearNotes are about the metrics that come near their limit, before a sample is refused, and about all
// series together. Metrics that are at it have a note already.
func (o *Overview) nearNotes(s *wire.Status, reached []wire.Note) (notes []wire.Note) {
	if most := s.Series.Limit; len(reached) == 0 && float64(s.Series.Now) >= nearlyFull*float64(most) {
		notes = append(notes, o.nearNote("", s.Series.Now, most))
	}
	if o.from.Fullest == nil {
		return notes
	}
	most := o.from.Registry.Limits().MaxSeriesPerMetric
	for _, f := range o.from.Fullest() {
		if float64(f.Series) < nearlyFull*float64(most) || len(notes) == mostNotes {
			break
		}
		if !slices.ContainsFunc(reached, func(n wire.Note) bool { return n.Family == f.Family }) {
			notes = append(notes, o.nearNote(f.Family, f.Series, most))
		}
	}
	return notes
}

// nearNote is about a metric, or about all when family is empty.
func (o *Overview) nearNote(family string, series, most int) wire.Note {
	n := wire.Note{
		Level: wire.LevelLook, Kind: "label", Title: "limit near", Family: family, Section: "labels",
		Share: float64(series) / float64(most),
		Text: fmt.Sprintf("%s has %s of %s allowed series.", cmp.Or(family, "weir"),
			thousands(float64(series)), thousands(float64(most))),
	}
	if series >= most {
		n.Title = "limit reached"
	}
	return o.blame(n, family)
}

// blame adds to a note the label that makes series of a metric, of all when it is empty, and what to do.
func (o *Overview) blame(n wire.Note, metric string) wire.Note {
	label, values := o.labelOf(metric)
	if label == "" {
		return n
	}
	n.Label = label
	n.Text += fmt.Sprintf(" Its label %s has %s values", label, thousands(float64(values)))
	if grown, _ := o.from.Registry.LabelGrowth(label); grown.PerMinute > 0 {
		n.Text += fmt.Sprintf(", and %s more a minute", thousands(float64(grown.PerMinute)))
	}
	n.Text += "."
	n.Fix, n.FixKind = explore.Fix(label), "config"
	return n
}

// labelOf returns the label of a metric that has most values, and how many: of all metrics when it is empty.
func (o *Overview) labelOf(metric string) (label string, values int) {
	if o.from.Labels == nil {
		return o.from.Registry.HighestCardinalityLabel(metric)
	}
	for _, l := range o.from.Labels().Labels {
		for _, f := range l.Families {
			if (metric == "" || f.Name == metric) && f.Values > values {
				label, values = l.Name, f.Values
			}
		}
	}
	return label, values
}

// rejectNotes are about lines that were rejected in the last ten minutes. A rule that drops lines is meant
// to, and limits have notes of their own.
func (o *Overview) rejectNotes() (notes []wire.Note) {
	if o.from.Reasons == nil {
		return nil
	}
	for _, r := range o.from.Reasons() {
		if r.TenMinutes == 0 || !isRejected(r.Reason) || len(notes) == mostNotes {
			continue
		}
		n := wire.Note{
			Level: wire.LevelLook, Kind: "rejects", Reason: r.Reason, Section: "rejects",
			Title: thousands(float64(r.TenMinutes)) + " rejected", Text: r.Advice, FixKind: "text",
		}
		if r.Newest != nil {
			n.Text = cmp.Or(r.Newest.Foreign, r.Newest.Detail, r.Newest.Advice)
			n.Fix, n.FixKind = r.Newest.Line, "line"
		}
		notes = append(notes, n)
	}
	return notes
}

// isRejected reports whether the reason of this name is one of rejected samples.
func isRejected(name string) bool {
	for reason := range protocol.NumReasons {
		if reason.String() == name {
			return reason.Rejected()
		}
	}
	return false
}

// wayNotes are about the configuration and the scrapers.
func (o *Overview) wayNotes(r *reading) (notes []wire.Note) {
	if o.from.HasChanged != nil && o.from.HasChanged() {
		notes = append(notes, wire.Note{
			Level: wire.LevelLook, Kind: "config_changed", Title: "configuration changed", Section: "config",
			Text:    "A file of the configuration has changed on disk and was not reloaded.",
			Fix:     "Run weir check, then send SIGHUP, or set reload.watch: true.",
			FixKind: "text",
		})
	}
	return append(notes, lateNotes(r.scrapers, time.Now())...)
}

// thousands writes a number, rounded, with commas between thousands.
func thousands(x float64) string { return digits.Grouped(uint64(math.RoundToEven(max(0, x)))) }
