package rawkey

import "hash/maphash"

// Key names a series in a line: the name and the tag section, as sent. It holds views and copies nothing.
type Key struct {
	Name, Tags []byte
	Hash       uint64 // see Hash
}

// New returns the key of a name and its tags.
func New(seed maphash.Seed, name, tags []byte) Key {
	return Key{Name: name, Tags: tags, Hash: Hash(seed, name, tags)}
}

// Hash returns the hash of a key. All keys of a table need the seed of its arena.
//
// It is the runtime's own hash, which takes half the time of xxhash for keys of this size
// (BenchmarkRecord in aggregate), and whose seed is unknown to anybody who would make keys collide.
func Hash(seed maphash.Seed, name, tags []byte) uint64 {
	h := maphash.Bytes(seed, name)
	if len(tags) != 0 {
		// Any odd constant will do: the product keeps (name, tags) apart from (tags, name).
		h = h*0x9e3779b97f4a7c15 ^ maphash.Bytes(seed, tags)
	}
	return h
}
