package rawkey

import "encoding/binary"

// Go has no instruction to prefetch, so a prefetch here is a load whose result nobody needs. In a table that
// does not fit into the processor's caches a lookup waits for memory three times, each time because it needs
// the result of the wait before: for the slot, for the bytes of the key, for the cell. Lookups of a batch do
// not depend on each other, so their waits may overlap: one short loop loads the slots of all keys (Peek of
// the table), the next one the keys (Peek of the arena), a third one the cells, and then Find waits no more.
// The caller adds what Peek of the arena returns to some variable, so that the compiler keeps the loads.

// Peek returns where the key of the first slot of a hash is, and its cell; nil when the slot is empty.
// Mostly it is the slot of the key with that hash.
func (t *Table[C]) Peek(hash uint64) (Ref, *C) {
	if len(t.slots) == 0 {
		return 0, nil
	}
	s := &t.slots[hash&uint64(len(t.slots)-1)]
	return s.ref, s.cell
}

// Peek loads the beginning of a key and returns some number; 0 when the arena has no such key.
func (a *Arena) Peek(ref Ref) uint64 {
	at := int(ref) * arenaUnit
	if at/arenaBlockBytes >= len(a.blocks) {
		return 0
	}
	return binary.LittleEndian.Uint64(a.blocks[at/arenaBlockBytes][at%arenaBlockBytes:])
}
