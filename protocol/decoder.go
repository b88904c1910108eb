package protocol

import "bytes"

// Decoder reads the lines of a datagram and the samples of a line. The zero value is ready for Reset. A bad
// line never touches its neighbours, nor does a bad segment; of one segment either every value is a sample or
// none is.
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
	// IgnoreBadRates takes the samples of a segment whose rate is 0 or not a number, or of a gauge or a set
	// with any bad rate, as if that rate were not there, as statsd_exporter does. Otherwise a bad rate
	// rejects them.
	IgnoreBadRates bool

	rest    []byte // the lines behind the current one
	line    []byte // the current line
	segment []byte // for stepSegment: "value|type|fields", an end of line
	badRate int    // where in the line the current segment's rate is, when it is bad; otherwise 0
	step    step   // the part that Sample reads next
	after   step   // the part that it reads when packed is empty

	packed   packed // for stepPacked
	sample   Sample
	err      Error
	event    Event
	check    Check
	ignored  int // fields
	badRates int // that were ignored
}

// step is the part of a line that Sample reads next.
type step uint8

const (
	stepDone    step = iota // nothing: the line is finished
	stepLine                // the line, from its start
	stepSegment             // another segment
	stepPacked              // another value of the segment
)

// Reset gives the decoder a datagram, or any run of whole lines. The bytes are borrowed until the next Reset.
func (d *Decoder) Reset(datagram []byte) {
	d.rest, d.line, d.step, d.ignored, d.badRates = datagram, nil, stepDone, 0, 0
}

// Next goes to the next line that is not blank, even when the current one is not finished, and reports
// whether the datagram has one.
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
			d.line, d.step = line, stepLine
			return true
		}
	}
	d.line, d.step = nil, stepDone
	return false
}

// Line returns the current line without its newline and carriage return; nil before Next and after the last
// line.
func (d *Decoder) Line() []byte { return d.line }

// Event returns the event of the last sample, whose kind is KindEvent; valid as long as the sample.
func (d *Decoder) Event() *Event { return &d.event }

// Check returns the check of the last sample, whose kind is KindCheck; valid as long as the sample.
func (d *Decoder) Check() *Check { return &d.check }

// Ignored returns how many fields were ignored since Reset: fields that no version of the protocol knows, and
// every tag section after the first.
func (d *Decoder) Ignored() int { return d.ignored }

// BadRates returns how many bad rates were ignored since Reset; 0 unless IgnoreBadRates is set.
func (d *Decoder) BadRates() int { return d.badRates }

// Sample returns the next sample of the current line, or the mistake in its next segment; (nil, nil) when the
// line is finished. After an error it goes on with the next segment of the line, if that can be found. Every
// line has at least one sample or error.
//
// It is inlined, so that the end of a line costs one comparison; TestInlining holds this.
func (d *Decoder) Sample() (*Sample, *Error) {
	if d.step == stepDone {
		return nil, nil
	}
	return d.read()
}

// read reads the next part of the line. The step is not stepDone.
func (d *Decoder) read() (*Sample, *Error) {
	switch d.step {
	case stepLine:
		return d.readLine()
	case stepSegment:
		return d.readSegment(d.segment)
	default: // stepPacked
		return d.nextPacked()
	}
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
	d.sample.Name = d.line[:colon]
	return d.readSegment(d.line[colon+1:])
}

// readSpecial reads a line that is an event or a check: Slow path. done is false when the line is neither.
func (d *Decoder) readSpecial() (sample *Sample, err *Error, done bool) {
	var ignored int
	var bad Error
	s := Sample{Kind: KindEvent, Text: d.line, Rate: 1}
	switch {
	case bytes.HasPrefix(d.line, eventPrefix):
		ignored, bad = d.event.read(d.line)
		s.Name = d.event.Title
	case bytes.HasPrefix(d.line, checkPrefix):
		ignored, bad = d.check.read(d.line)
		s.Kind, s.Name, s.Tags, s.Value = KindCheck, d.check.Name, d.check.Tags, float64(d.check.Status)
	case lacksBrace(d.line):
		bad = Error{Reason: ReasonBadEvent, Offset: len(eventPrefix) - 1}
	default:
		return nil, nil, false
	}
	d.ignored += ignored
	if bad.Reason != ReasonNone {
		sample, err = d.reject(bad.Reason, bad.Offset)
		return sample, err, true
	}
	d.step, d.sample = stepDone, s
	return &d.sample, nil, true
}

