package page

import (
	"encoding/binary"
	"io"
	"sync"

	"github.com/klauspost/compress/flate"
)

// deflater compresses pieces so that any of them, one after the other, are one stream: each begins without
// knowledge of those before and ends at a byte (RFC 1951, section 3.2.4: a stored block of no length).
type deflater struct {
	flate *flate.Writer
	out   appender
}

// append compresses text and appends it to dst.
func (d *deflater) append(dst, text []byte) []byte {
	d.out = dst
	d.flate.Reset(&d.out)
	_, err := d.flate.Write(text)
	if err == nil {
		err = d.flate.Flush()
	}
	if err != nil {
		panic("BUG: writing to memory failed: " + err.Error())
	}
	return d.out
}

// appender is bytes that grow when they are written to.
type appender []byte

// Write implements io.Writer.
func (a *appender) Write(b []byte) (int, error) {
	*a = append(*a, b...)
	return len(b), nil
}

// deflaters keep deflaters, whose windows are large.
type deflaters struct {
	level int
	pool  sync.Pool
}

func (p *deflaters) get() *deflater {
	if d, ok := p.pool.Get().(*deflater); ok {
		return d
	}
	z, err := flate.NewWriter(io.Discard, p.level)
	if err != nil {
		panic("BUG: compression.level passed Validate: " + err.Error())
	}
	return &deflater{flate: z}
}

func (p *deflaters) put(d *deflater) {
	d.out = nil
	p.pool.Put(d)
}

// gzipHeader begins a member without a name and without a time (RFC 1952, section 2.3).
const gzipHeader = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"

// gzipTrailerSize is how many bytes appendGzipTrailer appends.
const gzipTrailerSize = 2 + 4 + 4

// appendGzipTrailer ends a member: an empty last block, the CRC-32 and the size of the text.
func appendGzipTrailer(dst []byte, crc uint32, size int) []byte {
	dst = append(dst, 0x03, 0x00)
	dst = binary.LittleEndian.AppendUint32(dst, crc)
	return binary.LittleEndian.AppendUint32(dst, uint32(size))
}
