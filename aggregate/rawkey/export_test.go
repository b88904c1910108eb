package rawkey

import "unsafe"

// SlotBytes, what Table.Bytes counts with, and the size of a slot in memory.
const SlotBytes, SlotSize = slotBytes, unsafe.Sizeof(slot[int]{})

// NewTable returns a table with so many slots, a power of two: it does not grow until five eighths are used.
func NewTable[C any](slots int) *Table[C] { return &Table[C]{slots: make([]slot[C], slots)} }
