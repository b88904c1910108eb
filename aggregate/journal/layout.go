package journal

import (
	"errors"
	"hash/crc32"
	"unsafe"
)

const (
	magic       = 0x316e726a72696577 // "weirjrn1", little endian: also says the byte order
	wordBytes   = 8
	blockBytes  = 1 << 20
	blockWords  = blockBytes / wordBytes
	headerWords = 8
	entryWords  = 2 // of an entry, before its head
	slotWords   = 2 // of a slot, before its words
)

// The words of the header. The checksum is that of the words that never change.
const (
	headerMagic = iota
	headerID
	headerBoot
	headerBoot2
	headerChecksum
	headerComplete // 1 while the journal has everything that it was given
	headerBlocks   // how many blocks are allocated
)

// Errors of journals.
var (
	// ErrFull says that there is no room for an entry. The journal is incomplete from then on.
	ErrFull = errors.New("the journal is full")
	// ErrIncomplete says that a journal does not have everything that it was given.
	ErrIncomplete = errors.New("the journal is incomplete")
	// ErrDamaged says that a file is no journal, or was changed or cut short.
	ErrDamaged = errors.New("the journal is damaged")
	// ErrOtherBoot says that the machine was started again since the journal was written: it may have lost
	// the last values.
	ErrOtherBoot = errors.New("the journal was written before the machine was started")
	// ErrUnsupported says that the operating system, or the file system, cannot keep a journal.
	ErrUnsupported = errors.New("journals are not supported here")
	// ErrTooLong says that an entry has no room for so many words: add another one.
	ErrTooLong = errors.New("too many words for the entry")
)

// Place is where an entry is in its journal, in words from the beginning. 0 is no place.
type Place uint32

// Entry is what a journal has under one place. Both slices are views.
type Entry struct {
	Place Place
	Head  []byte
	Words []uint64
}

// entry is the words of an entry in a block, from its first one on:
//
//	lengths: words of the entry << 32 | bytes of the head    0 while it is not visible
//	words that a slot has room for << 32 | checksum of the head and of that
//	head, filled up to a whole word
//	two slots: sequence number, length << 32 | checksum, words
type entry []uint64

func headWords(headBytes int) int { return (headBytes + wordBytes - 1) / wordBytes }

func sizeOf(headBytes, capacity int) int {
	return entryWords + headWords(headBytes) + 2*(slotWords+capacity)
}

func (e entry) size() int { return int(e[0] >> 32) }

func (e entry) headBytes() int { return int(uint32(e[0])) }

func (e entry) capacity() int { return int(e[1] >> 32) }

func (e entry) head() []byte { return bytesOf(e[entryWords:])[:e.headBytes()] }

// slot returns the words of slot 0 or 1.
func (e entry) slot(i int) []uint64 {
	size := slotWords + e.capacity()
	start := entryWords + headWords(e.headBytes()) + i*size
	return e[start : start+size]
}

// newest returns the slot that has the highest sequence number.
func (e entry) newest() []uint64 {
	a, b := e.slot(0), e.slot(1)
	if a[0] > b[0] {
		return a
	}
	return b
}

// bytesOf returns words as bytes, a view.
func bytesOf(words []uint64) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(words))), len(words)*wordBytes)
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checksum returns one of words, seeded by two numbers that stand before them.
func checksum(words []uint64, a, b uint64) uint64 {
	const odd = 0x9e3779b97f4a7c15 // the golden ratio
	seed := (a*odd ^ b) * odd >> 32
	return uint64(crc32.Update(uint32(seed), castagnoli, bytesOf(words)))
}
