package ingest

import (
	"bytes"

	"weir/protocol"
)

// stream cuts the bytes of one connection into lines. It belongs to the stream loop.
type stream struct {
	in       *intake
	maxLine  int
	listener string // where the connection came to
	partial  []byte // the beginning of a line whose end has not come yet; at most maxLine and a CR
	skipping bool   // the line that is coming was too long: it is counted already
	heard    int64  // tick at which something last came
}

// feed takes what came. Whole lines are taken at once; the rest is kept until its end comes.
func (s *stream) feed(b []byte) {
	s.in.tally.Bytes += uint64(len(b))
	for len(b) > 0 {
		end := bytes.IndexByte(b, '\n')
		switch {
		case end < 0:
			s.keep(b)
			return
		case s.skipping:
			s.skipping = false
		case len(s.partial) > 0:
			s.partial = append(s.partial, b[:end]...)
			s.in.lines(s.partial)
			s.partial = s.partial[:0]
		default:
			end = bytes.LastIndexByte(b, '\n')
			s.in.lines(b[:end])
		}
		b = b[end+1:]
	}
}

// keep keeps b, which has no newline, unless the line is too long already.
func (s *stream) keep(b []byte) {
	switch {
	case s.skipping:
	case len(s.partial)+len(b) > s.maxLine+len("\r"):
		s.in.tally.reject(protocol.ReasonLineTooLong)
		s.skipping, s.partial = true, nil
	default:
		s.partial = append(s.partial, b...)
	}
}

// finish takes the last line, which may lack its newline.
func (s *stream) finish() {
	if len(s.partial) > 0 {
		s.in.lines(s.partial)
		s.partial = nil
	}
}
