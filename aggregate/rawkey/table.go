package rawkey

const (
	minSlots = 64

	// maxProbes bounds how far a lookup walks. Otherwise keys made to collide would turn every lookup into a
	// walk of the whole table. Beyond the bound a key is not kept, and its samples take the slow path, whose
	// map is seeded.
	maxProbes = 128

	// maxKeyBytes is the longest raw key that is kept, so that few arena bytes are wasted at a block's end.
	maxKeyBytes = arenaBlockBytes / 16

	// slotBytes is the size of a slot: a quarter of a cache line.
	slotBytes = 16
)

// Table finds the cell of a raw key: open addressing with linear probing over a power of two of slots. The
// hash only leads to a slot; the bytes in the arena decide. The zero value is an empty table.
type Table[C any] struct {
	slots []slot[C]
	used  int
}

type slot[C any] struct {
	tag  uint32 // upper half of the hash
	ref  Ref    // where the raw key is
	cell *C     // nil in an empty slot
}

// Len returns how many keys the table has.
func (t *Table[C]) Len() int { return t.used }

// Slots returns how many slots the table has, used or not.
func (t *Table[C]) Slots() int { return len(t.slots) }

// Bytes returns how much memory the slots take. That of the keys is in the arena.
func (t *Table[C]) Bytes() int { return len(t.slots) * slotBytes }

// Find returns the cell of a key, or nil when the table does not have it. It allocates nothing.
func (t *Table[C]) Find(key *Key, keys *Arena) *C {
	mask := uint64(len(t.slots) - 1) // an empty table has no slot to look at
	tag := uint32(key.Hash >> 32)
	for i := range min(uint64(maxProbes), uint64(len(t.slots))) {
		s := &t.slots[(key.Hash+i)&mask]
		if s.cell == nil {
			return nil
		}
		if s.tag == tag && keys.equal(s.ref, key) {
			return s.cell
		}
	}
	return nil
}

// Insert makes a key lead to a cell, which is not nil. It copies a new key into the arena. A key of more than
// 4 KiB is not kept, nor is one that collides with too many others: Find will not know it.
func (t *Table[C]) Insert(key *Key, cell *C, keys *Arena) {
	if len(key.Name)+len(key.Tags) > maxKeyBytes {
		return
	}
	if t.used*8 >= len(t.slots)*5 {
		t.grow(keys)
	}
	s := t.place(key, keys)
	if s == nil {
		return
	}
	if s.cell == nil {
		s.tag, s.ref = uint32(key.Hash>>32), keys.add(key)
		t.used++
	}
	s.cell = cell
}

// place returns the slot of key, or the first empty one when the table does not have it; nil when neither is
// within maxProbes.
func (t *Table[C]) place(key *Key, keys *Arena) *slot[C] {
	mask, tag := uint64(len(t.slots)-1), uint32(key.Hash>>32)
	for i := range uint64(maxProbes) {
		s := &t.slots[(key.Hash+i)&mask]
		if s.cell == nil || s.tag == tag && keys.equal(s.ref, key) {
			return s
		}
	}
	return nil
}

func (t *Table[C]) grow(keys *Arena) {
	old := t.slots
	t.slots = make([]slot[C], max(minSlots, 2*len(old)))
	for i := range old {
		s := &old[i]
		if s.cell == nil {
			continue
		}
		name, tags := keys.key(s.ref)
		key := New(keys.seed, name, tags)
		if to := t.place(&key, keys); to != nil {
			*to = *s
		} else {
			t.used-- // dropped: the next sample resolves it again
		}
	}
}
