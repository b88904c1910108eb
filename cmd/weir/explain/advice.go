package explain

import (
	"strings"

	"weir/protocol"
)

// Advice says what is wrong with samples rejected or refused for a reason, and what to do.
func Advice(reason protocol.Reason) string { return advice[reason] }

// Detail is Advice with the wrong part of a line, which begins offset bytes into it.
func Detail(reason protocol.Reason, line string, offset int) string {
	why := Advice(reason)
	switch reason {
	case protocol.ReasonUnknownType, protocol.ReasonBadValue, protocol.ReasonBadRate:
	default: // the part says no more
		return why
	}
	part := line[min(offset, len(line)):]
	if end := strings.IndexAny(part, ":|"); end >= 0 {
		part = part[:end]
	}
	if part == "" {
		return why
	}
	return `at "` + Printable(part) + `": ` + why
}

// advice says for each reason what is wrong and, where that is not plain, what to do.
var advice = [protocol.NumReasons]string{
	protocol.ReasonMalformedLine: "the name has no ':' after it: a line is name:value|type",
	protocol.ReasonEmptyName:     "the name is empty, as it was sent or as a mapping rule makes it",
	protocol.ReasonMissingType:   "the value has no '|' and type after it: a line is name:value|type",
	protocol.ReasonUnknownType:   "the type is none of c, g, ms, h, d, s and m",
	protocol.ReasonColonInName: "the name ends at its first ':', and the text after it is not a number: " +
		"send a name without ':'",
	protocol.ReasonBadValue: "a value is empty or not a number; " +
		"values beside it are not recorded either",
	protocol.ReasonBadRate:         "the sample rate is not a number above 0 and at most 1",
	protocol.ReasonLineTooLong:     "the line is longer than ingest.max_line",
	protocol.ReasonBadEvent:        "an event is _e{TITLE,TEXT}:title|text, with the lengths of both first",
	protocol.ReasonBadCheck:        "a service check is _sc|name|status, with a status from 0 to 3",
	protocol.ReasonTruncated:       "cut: a datagram beyond ingest.max_datagram, or a connection reset",
	protocol.ReasonInternal:        "this is a bug of weir: please report it",
	protocol.ReasonMixedTags:       "the line has tags in the name and after the type: use one of the two",
	protocol.ReasonNegativeCounter: "a counter cannot go down: use a gauge",
	protocol.ReasonInfiniteCounter: "the value is infinite, or would make the counter infinite",
	protocol.ReasonNaN:             "the value is NaN, or would make the series NaN",
	protocol.ReasonTypeConflict:    "the name, or a name that a histogram needs, has another type already",
	protocol.ReasonReservedName:    "the name is that of a self-metric of weir: choose another",
	protocol.ReasonNameTooLong:     "the name is longer than sanitize.name_max_length",
	protocol.ReasonLabelsTooLong:   "the labels together are longer than sanitize.labels_max_length",
	protocol.ReasonSeriesPerMetric: "the limit cardinality.max_series_per_metric is reached",
	protocol.ReasonTotalSeries:     "the limit cardinality.max_total_series is reached",
	protocol.ReasonHashCollision:   "too many label sets of this metric have one hash: somebody made them so",
	protocol.ReasonDropped:         "a mapping rule with action: drop matches",
}

// meanings says what a value of each kind does to its series.
var meanings = [protocol.NumKinds]string{
	protocol.KindCounter:      "adds to the counter",
	protocol.KindGauge:        "sets the gauge",
	protocol.KindTimer:        "milliseconds are observed; the series is in seconds",
	protocol.KindHistogram:    "is observed",
	protocol.KindDistribution: "is observed",
	protocol.KindSet:          "is a member of the set",
	protocol.KindMeter:        "adds to the counter",
	protocol.KindCheck:        "sets the status of the check",
	protocol.KindEvent:        "is counted, and logged with log.events",
}
