package protocol

import "bytes"

// Decoder reads the lines of a datagram and the samples of a line. The zero value is ready for Reset. A bad
// line, or a bad sample, never touches its neighbours.
//
//	d.Reset(datagram)
//	for d.Next() {
//		for {
//			sample, err := d.Sample()
//			if sample == nil && err == nil {
//				break
//			}
//			// use sample, or count err
//		}
//	}
type Decoder struct {
	// MaxLine is the longest line, in bytes without its newline; 0 is no limit. Longer lines are rejected.
	MaxLine int
	// AbsoluteGauges makes a sign part of a gauge's value, as DogStatsD has it, instead of a move, as
	// StatsD does.
	AbsoluteGauges bool

	rest    []byte // what is behind the current line
	line    []byte // the current line
	segment []byte // what is not read of line: "value|type|fields"; nil when the line is finished
	named   bool   // the name of the line was read
	packed  []byte // the values of the current segment behind the last one returned; nil when there are none
	badRate int    // where in the line the current segment's rate is, when it is bad; else 0

	sample  Sample
	err     Error
	event   Event
	check   Check
	ignored int
}

// Reset gives the decoder a datagram, or any run of whole lines. The bytes are borrowed until the next Reset.
func (d *Decoder) Reset(datagram []byte) {
	d.rest, d.line, d.segment, d.packed, d.ignored = datagram, nil, nil, nil, 0
}

// Next goes to the next line that is not blank, whatever was read of the current one, and reports whether
// there is one.
func (d *Decoder) Next() bool {
	for len(d.rest) > 0 {
		line := d.rest
		if end := bytes.IndexByte(line, '\n'); end >= 0 {
			line, d.rest = line[:end], line[end+1:]
		} else {
			d.rest = nil
		}
		if last := len(line) - 1; last >= 0 && line[last] == '\r' {
			line = line[:last]
		}
		if len(line) > 0 {
			d.line, d.segment, d.packed, d.named = line, line, nil, false
			return true
		}
	}
	d.line, d.segment, d.packed = nil, nil, nil
	return false
}

// Line returns the current line without its newline and carriage return; nil before Next and after the last
// line.
func (d *Decoder) Line() []byte { return d.line }

// Event returns the event of the last sample, whose kind is KindEvent; valid as long as the sample.
func (d *Decoder) Event() *Event { return &d.event }

// Check returns the check of the last sample, whose kind is KindCheck; valid as long as the sample.
func (d *Decoder) Check() *Check { return &d.check }

// Ignored returns how many fields were ignored since Reset: those that no version of the protocol knows, and
// tags after the first.
func (d *Decoder) Ignored() int { return d.ignored }

// Sample returns the next sample of the current line, or what is wrong with it; (nil, nil) when the line is
// finished. After an error it goes on with what can still be read of the line. Every line has at least one
// sample or error.
func (d *Decoder) Sample() (*Sample, *Error) {
	if d.packed != nil {
		return d.nextPacked()
	}
	if d.segment == nil {
		return nil, nil
	}
	if !d.named {
		return d.readLine()
	}
	return d.readSegment()
}

// readLine reads the name, and the first segment.
//
//	db.time:12|ms|@0.5|#host:a
//	^^^^^^^^
func (d *Decoder) readLine() (*Sample, *Error) {
	if d.MaxLine > 0 && len(d.line) > d.MaxLine {
		return d.reject(ReasonLineTooLong, d.MaxLine)
	}
	if d.line[0] == '_' {
		if sample, err, done := d.readSpecial(); done {
			return sample, err
		}
	}
	colon := bytes.IndexByte(d.line, ':')
	if colon < 0 {
		return d.reject(ReasonMalformedLine, len(d.line))
	}
	if colon == 0 {
		return d.reject(ReasonEmptyName, 0)
	}
	d.sample.Name, d.segment, d.named = d.line[:colon], d.line[colon+1:], true
	return d.readSegment()
}

// reject gives up the rest of the line.
func (d *Decoder) reject(reason Reason, offset int) (*Sample, *Error) {
	d.segment = nil
	return d.rejectSample(reason, offset)
}

// rejectSample gives up one sample; the line goes on.
func (d *Decoder) rejectSample(reason Reason, offset int) (*Sample, *Error) {
	d.err = Error{Reason: reason, Offset: offset}
	return nil, &d.err
}

// offset returns where in the line b, which is an end of it, begins.
func (d *Decoder) offset(b []byte) int { return len(d.line) - len(b) }

// readSegment reads one segment and returns its first value.
//
//	db.time:12|ms|@0.5|#host:a
//	        ^^ ^^
func (d *Decoder) readSegment() (*Sample, *Error) {
	segment := d.segment
	values, rest, found := bytes.Cut(segment, bar)
	if !found {
		return d.reject(ReasonMissingType, len(d.line))
	}
	kind, fields, known := readKind(rest)
	if !known {
		return d.reject(ReasonUnknownType, d.offset(rest))
	}
	d.sample.Kind, d.sample.Tags, d.sample.Rate, d.badRate = kind, nil, 1, 0
	d.sample.Container, d.sample.External, d.sample.Timestamp = nil, nil, 0
	d.segment = nil
	if len(fields) > 0 {
		d.readFields(fields)
	}
	if kind != KindSet && bytes.IndexByte(values, ':') >= 0 {
		return d.firstPacked(segment, values)
	}
	if d.badRate != 0 {
		return d.rejectSample(ReasonBadRate, d.badRate)
	}
	if !d.setValue(values) {
		return d.rejectSample(ReasonBadValue, d.offset(segment))
	}
	return &d.sample, nil
}

