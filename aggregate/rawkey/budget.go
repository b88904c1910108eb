package rawkey

import "sync/atomic"

const (
	// leastBudget is the budget while there are few series. Tags in another order, or labels that sanitising
	// makes equal, are other keys of the same series, and a sender can make any number of them.
	leastBudget = 32 << 20

	// bytesPerSeries is what every shard in use may keep for each living series, if that is more. A key of
	// the usual length takes 100 to 150 bytes with its slot, so those of a million living series are all
	// kept.
	bytesPerSeries = 512
)

// Budget bounds the memory that the raw keys of all shards take together: 32 MiB, or 512 bytes for each
// living series and each shard in use if that is more. Use NewBudget.
type Budget struct {
	least  atomic.Int64
	series atomic.Int64 // that live
	bytes  atomic.Int64 // of all shares
	shares atomic.Int64 // that have keys
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

// NewShare returns the share of one more shard.
func (b *Budget) NewShare() Share { return Share{budget: b} }

// Share is what one shard uses of a budget. It belongs to the goroutine of that shard.
type Share struct {
	budget *Budget
	bytes  int64
}

// Note notes how much memory the keys of the shard take, and reports whether the shard must evict them: the
// budget is used up, and the shard has more than its equal part of it. So a shard whose keys are few keeps
// them while another is flooded.
func (s *Share) Note(bytes int) (full bool) {
	b, before := s.budget, s.bytes
	if s.bytes = int64(bytes); s.bytes != before {
		b.bytes.Add(s.bytes - before)
		switch {
		case before == 0:
			b.shares.Add(1)
		case s.bytes == 0:
			b.shares.Add(-1)
		}
	}
	shares := max(1, b.shares.Load())
	budget := max(b.least.Load(), b.series.Load()*shares*bytesPerSeries)
	return b.bytes.Load() > budget && s.bytes > budget/shares
}
