package protocol

import "bytes"

// packed holds the numbers of a segment with several values. All of them are read before the first is
// returned, because one that is not a number rejects the others too.
type packed struct {
	text   []byte // "value:value"
	values [numPacked]packedValue
	kept   int // how many of values are read
	next   int // which of values is returned next
	behind int // where in text the values begin that are not kept; its length when all are
}

// packedValue is one number, and where its text is.
type packedValue struct {
	number     float64
	start, end int32
}

// numPacked is how many values are kept at a time. When a segment has more, all values but the first are read
// a second time: BenchmarkDecodeRare has both.
const numPacked = 64

// packedCounts says what a segment has.
type packedCounts struct {
	values    int  // at least 1: empty values are not counted, unless all are empty
	bad       int  // where in the text the first value is that is not a number; -1 when all are numbers
	badFirst  bool // the first value is not a number
	endsInOne bool // the last value is a number
}

// read reads the values between the colons of text. Empty values are skipped, unless all are empty.
//
//	db.time:12:7::9|ms|@0.5|#host:a
//	        ^^^^^^^
func (p *packed) read(text []byte) packedCounts {
	p.text, p.behind = text, 0
	counts := p.fill()
	if counts.values == 0 {
		return packedCounts{values: 1, badFirst: true}
	}
	if p.behind == len(text) {
		return counts
	}
	for p.behind < len(text) {
		more := p.fill()
		counts.values += more.values
		counts.endsInOne = more.endsInOne
		if counts.bad < 0 {
			counts.bad = more.bad
		}
	}
	p.behind = 0
	p.fill()
	return counts
}

// fill keeps the next values.
func (p *packed) fill() packedCounts {
	text, at := p.text, p.behind
	kept, bad, firstBad, ok := 0, -1, false, false
	for at < len(text) && kept < numPacked {
		if text[at] == ':' {
			at++
			continue
		}
		number, size := scanDecimal(text[at:]) // Fast path, as for a single value.
		end := at + size
		if ok = size > 0 && (end == len(text) || text[end] == ':'); !ok {
			number, end, ok = readAnyValue(text, at)
			if !ok && bad < 0 {
				bad, firstBad = at, kept == 0
			}
		}
		p.values[kept] = packedValue{number, int32(at), int32(end)}
		kept++
		at = end + 1
	}
	for at < len(text) && text[at] == ':' {
		at++
	}
	p.next, p.kept, p.behind = 0, kept, min(at, len(text))
	return packedCounts{kept, bad, firstBad, ok}
}

// more keeps the next values, and reports whether there are any.
func (p *packed) more() bool {
	if p.behind == len(p.text) {
		return false
	}
	p.fill()
	return true
}

// readAnyValue reads the value at a position of text: Slow path.
func readAnyValue(text []byte, at int) (number float64, end int, ok bool) {
	end = len(text)
	if size := bytes.IndexByte(text[at:], ':'); size >= 0 {
		end = at + size
	}
	number, ok = parseAnyNumber(text[at:end])
	return number, end, ok
}
