package journal

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"syscall"
)

// maxRead is the most bytes of a file that are read.
const maxRead = 1 << 30

// Contents is what a journal has.
type Contents struct {
	words   []uint64
	entries []Place
}

// Read returns what the journal of a path has. The error is ErrDamaged, ErrIncomplete, ErrOtherBoot,
// ErrUnsupported or one of the file system: fs.ErrNotExist when there is no file. Of a journal with an error
// nothing is returned, because values may be missing. Only regular files are read.
func Read(path string, id uint64) (*Contents, error) {
	words, err := readWords(path)
	if err != nil {
		return nil, err
	}
	boot, err := bootID()
	if err != nil {
		return nil, err
	}
	switch {
	case len(words) < blockWords, words[headerMagic] != magic, words[headerID] != id,
		words[headerChecksum] != checksum(words[:headerChecksum], 0, 0),
		words[headerComplete] > 1, words[headerBlocks] > uint64(len(words)/blockWords):
		return nil, fmt.Errorf("%w: %s", ErrDamaged, path)
	case words[headerBoot] != boot[0] || words[headerBoot2] != boot[1]:
		return nil, fmt.Errorf("%w: %s", ErrOtherBoot, path)
	case words[headerComplete] == 0:
		return nil, fmt.Errorf("%w: %s", ErrIncomplete, path)
	}
	c := &Contents{words: words[:words[headerBlocks]*blockWords]}
	for start := headerWords; start < len(c.words); {
		if c.words[start] == 0 { // the rest of the block is empty
			start += blockWords - start%blockWords
			continue
		}
		end := start + blockWords - start%blockWords
		e := entry(c.words[start:end])
		if !e.isSound() {
			return nil, fmt.Errorf("%w: %s, in the entry at byte %d", ErrDamaged, path, start*wordBytes)
		}
		c.entries = append(c.entries, Place(start))
		start += e.size()
	}
	return c, nil
}

// isSound reports whether everything in an entry is as it was written.
func (e entry) isSound() bool {
	most := uint64(len(e))
	if most < entryWords || e[0]>>32 > most || uint64(uint32(e[0])) > most*wordBytes || e[1]>>32 > most ||
		e.size() != sizeOf(e.headBytes(), e.capacity()) ||
		uint64(uint32(e[1])) != headSum(e, e[0], e.capacity()) {
		return false
	}
	for i := range 2 {
		if s := e.slot(i); s[0] != 0 && !isSoundSlot(s) {
			return false
		}
	}
	a, b := e.slot(0)[0], e.slot(1)[0]
	return a != b // one of them at least was written
}

func isSoundSlot(s []uint64) bool {
	length := s[1] >> 32
	return length <= uint64(len(s)-slotWords) &&
		uint64(uint32(s[1])) == checksum(s[slotWords:slotWords+length], s[0], length)
}

// Entries yields every entry, in the order in which they were added.
func (c *Contents) Entries() iter.Seq[Entry] {
	return func(yield func(Entry) bool) {
		for _, place := range c.entries {
			e := entry(c.words[place:])
			slot := e.newest()
			if !yield(Entry{place, e.head(), slot[slotWords : slotWords+slot[1]>>32]}) {
				return
			}
		}
	}
}

func readWords(path string) (words []uint64, err error) {
	// O_NONBLOCK: a pipe does not wait.
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	info, err := file.Stat()
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%w: %s is not a regular file", ErrDamaged, path)
	case info.Size()%blockBytes != 0 || info.Size() > maxRead:
		return nil, fmt.Errorf("%w: %s has %d bytes", ErrDamaged, path, info.Size())
	}
	return readBlocks(file, uint64(info.Size()/blockBytes))
}

// readBlocks reads the blocks that are used of a file with so many. A file that was made longer costs no
// memory for its rest.
func readBlocks(file io.Reader, blocks uint64) ([]uint64, error) {
	if blocks == 0 {
		return nil, nil
	}
	first := make([]uint64, blockWords)
	_, err := io.ReadFull(file, bytesOf(first))
	used := first[headerBlocks]
	if err != nil || first[headerMagic] != magic || used <= 1 || used > blocks {
		return first, err
	}
	words := make([]uint64, used*blockWords)
	copy(words, first)
	_, err = io.ReadFull(file, bytesOf(words[blockWords:]))
	return words, err
}
