package journal

import "os"

// OnStore has f called after each store into the mapping.
func (j *Journal) OnStore(f func()) { j.onStore = f }

// Copy writes the journal as it is at this moment to a file, as a kill leaves it.
func (j *Journal) Copy(path string) error {
	var content []byte
	for _, block := range j.blocks {
		content = append(content, bytesOf(block)...)
	}
	return os.WriteFile(path, content, 0o600)
}

// File returns the file of a lock or a journal.
func (j *Journal) File() *os.File { return j.file }

// Sizes of the layout.
const (
	BlockBytes  = blockBytes
	HeaderBytes = headerWords * wordBytes
	BootByte    = headerBoot * wordBytes
)

// Resum makes the checksum of the header that of its words.
func Resum(content []byte) {
	words := make([]uint64, headerWords)
	copy(bytesOf(words), content)
	words[headerChecksum] = checksum(words[:headerChecksum], 0, 0)
	copy(content, bytesOf(words))
}