// reject gives up the rest of the line.
func (d *Decoder) reject(reason Reason, at int) (*Sample, *Error) {
	d.step = stepDone
	return d.rejectSegment(reason, at, 1)
}

// rejectSegment gives up a segment with so many values; the line goes on.
func (d *Decoder) rejectSegment(reason Reason, at, values int) (*Sample, *Error) {
	d.err = Error{Reason: reason, Offset: at, Samples: values}
	return nil, &d.err
}

// offset returns where in line b begins. b is sliced off the line, so that both reach to the end of one
// array.
func offset(line, b []byte) int { return cap(line) - cap(b) }

// readSegment reads one segment and returns its first value.
//
//	db.time:12|ms|@0.5|#host:a
//	        ^^ ^^
func (d *Decoder) readSegment(segment []byte) (*Sample, *Error) {
	d.step = stepDone
	// Fast path: one plain number, which shows where it ends.
	number, size := scanDecimal(segment)
	plain := size > 0 && size < len(segment) && segment[size] == '|'
	if !plain {
		if size = bytes.IndexByte(segment, '|'); size < 0 {
			return d.reject(ReasonMissingType, len(d.line))
		}
	}
	values, rest := segment[:size], segment[size+1:]
	kind, fields, known := readKind(rest)
	if !known {
		return d.reject(ReasonUnknownType, offset(d.line, rest))
	}
	s := &d.sample
	s.Kind, s.Tags, s.Rate, d.badRate = kind, nil, 1, 0
	s.Container, s.External, s.Timestamp = nil, nil, 0
	if len(fields) > 0 {
		d.readFields(fields)
	}
	switch {
	case !plain && kind != KindSet:
		return d.readValues(values)
	case d.badRate != 0:
		return d.rejectSegment(ReasonBadRate, d.badRate, 1)
	case kind == KindSet:
		return d.setMember(values)
	}
	return d.setNumber(values, number)
}

// readKind reads the type, which ends at a '|', a ':' or the end, and returns what follows it.
func readKind(b []byte) (kind Kind, rest []byte, known bool) {
	if len(b) == 0 {
		return NumKinds, nil, false
	}
	kind, size := kindOfLetter[b[0]], 1
	if kind == KindMeter && len(b) > 1 && b[1] == 's' {
		kind, size = KindTimer, 2
	}
	rest = b[size:]
	return kind, rest, kind < NumKinds && (len(rest) == 0 || rest[0] == '|' || rest[0] == ':')
}

// setNumber returns the sample with a number for its value; text is not empty.
func (d *Decoder) setNumber(text []byte, number float64) (*Sample, *Error) {
	s := &d.sample
	s.Text, s.Value = text, number
	s.Relative = s.Kind == KindGauge && !d.AbsoluteGauges && isSign(text[0])
	return s, nil
}

// setMember returns the sample with a member of a set for its value, colons included.
func (d *Decoder) setMember(text []byte) (*Sample, *Error) {
	if len(text) == 0 {
		return d.rejectSegment(ReasonBadValue, offset(d.line, text), 1)
	}
	s := &d.sample
	s.Text, s.Value, s.Relative = text, 0, false
	return s, nil
}

// readValues returns the first value of a segment: Slow path, for several values and for a value that is not
// a plain number. One bad value rejects the segment.
//
//	db.time:12:7::9|ms|@0.5|#host:a
//	        ^^^^^^^
func (d *Decoder) readValues(values []byte) (*Sample, *Error) {
	found := d.packed.read(values)
	switch {
	case d.badRate != 0:
		return d.rejectSegment(ReasonBadRate, d.badRate, found.values)
	case found.bad < 0:
		d.step, d.after = stepPacked, d.step
		return d.nextPacked()
	case found.badFirst && found.endsInOne && offset(d.line, values) == len(d.sample.Name)+1:
		return d.rejectSegment(ReasonColonInName, len(d.sample.Name), found.values)
	default:
		return d.rejectSegment(ReasonBadValue, offset(d.line, values)+found.bad, found.values)
	}
}

// nextPacked returns the next of the values of a segment.
func (d *Decoder) nextPacked() (*Sample, *Error) {
	p := &d.packed
	v := &p.values[p.next]
	text, number := p.text[v.start:v.end], v.number
	p.next++
	if p.next == p.kept && !p.more() {
		d.step = d.after
	}
	return d.setNumber(text, number)
}
