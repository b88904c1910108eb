package expose

import (
	"bufio"
	"bytes"
	"io"
	"strconv"
	"sync"

	"github.com/klauspost/compress/gzip"
)

// compressor compresses to a writer in pieces large enough to be worth a chunk of a response: the deflater
// itself writes some hundred bytes at a time, and fasthttp flushes each write.
type compressor struct {
	*gzip.Writer

	out *bufio.Writer
}

// finish writes what is left, and the trailer.
func (c *compressor) finish() error {
	if err := c.Close(); err != nil {
		return err
	}
	return c.out.Flush()
}

// gzipPool keeps compressors, whose windows are large.
type gzipPool struct {
	level int
	pool  sync.Pool
}

// get returns a compressor to w.
func (p *gzipPool) get(w io.Writer) *compressor {
	if c, ok := p.pool.Get().(*compressor); ok {
		c.out.Reset(w)
		c.Reset(c.out)
		return c
	}
	out := bufio.NewWriterSize(w, blockBytes/2)
	z, err := gzip.NewWriterLevel(out, p.level)
	if err != nil {
		panic("BUG: compression.level passed Validate: " + err.Error())
	}
	return &compressor{Writer: z, out: out}
}

func (p *gzipPool) put(c *compressor) {
	c.out.Reset(io.Discard)
	p.pool.Put(c)
}

// acceptsGzip reports whether the Accept-Encoding lines of a header allow gzip (RFC 9110, section 12.5.3):
// "gzip" or "*" with a weight above 0; what names gzip itself decides.
func acceptsGzip(lines [][]byte) bool {
	others := false
	for _, line := range lines {
		for element := range bytes.SplitSeq(line, []byte(",")) {
			coding, parameters, _ := bytes.Cut(element, []byte(";"))
			allowed := weight(parameters) > 0
			switch coding = bytes.TrimSpace(coding); {
			case bytes.EqualFold(coding, []byte("gzip")), bytes.EqualFold(coding, []byte("x-gzip")):
				return allowed
			case string(coding) == "*":
				others = allowed
			}
		}
	}
	return others
}

// weight returns the q of a list of parameters: 1 when there is none, 0 when it is malformed.
func weight(parameters []byte) float64 {
	for parameter := range bytes.SplitSeq(parameters, []byte(";")) {
		name, value, _ := bytes.Cut(parameter, []byte("="))
		if bytes.EqualFold(bytes.TrimSpace(name), []byte("q")) {
			q, err := strconv.ParseFloat(string(bytes.TrimSpace(value)), 64)
			if err != nil || !(q >= 0 && q <= 1) {
				return 0
			}
			return q
		}
	}
	return 1
}
