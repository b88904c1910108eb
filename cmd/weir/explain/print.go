package explain

import (
	"fmt"
	"io"
	"strings"

	"weir/protocol"
)

// meanings says what a value of each kind does.
var meanings = [protocol.NumKinds]string{
	protocol.KindCounter:      "adds to the counter",
	protocol.KindGauge:        "sets the gauge",
	protocol.KindTimer:        "is observed, in milliseconds; the series is in seconds",
	protocol.KindHistogram:    "is observed",
	protocol.KindDistribution: "is observed",
	protocol.KindSet:          "is a member of the set",
	protocol.KindMeter:        "adds to the counter",
	protocol.KindCheck:        "sets the status of the check",
	protocol.KindEvent:        "is counted, and logged with log.events",
}

// advice says of each reason what is wrong and what to do.
var advice = [protocol.NumReasons]string{
	protocol.ReasonMalformedLine:   "there is no ':' after the name; a line is name:value|type",
	protocol.ReasonEmptyName:       "there is no name before the ':' or the tags",
	protocol.ReasonMissingType:     "there is no '|' after the value; a line is name:value|type",
	protocol.ReasonUnknownType:     "the type is none of c, g, ms, h, d, s and m",
	protocol.ReasonBadValue:        "the value is empty or not a number",
	protocol.ReasonBadRate:         "the sample rate is not a number above 0 and at most 1",
	protocol.ReasonLineTooLong:     "the line is longer than ingest.max_line",
	protocol.ReasonBadEvent:        "the event lacks the lengths that it declares: _e{TITLE,TEXT}:title|text",
	protocol.ReasonBadCheck:        "a service check is _sc|name|status, with a status from 0 to 3",
	protocol.ReasonTruncated:       "the datagram was larger than ingest.max_datagram and cut in this line",
	protocol.ReasonInternal:        "weir has a bug; please report it",
	protocol.ReasonMixedTags:       "there are tags in the name and behind the type: use one way",
	protocol.ReasonNegativeCounter: "a counter cannot go down; use a gauge",
	protocol.ReasonInfiniteCounter: "a counter cannot become infinite",
	protocol.ReasonNaN:             "a value that is not a number cannot be recorded",
	protocol.ReasonTypeConflict:    "the name, or one that a histogram uses, has another type already",
	protocol.ReasonReservedName:    "the name is one of weir's own metrics; choose another",
	protocol.ReasonSeriesPerMetric: "cardinality.max_series_per_metric is reached",
	protocol.ReasonTotalSeries:     "cardinality.max_total_series is reached",
	protocol.ReasonHashCollision:   "too many label sets of this metric have the same hash; somebody made them so",
	protocol.ReasonDropped:         "a rule of mapping.file has action: drop",
}

// Advice says what is wrong with samples rejected or refused for a reason, and what to do.
func Advice(reason protocol.Reason) string { return advice[reason] }

// Print writes l for people.
func (l *Line) Print(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", Printable(l.Text))
	for i := range l.Samples {
		l.Samples[i].print(&b, l.Text)
	}
	if l.FieldsIgnored > 0 {
		row(&b, "ignored", fmt.Sprintf("%d fields that no version of the protocol knows", l.FieldsIgnored))
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write the explanation: %w", err)
	}
	return nil
}

func row(b *strings.Builder, what, text string) { fmt.Fprintf(b, "  %-10s%s\n", what, text) }

func (s *Sample) print(b *strings.Builder, line string) {
	if s.Kind != "" {
		text := fmt.Sprintf("%s of type %s: %s %s", Printable(s.Name), s.Kind, Printable(s.Value), s.Meaning)
		if s.Rate != 0 {
			text += fmt.Sprintf(", and stands for %.4g (rate %v)", 1/s.Rate, s.Rate)
		}
		row(b, "sample", text)
	}
	if s.Dialect != "" {
		row(b, "tags", s.tagText()+" ("+s.Dialect+")")
	}
	if len(s.NoLabels) > 0 {
		row(b, "no labels", Printable(strings.Join(s.NoLabels, " "))+" (series.exemplar_tags)")
	}
	if origin := strings.TrimSpace(s.Container + " " + s.External); origin != "" {
		row(b, "origin", Printable(origin))
	}
	if s.Timestamp != 0 {
		row(b, "timestamp", fmt.Sprintf("%d; it is recorded as of now", s.Timestamp))
	}
	s.printRules(b)
	if s.Series != "" {
		row(b, "series", s.Series+" ("+s.Type+")")
	}
	if s.Legacy != "" {
		row(b, "legacy", s.Legacy+", to scrapers that do not ask for UTF-8 names")
	}
	if s.Exemplar != "" {
		row(b, "exemplar", s.Exemplar)
	}
	if s.Rejected != "" {
		row(b, "rejected", s.Rejected+": "+s.Advice)
		s.point(b, line)
	}
}

// point shows where in the line the fault is.
func (s *Sample) point(b *strings.Builder, line string) {
	if s.Offset == nil {
		return
	}
	row(b, "", Printable(line))
	row(b, "", strings.Repeat(" ", len([]rune(Printable(line[:*s.Offset]))))+"^")
}

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

// Printable returns text without what a terminal would act on.
func Printable(text string) string {
	quoted := fmt.Sprintf("%q", text)
	return strings.ReplaceAll(strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`), `\\`, `\`)
}
