package protocol

import "strconv"

// Reason says why a line or a sample was not recorded. The set is closed, so it is safe as a label value.
type Reason uint8

// The reasons. The decoder finds the first group, ingest the second, aggregate the rest.
const (
	ReasonNone Reason = iota // recorded

	ReasonMalformedLine // no ':' after the name
	ReasonEmptyName     // nothing before the ':'
	ReasonMissingType   // no '|' after the value
	ReasonUnknownType   // the type is none of c g ms h d s m
	ReasonColonInName   // the text behind the first ':' is not a number, but the last value is one
	ReasonBadValue      // a value is empty or not a number
	ReasonBadRate       // the sample rate is not a number in (0, 1]
	ReasonLineTooLong   // longer than the maximum line length
	ReasonBadEvent      // an event whose lengths do not fit it
	ReasonBadCheck      // a service check without a name or a status from 0 to 3

	ReasonTruncated // the last, cut line of a large datagram, or of a connection that was reset
	ReasonInternal  // a bug: decoding or recording panicked, the rest of the datagram was lost

	ReasonMixedTags       // tags in the name and behind the type
	ReasonNegativeCounter // a counter may not go down
	ReasonInfiniteCounter // an infinite increment, or one that would make the counter infinite
	ReasonNaN             // not a number, or a value that would make its series NaN
	ReasonTypeConflict    // the name, or one of a histogram's names, belongs to a family of another type
	ReasonReservedName    // the name belongs to one of weir's own families
	ReasonNameTooLong     // the name is longer than the maximum
	ReasonLabelsTooLong   // the labels together are longer than the maximum

	ReasonSeriesPerMetric // a new series refused by the limit per metric
	ReasonTotalSeries     // a new series refused by the limit on all series
	ReasonHashCollision   // a new series whose label.ID too many other series of its family have

	ReasonDropped // a mapping rule says to drop it

	NumReasons // how many reasons there are, ReasonNone included; not a reason
)

var reasonNames = [NumReasons]string{
	ReasonNone:            "none",
	ReasonMalformedLine:   "malformed_line",
	ReasonEmptyName:       "empty_name",
	ReasonMissingType:     "missing_type",
	ReasonUnknownType:     "unknown_type",
	ReasonColonInName:     "colon_in_name",
	ReasonBadValue:        "bad_value",
	ReasonBadRate:         "bad_rate",
	ReasonLineTooLong:     "line_too_long",
	ReasonBadEvent:        "bad_event",
	ReasonBadCheck:        "bad_service_check",
	ReasonTruncated:       "truncated",
	ReasonInternal:        "internal_error",
	ReasonMixedTags:       "mixed_tags",
	ReasonNegativeCounter: "negative_counter",
	ReasonInfiniteCounter: "infinite_counter",
	ReasonNaN:             "nan",
	ReasonTypeConflict:    "type_conflict",
	ReasonReservedName:    "reserved_name",
	ReasonNameTooLong:     "name_too_long",
	ReasonLabelsTooLong:   "labels_too_long",
	ReasonSeriesPerMetric: "max_series_per_metric",
	ReasonTotalSeries:     "max_total_series",
	ReasonHashCollision:   "hash_collision",
	ReasonDropped:         "dropped_by_rule",
}

// String returns the reason as a label value: lower case words joined by '_', the same for ever.
func (r Reason) String() string {
	if r >= NumReasons {
		return "unknown"
	}
	return reasonNames[r]
}

// Refused says that the sample was good and a cardinality limit refused its new series.
func (r Reason) Refused() bool { return r == ReasonSeriesPerMetric || r == ReasonTotalSeries }

// Rejected says that the sample is bad: it is not recorded, and neither a limit nor a rule is the reason.
func (r Reason) Rejected() bool { return r != ReasonNone && r != ReasonDropped && !r.Refused() }

// Error is a line, or one segment of a line, that the decoder rejects.
type Error struct {
	// Reason names the mistake; never ReasonNone.
	Reason Reason
	// Offset is the position in the line, in bytes from its start, of the bad part.
	Offset int
	// Samples is how many samples are lost: the number of values of a segment that has a bad value or rate,
	// otherwise 1.
	Samples int
}

// Error returns the reason in words with the position.
func (e *Error) Error() string {
	return e.Reason.String() + " at byte " + strconv.Itoa(e.Offset)
}
