package explore

import (
	"slices"

	"github.com/axiomhq/hyperloglog"

	"weir/aggregate/distinct"
)

// maxExact is how many distinct hashes are counted exactly.
const maxExact = 1 << 16

// counter counts distinct hashes: exactly up to maxExact, beyond within about 1 %. The zero value is ready.
type counter struct {
	hashes []uint64 // the first sorted of them are in order and distinct
	sorted int
	sketch *hyperloglog.Sketch // nil while the count is exact
}

// add adds a hash.
func (c *counter) add(hash uint64) {
	if c.sketch != nil {
		c.sketch.InsertHash(hash)
		return
	}
	c.hashes = append(c.hashes, hash)
	if len(c.hashes) > 2*c.sorted+64 {
		c.compact()
	}
}

func (c *counter) compact() {
	slices.Sort(c.hashes)
	c.hashes = slices.Compact(c.hashes)
	c.sorted = len(c.hashes)
	if c.sorted > maxExact {
		c.sketch = distinct.NewSketch()
		for _, hash := range c.hashes {
			c.sketch.InsertHash(hash)
		}
		c.hashes = nil
	}
}

// count returns how many distinct hashes were added.
func (c *counter) count() int {
	if c.sketch == nil {
		c.compact()
	}
	if c.sketch != nil {
		return int(c.sketch.Estimate())
	}
	return len(c.hashes)
}
