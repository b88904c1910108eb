package protocol

import "bytes"

// Check is a DogStatsD service check: "_sc|name|status|#tag|m:message". All fields are views into the line.
type Check struct {
	Name []byte
	// Status is 0 (ok), 1 (warning), 2 (critical) or 3 (unknown).
	Status int
	// Tags, Host and Message are as sent; nil when they are not.
	Tags, Host, Message []byte
	// Timestamp is in seconds since the epoch, 0 for a check without one.
	Timestamp int64
}

var checkPrefix = []byte("_sc|")

// read reads a service check. It returns how many fields it ignored, and the mistake in the line, whose
// reason is ReasonNone when the line is good.
//
//	_sc|name|2|h:host|#tag|m:message
//	    ^^^^ ^ ^^^^^^^^^^^^^^^^^^^^^
func (c *Check) read(line []byte) (ignored int, bad Error) {
	*c = Check{}
	name, rest, found := bytes.Cut(line[len(checkPrefix):], bar)
	if !found || len(name) == 0 {
		return 0, Error{Reason: ReasonBadCheck, Offset: len(checkPrefix), Samples: 1}
	}
	if len(rest) == 0 || rest[0] < '0' || rest[0] > '3' || len(rest) > 1 && rest[1] != '|' {
		return 0, Error{Reason: ReasonBadCheck, Offset: offset(line, rest), Samples: 1}
	}
	c.Name, c.Status = name, int(rest[0]-'0')
	fields := rest[1:]
	// The message is the last field and may hold a '|'.
	if before, message, found := bytes.Cut(fields, []byte("|m:")); found {
		fields, c.Message = before, message
	}
	return eachField(fields, c.readField), Error{}
}

// readField reads one field and reports whether it is used.
func (c *Check) readField(field []byte) bool {
	switch {
	case field[0] == '#':
		c.Tags = field[1:]
	case bytes.HasPrefix(field, []byte("h:")):
		c.Host = field[2:]
	case bytes.HasPrefix(field, []byte("d:")):
		c.Timestamp = parseTimestamp(field[2:])
	default:
		return isOriginField(field)
	}
	return true
}
