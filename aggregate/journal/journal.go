package journal

import (
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"sync/atomic"
)

// Journal is a journal that is being written. It belongs to one goroutine at a time, except that IsComplete
// may be called from any.
type Journal struct {
	path      string
	id        uint64
	maxBlocks int
	file      *os.File
	blocks    [][]uint64 // mapped
	used      int        // words of the last block
	failed    atomic.Bool

	onStore func() // nil except in tests: called after each store
}

// begun ends the name of a journal that has no header yet.
const begun = ".tmp"

// Create returns a new, empty journal. A file at the path is replaced. The journal grows to maxBytes at most,
// and has one block of 1 MiB at least. The error is ErrUnsupported or one of the file system, as of a full
// disk.
//
// A journal gets its name when it can be read: a kill before that leaves none, only a file whose name ends in
// ".tmp", which the next Create replaces.
func Create(path string, id uint64, maxBytes int64) (*Journal, error) {
	boot, err := bootID()
	if err != nil {
		return nil, err
	}
	if err := os.Remove(path + begun); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	file, err := createFile(path + begun)
	if err != nil {
		return nil, err
	}
	j := &Journal{path: path + begun, id: id, file: file, maxBlocks: int(max(1, maxBytes/blockBytes))}
	block, err := mapBlock(file, 0)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("create %q: %w", path, err), j.Remove())
	}
	j.blocks, j.used = append(j.blocks, block), headerWords
	if err := errors.Join(j.putHeader(boot), os.Rename(j.path, path)); err != nil {
		return nil, errors.Join(err, j.Remove())
	}
	j.path = path
	return j, nil
}

func (j *Journal) putHeader(boot [2]uint64) (err error) {
	defer j.guard(debug.SetPanicOnFault(true), &err)
	block := j.blocks[0]
	block[headerID], block[headerBoot], block[headerBoot2] = j.id, boot[0], boot[1]
	block[headerBlocks] = 1
	block[headerMagic] = magic
	block[headerChecksum] = checksum(block[:headerChecksum], 0, 0)
	j.publish(&block[headerComplete], 1)
	return nil
}

// ID returns the number of the journal.
func (j *Journal) ID() uint64 { return j.id }

// IsComplete reports whether the journal has everything that it was given.
func (j *Journal) IsComplete() bool { return !j.failed.Load() }

// Size returns how many bytes are used, and how many may be.
func (j *Journal) Size() (used, most int64) {
	return int64(len(j.blocks)-1)*blockBytes + int64(j.used)*wordBytes, int64(j.maxBlocks) * blockBytes
}

// Add adds an entry with room for capacity words, and at least for the given words. It copies head and
// words. After an error the journal is incomplete for ever.
func (j *Journal) Add(head []byte, words []uint64, capacity int) (place Place, err error) {
	if j.failed.Load() {
		return 0, ErrIncomplete
	}
	defer j.guard(debug.SetPanicOnFault(true), &err)
	capacity = max(capacity, len(words))
	size := sizeOf(len(head), capacity)
	if err := j.makeRoom(size); err != nil {
		j.fail()
		return 0, err
	}
	last := len(j.blocks) - 1
	j.fill(j.blocks[last][j.used:j.used+size], head, words, capacity)
	place = Place(last*blockWords + j.used)
	j.used += size
	return place, nil
}

// fill fills an entry and makes it visible.
func (j *Journal) fill(e entry, head []byte, words []uint64, capacity int) {
	lengths := uint64(len(e))<<32 | uint64(len(head))
	copy(bytesOf(e[entryWords:]), head)
	j.stored()
	e[1] = uint64(capacity)<<32 | headSum(e, lengths, capacity)
	j.stored()
	start := entryWords + headWords(len(head))
	j.fillSlot(e[start:start+slotWords+capacity], 1, words)
	j.publish(&e[0], lengths)
}

func headSum(e entry, lengths uint64, capacity int) uint64 {
	return checksum(e[entryWords:entryWords+headWords(int(uint32(lengths)))], lengths, uint64(capacity))
}

func (j *Journal) fillSlot(slot []uint64, sequence uint64, words []uint64) {
	j.publish(&slot[0], 0)
	for i, word := range words {
		slot[slotWords+i] = word
		j.stored()
	}
	length := uint64(len(words))
	slot[1] = length<<32 | checksum(words, sequence, length)
	j.stored()
	j.publish(&slot[0], sequence)
}

// Update replaces the words of an entry. When they are more than its capacity, the error is ErrTooLong, and
// the journal is complete until the caller shows values that it has not added elsewhere.
func (j *Journal) Update(p Place, words []uint64) (err error) {
	if j.failed.Load() {
		return ErrIncomplete
	}
	defer j.guard(debug.SetPanicOnFault(true), &err)
	e := j.at(p)
	if len(words) > e.capacity() {
		return ErrTooLong
	}
	older, newest := e.slot(0), e.slot(1)
	if older[0] > newest[0] {
		older, newest = newest, older
	}
	j.fillSlot(older, newest[0]+1, words)
	return nil
}

// at returns an entry, up to the end of its block.
func (j *Journal) at(p Place) entry { return j.blocks[int(p)/blockWords][int(p)%blockWords:] }

// makeRoom makes room for so many words in the last block.
func (j *Journal) makeRoom(size int) error {
	switch {
	case j.used+size <= blockWords:
		return nil
	case size > blockWords, len(j.blocks) == j.maxBlocks:
		return ErrFull
	}
	block, err := mapBlock(j.file, len(j.blocks))
	if err != nil {
		return fmt.Errorf("grow %q: %w", j.path, err)
	}
	j.blocks, j.used = append(j.blocks, block), 0
	j.publish(&j.blocks[0][headerBlocks], uint64(len(j.blocks)))
	return nil
}

// guard ends a method that stores into the mapping: defer j.guard(debug.SetPanicOnFault(true), &err). When
// the file was cut short such a store is a fault: then the journal is lost.
func (j *Journal) guard(before bool, err *error) { //nolint:gocritic // a deferred call sets the result
	debug.SetPanicOnFault(before)
	fault := recover()
	if fault == nil {
		return
	}
	if _, isFault := fault.(interface{ Addr() uintptr }); !isFault {
		panic(fault)
	}
	j.failed.Store(true)
	_ = j.file.Truncate(0) // an empty file is as good as one that says it is incomplete
	*err = fmt.Errorf("%w: somebody cut %q short", ErrIncomplete, j.path)
}

// fail marks the journal as incomplete. The caller guards it.
func (j *Journal) fail() {
	if j.failed.CompareAndSwap(false, true) {
		j.publish(&j.blocks[0][headerComplete], 0)
	}
}

// publish stores a word after all stores before it.
func (j *Journal) publish(to *uint64, word uint64) {
	atomic.StoreUint64(to, word)
	j.stored()
}

func (j *Journal) stored() {
	if j.onStore != nil {
		j.onStore()
	}
}

// Close releases the mapping, and leaves the file. It is safe twice.
func (j *Journal) Close() error {
	var errs []error
	for _, block := range j.blocks {
		errs = append(errs, unmapBlock(block))
	}
	j.blocks = nil
	j.failed.Store(true)
	if err := j.file.Close(); !errors.Is(err, os.ErrClosed) {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// Remove closes the journal and removes the file.
func (j *Journal) Remove() error {
	err := j.Close()
	if removeErr := os.Remove(j.path); !errors.Is(removeErr, os.ErrNotExist) {
		err = errors.Join(err, removeErr)
	}
	return err
}
