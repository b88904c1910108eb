package protocol

import "bytes"

// Event is a DogStatsD event: "_e{5,4}:title|text|t:error|#tag". All fields are views into the line; text
// keeps its "\n" as the two characters that were sent.
//
// Source: https://docs.datadoghq.com/developers/dogstatsd/datagram_shell/.
type Event struct {
	Title, Text []byte
	// Tags, Host, Key (to aggregate by) and SourceType are as sent; nil when they are not.
	Tags, Host, Key, SourceType []byte
	// Alert and Priority are what the sender says, or the protocol's defaults.
	Alert    Alert
	Priority Priority
	// Timestamp is in seconds since the epoch, 0 for an event without one.
	Timestamp int64
}

// Alert is the alert type of an event.
type Alert uint8

// The alert types; AlertInfo is the default.
const (
	AlertInfo Alert = iota
	AlertSuccess
	AlertWarning
	AlertError

	NumAlerts // how many there are; not one
)

var alertNames = [NumAlerts]string{"info", "success", "warning", "error"}

// String returns the alert type as it is written.
func (a Alert) String() string { return alertNames[a] }

// Priority is the priority of an event.
type Priority uint8

// The priorities; PriorityNormal is the default.
const (
	PriorityNormal Priority = iota
	PriorityLow

	NumPriorities // how many there are; not one
)

var priorityNames = [NumPriorities]string{"normal", "low"}

// String returns the priority as it is written.
func (p Priority) String() string { return priorityNames[p] }

var eventPrefix = []byte("_e{")

// read reads an event by the lengths it declares, in bytes: title and text may hold any of the protocol's
// separators. It returns how many fields it ignored, and the mistake in the line, whose reason is ReasonNone
// when the line is good.
//
//	_e{5,4}:title|text|t:error|p:low|#tag
//	   ^ ^  ^^^^^ ^^^^ ^^^^^^^^^^^^^^^^^^
func (e *Event) read(line []byte) (ignored int, bad Error) {
	*e = Event{}
	rest := line[len(eventPrefix):]
	header, rest, found := bytes.Cut(rest, []byte("}:"))
	titleText, textText, comma := bytes.Cut(header, []byte(","))
	titleBytes, ok1 := parseLength(titleText)
	textBytes, ok2 := parseLength(textText)
	if !found || !comma || !ok1 || !ok2 || titleBytes == 0 {
		return 0, Error{Reason: ReasonBadEvent, Offset: len(eventPrefix), Samples: 1}
	}
	if len(rest) < titleBytes+1+textBytes || rest[titleBytes] != '|' {
		return 0, Error{Reason: ReasonBadEvent, Offset: offset(line, rest), Samples: 1}
	}
	e.Title, e.Text = rest[:titleBytes], rest[titleBytes+1:][:textBytes]
	fields := rest[titleBytes+1+textBytes:]
	if len(fields) > 0 && fields[0] != '|' {
		return 0, Error{Reason: ReasonBadEvent, Offset: offset(line, fields), Samples: 1}
	}
	return eachField(fields, e.readField), Error{}
}

// lacksBrace reports whether line begins as an event does, except for the brace in front of the lengths.
//
//	_e5,4}:title|text
//	  ^^^^^
func lacksBrace(line []byte) bool {
	lengths, found := bytes.CutPrefix(line, eventPrefix[:len(eventPrefix)-1])
	digits := bytes.TrimLeft(lengths, "0123456789,")
	return found && len(digits) < len(lengths) && bytes.HasPrefix(digits, []byte("}:"))
}

// readField reads one field and reports whether it is used.
func (e *Event) readField(field []byte) bool {
	value := field[min(2, len(field)):]
	switch {
	case field[0] == '#':
		e.Tags = field[1:]
	case bytes.HasPrefix(field, []byte("h:")):
		e.Host = value
	case bytes.HasPrefix(field, []byte("k:")):
		e.Key = value
	case bytes.HasPrefix(field, []byte("s:")):
		e.SourceType = value
	case bytes.HasPrefix(field, []byte("d:")):
		e.Timestamp = parseTimestamp(value)
	case bytes.HasPrefix(field, []byte("p:")):
		i := indexName(priorityNames[:], value)
		e.Priority = Priority(max(0, i))
		return i >= 0
	case bytes.HasPrefix(field, []byte("t:")):
		i := indexName(alertNames[:], value)
		e.Alert = Alert(max(0, i))
		return i >= 0
	default:
		return isOriginField(field)
	}
	return true
}

func indexName(names []string, name []byte) int {
	for i, n := range names {
		if n == string(name) {
			return i
		}
	}
	return -1
}
