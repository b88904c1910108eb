package protocol

import "bytes"

var bar = []byte{'|'}

// readFields reads the fields behind the type, and leaves the next segment when a ':' directly behind the
// type or behind a rate begins one.
//
//	db.time:12|ms|@0.5|#host:a      a:1|c:2|ms|@0.1:3|g
//	             ^^^^^^^^^^^^^           ^     ^^^^^
func (d *Decoder) readFields(b []byte) {
	for len(b) > 0 {
		if b[0] == ':' { // behind the type or a rate; elsewhere it is part of a field
			d.segment, d.step = b[1:], stepSegment
			return
		}
		b = b[1:] // the '|'
		if len(b) > 0 && b[0] == '@' {
			b = d.readRate(b[1:])
			continue
		}
		end := bytes.IndexByte(b, '|')
		if end < 0 {
			end = len(b)
		}
		field := b[:end]
		switch {
		case end == 0:
			d.ignored++
		case field[0] == '#' && d.sample.Tags == nil:
			d.sample.Tags = field[1:]
		default:
			d.readOrigin(field)
		}
		b = b[end:]
	}
}

// minRate is the least sample rate: below it 1/rate is no exact count.
const minRate = 1.0 / (1 << 53)

// readRate reads a sample rate and returns what follows it; the last one of a segment counts. Gauges and sets
// ignore a good rate, but a bad rate is a mistake.
//
//	db.time:12|ms|@0.5|#host:a
//	               ^^^
func (d *Decoder) readRate(b []byte) (rest []byte) {
	size := 0
	for size < len(b) && b[size] != '|' && b[size] != ':' {
		size++
	}
	rate, ok := parseNumber(b[:size])
	needsNone := d.sample.Kind == KindGauge || d.sample.Kind == KindSet
	switch {
	case ok && minRate <= rate && rate <= 1:
		d.badRate = 0
		if !needsNone {
			d.sample.Rate = rate
		}
	case d.IgnoreBadRates && (!ok || rate == 0 || needsNone):
		d.badRates++
	default:
		d.badRate = offset(d.line, b)
	}
	return b[size:]
}

// readOrigin reads the fields that later versions of DogStatsD added (1.2 to 1.6), and counts unknown fields.
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

// isOriginField reports whether a field names the origin of a line, or the wanted detail of its tags.
func isOriginField(field []byte) bool {
	return bytes.HasPrefix(field, []byte("c:")) || bytes.HasPrefix(field, []byte("e:")) ||
		bytes.HasPrefix(field, []byte("card:"))
}

// eachField gives every field of fields, which begins with a '|' or is empty, to read, and counts the fields
// for which read returns false.
func eachField(fields []byte, read func(field []byte) bool) (ignored int) {
	for len(fields) > 0 {
		var field []byte
		field, fields = fields[1:], nil
		if end := bytes.IndexByte(field, '|'); end >= 0 {
			field, fields = field[:end], field[end:]
		}
		if len(field) == 0 || !read(field) {
			ignored++
		}
	}
	return ignored
}
