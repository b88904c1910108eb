package ingest

import (
	"sync/atomic"

	"golang.org/x/sys/cpu"

	"weir/protocol"
)

// Ledger is the account of what came in and what became of it.
type Ledger struct {
	// Datagrams and Bytes are what was read from the sockets; streams have no datagrams.
	Datagrams, Bytes uint64
	// DatagramsTruncated of Datagrams were larger than the largest datagram allowed: their end is lost.
	DatagramsTruncated uint64
	// Lines are those that were not blank.
	Lines uint64
	// Samples are what the lines held; a malformed line counts as one sample.
	// Samples = the sum of Outcomes.
	Samples uint64
	// Outcomes says what became of the samples, by protocol.Reason; ReasonNone is recorded.
	Outcomes [protocol.NumReasons]uint64
	// FieldsIgnored are fields of lines that weir does not use.
	FieldsIgnored uint64
	// Panics are datagrams, or pieces of streams, on which decoding or recording panicked.
	Panics uint64
}

// add adds o to l.
func (l *Ledger) add(o *Ledger) {
	l.Datagrams += o.Datagrams
	l.Bytes += o.Bytes
	l.DatagramsTruncated += o.DatagramsTruncated
	l.Lines += o.Lines
	l.Samples += o.Samples
	l.FieldsIgnored += o.FieldsIgnored
	l.Panics += o.Panics
	for i := range o.Outcomes {
		l.Outcomes[i] += o.Outcomes[i]
	}
}

// reject counts a line that never reached the decoder.
func (l *Ledger) reject(reason protocol.Reason) {
	l.Lines++
	l.Samples++
	l.Outcomes[reason]++
}

// publishedLedger is a ledger that its owner adds to and anyone reads.
//
// The seqlock makes a reading whole: the counts of one moment, so that a scrape never shows samples without
// outcomes.
type publishedLedger struct {
	_       cpu.CacheLinePad // a loop's counters share no line with another's
	version atomic.Uint64    // odd while the owner writes
	counts  [ledgerWords]atomic.Uint64
	_       cpu.CacheLinePad
}

const ledgerWords = 7 + int(protocol.NumReasons)

func (l *Ledger) words() [ledgerWords]uint64 {
	w := [ledgerWords]uint64{
		l.Datagrams, l.Bytes, l.DatagramsTruncated, l.Lines, l.Samples, l.FieldsIgnored, l.Panics,
	}
	copy(w[7:], l.Outcomes[:])
	return w
}

func ledgerOf(w [ledgerWords]uint64) Ledger {
	l := Ledger{
		Datagrams: w[0], Bytes: w[1], DatagramsTruncated: w[2], Lines: w[3], Samples: w[4],
		FieldsIgnored: w[5], Panics: w[6],
	}
	copy(l.Outcomes[:], w[7:])
	return l
}

// publish adds tally and clears it. Only the owner may call it.
func (p *publishedLedger) publish(tally *Ledger) {
	p.version.Add(1)
	for i, n := range tally.words() {
		if n != 0 {
			p.counts[i].Store(p.counts[i].Load() + n)
		}
	}
	p.version.Add(1)
	*tally = Ledger{}
}

// load returns the counts of one moment.
func (p *publishedLedger) load() Ledger {
	for {
		version := p.version.Load()
		var w [ledgerWords]uint64
		for i := range w {
			w[i] = p.counts[i].Load()
		}
		if version%2 == 0 && p.version.Load() == version {
			return ledgerOf(w)
		}
	}
}
