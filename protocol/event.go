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
	// Timestamp is in seconds since the epoch, 0 when there is none.
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

// Check is a DogStatsD service check: "_sc|name|status|#tag|m:message". All fields are views into the line.
type Check struct {
	Name []byte
	// Status is 0 (ok), 1 (warning), 2 (critical) or 3 (unknown).
	Status int
	// Tags, Host and Message are as sent; nil when they are not.
	Tags, Host, Message []byte
	// Timestamp is in seconds since the epoch, 0 when there is none.
	Timestamp int64
}

var (
	eventPrefix = []byte("_e{")
	checkPrefix = []byte("_sc|")
)

// readSpecial reads a line that is an event or a check: Slow path. done is false when the line is neither.
func (d *Decoder) readSpecial() (sample *Sample, err *Error, done bool) {
	switch {
	case bytes.HasPrefix(d.line, eventPrefix):
		reason, offset := d.readEvent()
		sample, err = d.special(KindEvent, d.event.Title, reason, offset)
	case bytes.HasPrefix(d.line, checkPrefix):
		reason, offset := d.readCheck()
		sample, err = d.special(KindCheck, d.check.Name, reason, offset)
	default:
		return nil, nil, false
	}
	return sample, err, true
}

func (d *Decoder) special(kind Kind, name []byte, reason Reason, offset int) (*Sample, *Error) {
	if reason != ReasonNone {
		return d.reject(reason, offset)
	}
	d.step = stepDone
	d.sample = Sample{Kind: kind, Name: name, Text: d.line, Rate: 1}
	if kind == KindCheck {
		d.sample.Tags, d.sample.Value = d.check.Tags, float64(d.check.Status)
	}
	return &d.sample, nil
}

// readEvent reads an event by the lengths it declares, in bytes: title and text may hold any of the
// protocol's separators.
//
//	_e{5,4}:title|text|t:error|p:low|#tag
//	   ^ ^  ^^^^^ ^^^^ ^^^^^^^^^^^^^^^^^^
func (d *Decoder) readEvent() (reason Reason, offset int) {
	d.event = Event{}
	rest := d.line[len(eventPrefix):]
	header, rest, found := bytes.Cut(rest, []byte("}:"))
	titleText, textText, comma := bytes.Cut(header, []byte(","))
	titleBytes, ok1 := parseLength(titleText)
	textBytes, ok2 := parseLength(textText)
	if !found || !comma || !ok1 || !ok2 || titleBytes == 0 {
		return ReasonBadEvent, len(eventPrefix)
	}
	if len(rest) < titleBytes+1+textBytes || rest[titleBytes] != '|' {
		return ReasonBadEvent, d.offset(rest)
	}
	d.event.Title, d.event.Text = rest[:titleBytes], rest[titleBytes+1:][:textBytes]
	fields := rest[titleBytes+1+textBytes:]
	if len(fields) > 0 && fields[0] != '|' {
		return ReasonBadEvent, d.offset(fields)
	}
	d.eachField(fields, d.readEventField)
	return ReasonNone, 0
}

// readEventField reads one field of an event and reports whether it is used.
func (d *Decoder) readEventField(field []byte) bool {
	e := &d.event
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

// readCheck reads a service check.
//
//	_sc|name|2|h:host|#tag|m:message
//	    ^^^^ ^ ^^^^^^^^^^^^^^^^^^^^^
func (d *Decoder) readCheck() (reason Reason, offset int) {
	d.check = Check{}
	name, rest, found := bytes.Cut(d.line[len(checkPrefix):], bar)
	if !found || len(name) == 0 {
		return ReasonBadCheck, len(checkPrefix)
	}
	if len(rest) == 0 || rest[0] < '0' || rest[0] > '3' || len(rest) > 1 && rest[1] != '|' {
		return ReasonBadCheck, d.offset(rest)
	}
	d.check.Name, d.check.Status = name, int(rest[0]-'0')
	fields := rest[1:]
	// The message is the last field and may hold a '|'.
	if before, message, found := bytes.Cut(fields, []byte("|m:")); found {
		fields, d.check.Message = before, message
	}
	d.eachField(fields, d.readCheckField)
	return ReasonNone, 0
}

// readCheckField reads one field of a check and reports whether it is used.
func (d *Decoder) readCheckField(field []byte) bool {
	switch {
	case field[0] == '#':
		d.check.Tags = field[1:]
	case bytes.HasPrefix(field, []byte("h:")):
		d.check.Host = field[2:]
	case bytes.HasPrefix(field, []byte("d:")):
		d.check.Timestamp = parseTimestamp(field[2:])
	default:
		return isOriginField(field)
	}
	return true
}

// eachField gives every field of fields, which begins with a '|' or is empty, to read, and counts those it
// does not use.
func (d *Decoder) eachField(fields []byte, read func(field []byte) bool) {
	for len(fields) > 0 {
		var field []byte
		field, fields = fields[1:], nil
		if end := bytes.IndexByte(field, '|'); end >= 0 {
			field, fields = field[:end], field[end:]
		}
		if len(field) == 0 || !read(field) {
			d.ignored++
		}
	}
}

func indexName(names []string, name []byte) int {
	for i, n := range names {
		if n == string(name) {
			return i
		}
	}
	return -1
}

// parseLength parses a length of at most nine digits, which fits an int of 32 bits twice.
func parseLength(b []byte) (int, bool) {
	n, ok := parseDigits(b)
	return int(n), ok && len(b) <= 9
}

// parseTimestamp parses seconds since the epoch; 0 when there is no number.
func parseTimestamp(b []byte) int64 {
	n, _ := parseDigits(b)
	return n
}

// parseDigits parses at most 18 digits, which fit an int64.
func parseDigits(b []byte) (n int64, ok bool) {
	if len(b) == 0 || len(b) > 18 {
		return 0, false
	}
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}