// readKind reads the type, which ends at a '|', a ':' or the end, and returns what follows it.
func readKind(b []byte) (kind Kind, rest []byte, known bool) {
	if len(b) == 0 {
		return 0, nil, false
	}
	size := 1
	switch b[0] {
	case 'c':
		kind = KindCounter
	case 'g':
		kind = KindGauge
	case 'h':
		kind = KindHistogram
	case 'd':
		kind = KindDistribution
	case 's':
		kind = KindSet
	case 'm':
		kind = KindMeter
		if len(b) > 1 && b[1] == 's' {
			kind, size = KindTimer, 2
		}
	default:
		return 0, nil, false
	}
	rest = b[size:]
	return kind, rest, len(rest) == 0 || rest[0] == '|' || rest[0] == ':'
}

// readFields reads the fields behind the type, and leaves the next segment when a ':' directly behind the
// type or behind a rate begins one.
//
//	db.time:12|ms|@0.5|#host:a      a:1|c:2|ms|@0.5:3|g
//	             ^^^^^^^^^^^^^           ^     ^^^^^
func (d *Decoder) readFields(b []byte) {
	for len(b) > 0 {
		if b[0] == ':' { // behind the type or a rate; elsewhere it is part of a field
			d.segment = b[1:]
			return
		}
		b = b[1:] // the '|'
		end := bytes.IndexByte(b, '|')
		if end < 0 {
			end = len(b)
		}
		field := b[:end]
		switch {
		case end == 0:
			d.ignored++
		case field[0] == '@':
			if colon := bytes.IndexByte(field, ':'); colon >= 0 {
				end, field = colon, field[:colon]
			}
			d.readRate(field[1:], d.offset(b)+1)
		case field[0] == '#' && d.sample.Tags == nil:
			d.sample.Tags = field[1:]
		default:
			d.readOrigin(field)
		}
		b = b[end:]
	}
}

// readOrigin reads the fields that later versions of DogStatsD added (1.2 to 1.6), and counts those that
// none knows.
func (d *Decoder) readOrigin(field []byte) {
	switch {
	case bytes.HasPrefix(field, []byte("c:")):
		d.sample.Container = field[2:]
	case bytes.HasPrefix(field, []byte("e:")):
		d.sample.External = field[2:]
	case field[0] == 'T' && parseTimestamp(field[1:]) > 0:
		d.sample.Timestamp = parseTimestamp(field[1:])
	case !isOriginField(field):
		d.ignored++
	}
}

// isOriginField reports whether a field tells the origin of a line, or the detail of its tags that is wanted.
func isOriginField(field []byte) bool {
	return bytes.HasPrefix(field, []byte("c:")) || bytes.HasPrefix(field, []byte("e:")) ||
		bytes.HasPrefix(field, []byte("card:"))
}

// minRate is the least sample rate: below it 1/rate is no exact count.
const minRate = 1.0 / (1 << 53)

// readRate reads a sample rate; the last one of a segment counts. Gauges and sets have none, but a bad one
// is bad.
func (d *Decoder) readRate(text []byte, offset int) {
	rate, ok := parseNumber(text)
	if !ok || !(minRate <= rate && rate <= 1) {
		d.badRate = offset
		return
	}
	d.badRate = 0
	if d.sample.Kind != KindGauge && d.sample.Kind != KindSet {
		d.sample.Rate = rate
	}
}

// setValue reads a value and reports whether it is one.
func (d *Decoder) setValue(text []byte) bool {
	s := &d.sample
	s.Text, s.Value, s.Relative = text, 0, false
	if len(text) == 0 {
		return false
	}
	if s.Kind == KindSet {
		return true
	}
	s.Relative = s.Kind == KindGauge && !d.AbsoluteGauges && (text[0] == '+' || text[0] == '-')
	value, ok := parseNumber(text)
	s.Value = value
	return ok
}

// firstPacked returns the first of several values: Slow path. Empty values are skipped, unless all are.
//
//	db.time:12:7::9|ms|@0.5|#host:a
//	        ^^^^^^^
func (d *Decoder) firstPacked(segment, values []byte) (*Sample, *Error) {
	if d.packed = skipColons(values); d.packed == nil {
		return d.rejectSample(ReasonBadValue, d.offset(segment))
	}
	return d.nextPacked()
}

// nextPacked returns the next of several values: Slow path. d.packed begins with one.
func (d *Decoder) nextPacked() (*Sample, *Error) {
	value, rest, _ := bytes.Cut(d.packed, colon)
	offset := cap(d.line) - cap(value) // both reach to the end of one array
	d.packed = skipColons(rest)
	if d.badRate != 0 {
		return d.rejectSample(ReasonBadRate, d.badRate)
	}
	if !d.setValue(value) {
		return d.rejectSample(ReasonBadValue, offset)
	}
	return &d.sample, nil
}

var colon, bar = []byte{':'}, []byte{'|'}

// skipColons returns b without colons before it; nil when nothing is left.
func skipColons(b []byte) []byte {
	for len(b) > 0 {
		if b[0] != ':' {
			return b
		}
		b = b[1:]
	}
	return nil
}
