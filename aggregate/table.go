package aggregate

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"
)

const (
	minSlots = 64

	// maxProbes bounds how far a lookup walks. Keys made to collide would otherwise turn every lookup into
	// a walk of the whole table; beyond the bound a key is not kept and its samples take the slow path,
	// whose map is seeded.
	maxProbes = 128

	// maxKeyBytes is the longest raw key that is kept, so that few arena bytes are wasted at a block's end.
	maxKeyBytes = arenaBlockBytes / 16
)

// rawKey is what names a series in a line: the name and the tag section, as sent. Several raw keys may mean
// one series.
type rawKey struct {
	name, tags []byte
	hash       uint64
}

func newRawKey(seed maphash.Seed, name, tags []byte) rawKey {
	return rawKey{name: name, tags: tags, hash: hashKey(seed, name, tags)}
}

// hashKey hashes with the runtime's own hash, which takes half the time of xxhash for keys of this size
// (BenchmarkRecord), and whose seed nobody knows who would make keys collide.
func hashKey(seed maphash.Seed, name, tags []byte) uint64 {
	h := maphash.Bytes(seed, name)
	if len(tags) != 0 {
		// Any odd constant will do: the product keeps (name, tags) apart from (tags, name).
		h = h*0x9e3779b97f4a7c15 ^ maphash.Bytes(seed, tags)
	}
	return h
}

// table finds the cell of a raw key: open addressing with linear probing over a power of two of slots. It
// belongs to one shard. The hash only leads to a slot; the bytes in the shard's arena decide.
type table[C any] struct {
	slots []slot[C]
	used  int
}

// slotBytes is the size of a slot: a quarter of a cache line.
const slotBytes = 16

type slot[C any] struct {
	tag    uint32    // upper half of the hash
	record recordRef // where the raw key is
	cell   *C        // nil in an empty slot
}

// find returns the cell of key, or nil when the table does not know it.
func (t *table[C]) find(key *rawKey, keys *arena) *C {
	mask := uint64(len(t.slots) - 1) // an empty table has no slot to look at
	tag := uint32(key.hash >> 32)
	for i := range min(uint64(maxProbes), uint64(len(t.slots))) {
		s := &t.slots[(key.hash+i)&mask]
		if s.cell == nil {
			return nil
		}
		if s.tag == tag && keys.equal(s.record, key) {
			return s.cell
		}
	}
	return nil
}

// insert makes key lead to cell; keys that are too long or collide too often are not kept.
func (t *table[C]) insert(key *rawKey, cell *C, keys *arena) {
	if len(key.name)+len(key.tags) > maxKeyBytes {
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
		s.tag, s.record = uint32(key.hash>>32), keys.add(key)
		t.used++
	}
	s.cell = cell
}

// place returns the slot of key, the first empty one when the table does not have it, or nil when there is
// neither within maxProbes.
func (t *table[C]) place(key *rawKey, keys *arena) *slot[C] {
	mask, tag := uint64(len(t.slots)-1), uint32(key.hash>>32)
	for i := range uint64(maxProbes) {
		s := &t.slots[(key.hash+i)&mask]
		if s.cell == nil || s.tag == tag && keys.equal(s.record, key) {
			return s
		}
	}
	return nil
}

func (t *table[C]) grow(keys *arena) {
	old := t.slots
	t.slots = make([]slot[C], max(minSlots, 2*len(old)))
	for i := range old {
		s := &old[i]
		if s.cell == nil {
			continue
		}
		name, tags := keys.key(s.record)
		key := newRawKey(keys.seed, name, tags)
		if to := t.place(&key, keys); to != nil {
			*to = *s
		} else {
			t.used-- // forgotten: the next sample resolves it anew
		}
	}
}

const (
	arenaBlockBytes = 64 << 10
	arenaUnit       = 8 // records begin at multiples of it
	recordHeader    = 8 // two uint32: length of the name, length of the tags
)

// recordRef is where a record begins in an arena, in units of arenaUnit bytes.
type recordRef uint32

// arena holds the bytes of raw keys in blocks without pointers, which the garbage collector need not walk.
type arena struct {
	seed   maphash.Seed // of the hashes of the keys
	blocks [][]byte
	free   []byte // rest of the last block
}

// bytes returns how much memory the arena takes.
func (a *arena) bytes() int { return len(a.blocks) * arenaBlockBytes }

// add copies key, of at most maxKeyBytes.
func (a *arena) add(key *rawKey) recordRef {
	size := (recordHeader + len(key.name) + len(key.tags) + arenaUnit - 1) / arenaUnit * arenaUnit
	if len(a.free) < size {
		a.free = make([]byte, arenaBlockBytes)
		a.blocks = append(a.blocks, a.free)
	}
	at := len(a.blocks)*arenaBlockBytes - len(a.free)
	record := a.free[:size]
	a.free = a.free[size:]
	binary.LittleEndian.PutUint32(record, uint32(len(key.name)))
	binary.LittleEndian.PutUint32(record[4:], uint32(len(key.tags)))
	copy(record[recordHeader+copy(record[recordHeader:], key.name):], key.tags)
	return recordRef(at / arenaUnit)
}

// key returns the name and tags of a record, valid as long as the arena.
func (a *arena) key(ref recordRef) (name, tags []byte) {
	at := int(ref) * arenaUnit
	record := a.blocks[at/arenaBlockBytes][at%arenaBlockBytes:]
	nameEnd := recordHeader + int(binary.LittleEndian.Uint32(record))
	tagsEnd := nameEnd + int(binary.LittleEndian.Uint32(record[4:]))
	return record[recordHeader:nameEnd], record[nameEnd:tagsEnd]
}

// equal reports whether a record has the bytes of key.
func (a *arena) equal(ref recordRef, key *rawKey) bool {
	at := int(ref) * arenaUnit
	record := a.blocks[at/arenaBlockBytes][at%arenaBlockBytes:]
	lengths := uint64(len(key.name)) | uint64(len(key.tags))<<32
	if binary.LittleEndian.Uint64(record) != lengths {
		return false
	}
	record = record[recordHeader:]
	return bytes.Equal(record[:len(key.name)], key.name) &&
		bytes.Equal(record[len(key.name):][:len(key.tags)], key.tags)
}
