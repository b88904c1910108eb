package durable

import (
	"io"
	"os"
)

// Fill writes a whole file to one that is open.
func (f Format) Fill(file *os.File, write func(io.Writer) error) (size int64, err error) {
	return f.fill(file, write)
}
