package rawkey

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"
)

const (
	arenaBlockBytes = 64 << 10
	arenaUnit       = 8 // records begin at multiples of it
	recordHeader    = 8 // two uint32: length of the name, length of the tags
)

// Ref is where a key begins in an arena, in units of 8 bytes.
type Ref uint32

// Arena holds the bytes of the keys of any number of tables, in blocks without pointers, which the garbage
// collector need not walk. NewArena makes one.
type Arena struct {
	seed   maphash.Seed // of the hashes of the keys
	blocks [][]byte
	free   []byte // rest of the last block
}

// NewArena returns an empty arena for keys whose hashes have that seed.
func NewArena(seed maphash.Seed) Arena { return Arena{seed: seed} }

// Bytes returns how much memory the arena takes.
func (a *Arena) Bytes() int { return len(a.blocks) * arenaBlockBytes }

// add copies key, of at most maxKeyBytes.
func (a *Arena) add(key *Key) Ref {
	size := (recordHeader + len(key.Name) + len(key.Tags) + arenaUnit - 1) / arenaUnit * arenaUnit
	if len(a.free) < size {
		a.free = make([]byte, arenaBlockBytes)
		a.blocks = append(a.blocks, a.free)
	}
	at := len(a.blocks)*arenaBlockBytes - len(a.free)
	record := a.free[:size]
	a.free = a.free[size:]
	binary.LittleEndian.PutUint32(record, uint32(len(key.Name)))
	binary.LittleEndian.PutUint32(record[4:], uint32(len(key.Tags)))
	copy(record[recordHeader+copy(record[recordHeader:], key.Name):], key.Tags)
	return Ref(at / arenaUnit)
}

// key returns the name and tags of a record, valid as long as the arena.
func (a *Arena) key(ref Ref) (name, tags []byte) {
	at := int(ref) * arenaUnit
	record := a.blocks[at/arenaBlockBytes][at%arenaBlockBytes:]
	nameEnd := recordHeader + int(binary.LittleEndian.Uint32(record))
	tagsEnd := nameEnd + int(binary.LittleEndian.Uint32(record[4:]))
	return record[recordHeader:nameEnd], record[nameEnd:tagsEnd]
}

// equal reports whether a record has the bytes of key.
func (a *Arena) equal(ref Ref, key *Key) bool {
	at := int(ref) * arenaUnit
	record := a.blocks[at/arenaBlockBytes][at%arenaBlockBytes:]
	lengths := uint64(len(key.Name)) | uint64(len(key.Tags))<<32
	if binary.LittleEndian.Uint64(record) != lengths {
		return false
	}
	record = record[recordHeader:]
	return bytes.Equal(record[:len(key.Name)], key.Name) &&
		bytes.Equal(record[len(key.Name):][:len(key.Tags)], key.Tags)
}
