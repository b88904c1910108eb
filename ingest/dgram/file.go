package dgram

import (
	"io/fs"
	"os"
)

// File is the file of a bound unix socket, by which it tells whether the path still leads to that socket. The
// socket must stay open meanwhile: it keeps its inode, so that no other file gets the same number.
//
// The zero File has no path. A File belongs to one goroutine at a time.
type File struct {
	path string
	own  fs.FileInfo // nil for an abstract name
}

// NewFile returns the file that a socket was just bound to. An abstract name is no file, and is never lost.
func NewFile(path string) (File, error) {
	if IsAbstract(path) {
		return File{}, nil
	}
	own, err := os.Lstat(path)
	return File{path: path, own: own}, err
}

// IsLost reports whether the path is gone, or leads to another file.
func (f *File) IsLost() bool {
	if f.own == nil {
		return false
	}
	now, err := os.Lstat(f.path)
	return err != nil || !os.SameFile(now, f.own)
}

// Remove removes the file, unless it is lost: another file at the path stays.
func (f *File) Remove() {
	if f.own != nil && !f.IsLost() {
		_ = os.Remove(f.path) // whoever removes it at the same time wants the same
	}
}
