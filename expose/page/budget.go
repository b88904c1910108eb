package page

// cacheBudget bounds what one collection or rendering keeps for others. A nil one keeps nothing.
type cacheBudget struct {
	cache  *Cache
	held   int  // bytes that are kept for it, those of pages that have not changed included
	fresh  int  // bytes that were taken from the cache's limit for it
	isFull bool // a page found no space
}

// take takes n bytes from the cache's limit. When fewer are left, the budget is full.
func (b *cacheBudget) take(n int) {
	c := b.cache
	if !b.isFull && c.bytes.Add(int64(n)) > int64(c.options.MaxSizeBytes) {
		c.bytes.Add(-int64(n))
		b.isFull = true
	}
	if !b.isFull {
		b.fresh += n
	}
}

// reserve takes n bytes beyond the limit, if need be: the next renderings give way.
func (b *cacheBudget) reserve(n int) {
	b.cache.bytes.Add(int64(n))
	b.fresh += n
}
