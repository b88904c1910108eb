package expose

import "sync"

// blockBytes is about how much is rendered at a time: enough that writing it costs little beside rendering
// it, and little enough to stay in a core's cache and to leave early.
const blockBytes = 64 << 10

// blockPool keeps blocks between scrapes. The zero value is empty and ready.
type blockPool struct{ pool sync.Pool }

// get returns an empty block with room for blockBytes and a last series beyond them.
func (p *blockPool) get() *[]byte {
	if b, ok := p.pool.Get().(*[]byte); ok {
		return b
	}
	b := make([]byte, 0, blockBytes+blockBytes/4)
	return &b
}

// put takes a block back. One that a huge histogram made grow is left to the collector.
func (p *blockPool) put(b *[]byte) {
	if cap(*b) > 4*blockBytes {
		return
	}
	*b = (*b)[:0]
	p.pool.Put(b)
}
