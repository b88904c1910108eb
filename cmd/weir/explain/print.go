package explain

import (
	"fmt"
	"io"
	"strings"
)

// Print writes l for people: the line, and below it what weir makes of each sample. Of the rules it names the
// one that matches or, if none does, the nearest.
func (l *Line) Print(w io.Writer) error { return l.print(w, terse) }

// PrintAll is Print with the nearest rules that were tried before the one that matches.
func (l *Line) PrintAll(w io.Writer) error { return l.print(w, verbose) }

// detail says how much is printed about rules.
type detail uint8

const (
	terse detail = iota
	verbose
)

func (l *Line) print(w io.Writer, d detail) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", Printable(l.Text))
	for i := range l.Samples {
		l.Samples[i].print(&b, l.Text, d)
	}
	if l.Hint != "" {
		row(&b, "hint", l.Hint)
	}
	if l.FieldsIgnored > 0 {
		row(&b, "ignored", fmt.Sprintf("fields that weir does not know: %d", l.FieldsIgnored))
	}
	if l.RatesIgnored > 0 {
		row(&b, "ignored", fmt.Sprintf("bad sample rates: %d (ingest.bad_rates)", l.RatesIgnored))
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write the explanation: %w", err)
	}
	return nil
}

// row writes one fact about a sample, under a heading of at most nine letters. Labels, names of files and
// answers of a running weir may have any character.
func row(b *strings.Builder, what, text string) { fmt.Fprintf(b, "  %-10s%s\n", what, Printable(text)) }

// print writes how the sample was read, which rule names it, and where it goes: in this order.
func (s *Sample) print(b *strings.Builder, line string, d detail) {
	if s.Kind != "" {
		text := fmt.Sprintf("%s of type %s: %s %s", Printable(s.Name), s.Kind, Printable(s.Value), s.Meaning)
		if s.Rate != 0 {
			text += fmt.Sprintf(", counted %.4g times (rate %v)", 1/s.Rate, s.Rate)
		}
		row(b, "sample", text)
	}
	if s.Dialect != "" {
		row(b, "tags", s.tagText()+" ("+s.Dialect+")")
	}
	if len(s.NoLabels) > 0 {
		row(b, "no labels", Printable(strings.Join(s.NoLabels, " "))+" (series.exemplar_tags)")
	}
	if len(s.BareTags) > 0 {
		row(b, "no labels", Printable(strings.Join(s.BareTags, " "))+" (ingest.bare_tags)")
	}
	if origin := strings.TrimSpace(s.Container + " " + s.External); origin != "" {
		row(b, "origin", Printable(origin))
	}
	if s.Timestamp != 0 {
		row(b, "timestamp", fmt.Sprintf("%d (ignored: samples count when they arrive)", s.Timestamp))
	}
	s.printRules(b, d)
	if s.Series != "" {
		row(b, "series", s.Series+" ("+s.Type+")")
	}
	if s.IsNew {
		row(b, "new", "the running weir does not have this series yet")
	}
	if s.IsFolded {
		row(b, "folded", "a limit is reached in the running weir: the sample goes into the series with "+
			`weir_overflow="true"`)
	}
	if s.Changed != "" {
		row(b, "changed", s.Changed)
	}
	if s.Legacy != "" {
		row(b, "legacy", s.Legacy+" (for scrapers that do not accept names in UTF-8)")
	}
	if s.Exemplar != "" {
		row(b, "exemplar", s.Exemplar)
	}
	if s.Rejected != "" {
		reason := s.Rejected
		if s.Lost > 1 {
			reason = fmt.Sprintf("%s (%d values)", reason, s.Lost)
		}
		row(b, "rejected", reason+": "+s.Advice)
		s.point(b, line)
	}
}

// point writes the line again with a caret under the part that is wrong.
func (s *Sample) point(b *strings.Builder, line string) {
	if s.Offset == nil {
		return
	}
	row(b, "", Printable(line))
	row(b, "", strings.Repeat(" ", len([]rune(Printable(line[:*s.Offset]))))+"^")
}

// tagText returns the tags as key=value, whatever their dialect.
func (s *Sample) tagText() string {
	list := make([]string, len(s.Tags))
	for i, tag := range s.Tags {
		list[i] = Printable(tag.Key)
		if tag.Value != nil {
			list[i] += "=" + Printable(*tag.Value)
		}
	}
	return strings.Join(list, " ")
}
