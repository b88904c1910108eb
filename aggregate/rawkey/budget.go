package rawkey

import "sync/atomic"

const (
	// leastBudget is the budget while there are few series. Tags in another order, or labels that sanitising
	// makes equal, are other keys of the same series, and a sender can make any number of them.
	leastBudget = 32 << 20

	// bytesPerSeries is what every shard may keep for each living series, if that is more. A key of
	// the usual length takes 100 to 150 bytes with its slot, so those of a million living series are all
	// kept.
	bytesPerSeries = 512
)

// Budget bounds the memory that the raw keys of all shards take together: 32 MiB, or 512 bytes for each
// living series and each shard if that is more. Every shard has an equal part, and keeps it while it is idle:
// what the others do never makes it evict. Use NewBudget.
type Budget struct {
	least  atomic.Int64
	series atomic.Int64 // that live
	bytes  atomic.Int64 // of all shares
	shares atomic.Int64
}

// NewBudget returns a budget for shards that have no keys yet.
func NewBudget() *Budget {
	b := &Budget{}
	b.SetLeast(leastBudget)
	return b
}

// SetLeast sets what the budget is at least, in bytes; for tests.
func (b *Budget) SetLeast(bytes int) { b.least.Store(int64(bytes)) }

// SetSeries tells the budget how many series live.
func (b *Budget) SetSeries(n int) { b.series.Store(int64(n)) }

// Bytes returns how much memory the keys of all shards take, as the shards last noted it.
func (b *Budget) Bytes() int { return int(b.bytes.Load()) }

// NewShare returns the share of one more shard. The parts of the others become smaller, so all shards of a
// registry are made before the first gets keys.
func (b *Budget) NewShare() Share {
	b.shares.Add(1)
	return Share{budget: b}
}

// Share is what one shard uses of a budget. It belongs to the goroutine of that shard.
type Share struct {
	budget *Budget
	bytes  int64
}

// Note notes how much memory the keys of the shard take, and reports whether that is more than its part of
// the budget: then the shard must evict them.
func (s *Share) Note(bytes int) (full bool) {
	b := s.budget
	if grown := int64(bytes) - s.bytes; grown != 0 {
		s.bytes += grown
		b.bytes.Add(grown)
	}
	return s.bytes > max(b.least.Load()/b.shares.Load(), b.series.Load()*bytesPerSeries)
}
