package ingest

import (
	"bytes"
	"encoding/binary"
	"net/netip"

	"weir/protocol"
)

// framing is how a connection separates lines.
type framing uint8

const (
	framingNewline framing = iota // lines end with a newline
	framingLength                 // packets of lines, each after its length: 4 bytes, little-endian
	framingUnknown                // one of the above: the first bytes decide
	framingBroken                 // a length was impossible: the bytes after it have no meaning
)

// frameHeader is how many bytes the length of a packet takes.
const frameHeader = 4

// streamLimits bound how many bytes of a connection are kept.
type streamLimits struct {
	line  int // longest line, without its newline
	frame int // longest packet, without its length
}

// stream cuts the bytes of one connection into lines. It belongs to the loop of the connection.
type stream struct {
	in       *intake
	limits   streamLimits
	listener string // where the connection came to
	framing  framing
	partial  []byte // the beginning of a line or packet that is not complete yet
	skipping bool   // the current line was too long, and was counted: skip the rest of it
	heard    int64  // tick at which bytes last came
	address  netip.AddrPort
	process  int32
}

// Peer returns who opened the connection.
func (s *stream) Peer() (address netip.AddrPort, process int32) { return s.address, s.process }

// feed takes bytes as they came. It takes complete lines and packets at once, and keeps the rest until its
// end comes. It returns false when the connection cannot be understood any more.
func (s *stream) feed(b []byte) bool {
	s.in.tally.Bytes += uint64(len(b))
	if s.framing == framingUnknown {
		if b = s.detect(b); b == nil {
			return true
		}
	}
	switch s.framing {
	case framingBroken:
		return false
	case framingLength:
		return s.feedFrames(b)
	default:
		s.feedLines(b)
		return true
	}
}

// detect finds out the framing and returns the bytes that came so far; nil while they are too few. No packet
// is as long as 16 MiB, so the last byte of its length is 0. No valid line has a 0 there: the shortest is
// five bytes, "a:1|c".
func (s *stream) detect(b []byte) []byte {
	s.partial = append(s.partial, b...)
	if len(s.partial) < frameHeader {
		return nil
	}
	s.framing = framingNewline
	if s.partial[frameHeader-1] == 0 {
		s.framing = framingLength
	}
	b, s.partial = s.partial, nil
	return b
}

func (s *stream) feedLines(b []byte) {
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

// keep keeps b, which has no newline, unless that makes the line too long.
func (s *stream) keep(b []byte) {
	switch {
	case s.skipping:
	case len(s.partial)+len(b) > s.limits.line+len("\r"):
		s.in.lost(protocol.ReasonLineTooLong, 0, append(s.partial, b...))
		s.skipping, s.partial = true, nil
	default:
		s.partial = append(s.partial, b...)
	}
}

// feedFrames takes packets, each after its length. It returns false after an impossible length.
func (s *stream) feedFrames(b []byte) bool {
	for len(b) > 0 {
		want := frameHeader
		if len(s.partial) >= frameHeader {
			want += int(binary.LittleEndian.Uint32(s.partial))
		}
		n := min(want-len(s.partial), len(b))
		s.partial, b = append(s.partial, b[:n]...), b[n:]
		if len(s.partial) < frameHeader {
			return true
		}
		length := binary.LittleEndian.Uint32(s.partial)
		if uint64(length) > uint64(s.limits.frame) {
			s.in.lost(protocol.ReasonTruncated, 0, s.partial)
			s.framing, s.partial = framingBroken, nil
			return false
		}
		if len(s.partial) == frameHeader+int(length) {
			s.in.lines(s.partial[frameHeader:])
			s.partial = s.partial[:0]
		}
	}
	return true
}

// finish takes the last line, which may lack its newline. A packet that lacks its end is rejected, and so is
// the last line of a connection that was cut.
func (s *stream) finish(cut bool) {
	switch {
	case len(s.partial) == 0:
	case cut && s.framing != framingLength:
		s.in.lost(protocol.ReasonTruncated, len(s.partial), s.partial)
	case s.framing == framingLength:
		lines := s.partial[min(frameHeader, len(s.partial)):]
		s.in.lost(protocol.ReasonTruncated, len(lines), lines)
	default:
		s.in.lines(s.partial)
	}
	s.partial = nil
}
