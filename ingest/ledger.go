package ingest

import (
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/cpu"

	"weir/protocol"
)

// Ledger counts what came in and what became of it. Every field is made of uint64 counts.
type Ledger struct {
	// Datagrams and Bytes were read from the sockets; streams have no datagrams.
	Datagrams, Bytes uint64
	// DatagramsTruncated of Datagrams were larger than the largest datagram allowed: their end is lost.
	DatagramsTruncated uint64
	// Lines counts lines that were not blank.
	Lines uint64
	// Samples counts the samples of the lines: each value of a segment, also when one of them rejects all. A
	// malformed line counts as one sample. Samples is the sum of Outcomes.
	Samples uint64
	// Outcomes counts samples by their outcome: ReasonNone is recorded, any other reason is why not.
	Outcomes [protocol.NumReasons]uint64
	// Recorded counts the recorded samples by kind. Its sum is Outcomes[ReasonNone].
	Recorded [protocol.NumKinds]uint64
	// FieldsIgnored counts fields of lines that weir does not know.
	FieldsIgnored uint64
	// RatesIgnored counts the bad sample rates that Options.BadRates says to ignore.
	RatesIgnored uint64
	// TimestampsOff counts samples with a timestamp (T) more than a minute away from their arrival. They are
	// recorded with the time of arrival.
	TimestampsOff uint64
	// Events counts DogStatsD events by alert type and priority.
	Events [protocol.NumAlerts][protocol.NumPriorities]uint64
	// Panics counts datagrams, or pieces of streams, on which decoding or recording panicked.
	Panics uint64
}

// ledgerWords is how many counts a Ledger has.
const ledgerWords = unsafe.Sizeof(Ledger{}) / unsafe.Sizeof(uint64(0))

// words returns all counts of l in one array, so that no sum can leave one out. It relies on every field
// being made of uint64 only; TestLedgerIsMadeOfCounts guards that.
func (l *Ledger) words() *[ledgerWords]uint64 { return (*[ledgerWords]uint64)(unsafe.Pointer(l)) }

// add adds o to l.
func (l *Ledger) add(o *Ledger) {
	sums := l.words()
	for i, count := range o.words() {
		sums[i] += count
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
// A seqlock makes a read consistent: all counts are of one moment, so that a scrape never shows samples
// without outcomes.
type publishedLedger struct {
	_       cpu.CacheLinePad // a loop's counters share no line with another's
	version atomic.Uint64    // odd while the owner writes
	counts  [ledgerWords]atomic.Uint64
	_       cpu.CacheLinePad
}

// publish adds tally and clears it. Only the owner may call it.
func (p *publishedLedger) publish(tally *Ledger) {
	p.version.Add(1)
	for i, count := range tally.words() {
		if count != 0 {
			p.counts[i].Store(p.counts[i].Load() + count)
		}
	}
	p.version.Add(1)
	*tally = Ledger{}
}

// load returns the counts of one moment.
func (p *publishedLedger) load() Ledger {
	for {
		version := p.version.Load()
		var l Ledger
		for i := range l.words() {
			l.words()[i] = p.counts[i].Load()
		}
		if version%2 == 0 && p.version.Load() == version {
			return l
		}
	}
}
