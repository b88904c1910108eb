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
	// Recorded says of what kinds those of Outcomes[ReasonNone] were.
	Recorded [protocol.NumKinds]uint64
	// FieldsIgnored are fields of lines that weir does not use.
	FieldsIgnored uint64
	// TimestampsOff are samples that were stamped (T) more than a minute before or after they came: they are
	// recorded as if they were of now.
	TimestampsOff uint64
	// Events counts DogStatsD events by alert type and priority.
	Events [protocol.NumAlerts][protocol.NumPriorities]uint64
	// Panics are datagrams, or pieces of streams, on which decoding or recording panicked.
	Panics uint64
}

// add adds o to l.
func (l *Ledger) add(o *Ledger) {
	var counts [ledgerWords]uint64
	o.visit(func(word int, count *uint64) { counts[word] = *count })
	l.visit(func(word int, count *uint64) { *count += counts[word] })
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

const (
	ledgerScalars = 8
	ledgerEvents  = int(protocol.NumAlerts) * int(protocol.NumPriorities)
	ledgerWords   = ledgerScalars + int(protocol.NumReasons) + ledgerEvents + int(protocol.NumKinds)
)

// visit gives every count of l its place among the words of a published ledger.
func (l *Ledger) visit(yield func(word int, count *uint64)) {
	for i, count := range [ledgerScalars]*uint64{
		&l.Datagrams, &l.Bytes, &l.DatagramsTruncated, &l.Lines, &l.Samples,
		&l.FieldsIgnored, &l.TimestampsOff, &l.Panics,
	} {
		yield(i, count)
	}
	for i := range l.Outcomes {
		yield(ledgerScalars+i, &l.Outcomes[i])
	}
	for i := range ledgerEvents {
		priorities := int(protocol.NumPriorities)
		yield(ledgerScalars+len(l.Outcomes)+i, &l.Events[i/priorities][i%priorities])
	}
	for i := range l.Recorded {
		yield(ledgerScalars+len(l.Outcomes)+ledgerEvents+i, &l.Recorded[i])
	}
}

// publish adds tally and clears it. Only the owner may call it.
func (p *publishedLedger) publish(tally *Ledger) {
	p.version.Add(1)
	tally.visit(func(word int, count *uint64) {
		if *count != 0 {
			p.counts[word].Store(p.counts[word].Load() + *count)
		}
	})
	p.version.Add(1)
	*tally = Ledger{}
}

// load returns the counts of one moment.
func (p *publishedLedger) load() Ledger {
	for {
		version := p.version.Load()
		var l Ledger
		l.visit(func(word int, count *uint64) { *count = p.counts[word].Load() })
		if version%2 == 0 && p.version.Load() == version {
			return l
		}
	}
}
