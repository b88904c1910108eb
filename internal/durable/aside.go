package durable

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// maxBad is how many damaged files are kept.
const maxBad = 10

// SetAside renames the file at a path, which Read refused, and returns its new name. The file stays as it is.
//
// For a [NewerError] the new name ends in ".version-NNN", so that it can be put back when the newer program
// is. For every other error it ends in ".bad". A name that is taken gets a number, as in ".bad-2"; nothing is
// replaced, except that of 10 bad files the one that was written first gives way to another.
func SetAside(path string, refused error) (string, error) {
	path = Target(path)
	aside, err := asideName(path, refused)
	if err != nil {
		return "", err
	}
	if err := os.Rename(path, aside); err != nil {
		return "", err
	}
	return aside, syncDir(filepath.Dir(path))
}

func asideName(path string, refused error) (string, error) {
	if newer, ok := errors.AsType[*NewerError](refused); ok {
		name, _, err := freeName(fmt.Sprintf("%s.version-%03d", path, newer.Version), 1<<30)
		return name, err
	}
	name, oldest, err := freeName(path+".bad", maxBad)
	if name == "" {
		name = oldest
	}
	return name, err
}

// freeName returns the first free one of the names base, base-2 to base-most; when all are taken, "" and the
// name of the file that was written first.
func freeName(base string, most int) (free, oldest string, err error) {
	var first fs.FileInfo
	for n, name := 1, base; n <= most; {
		info, err := os.Lstat(name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return name, oldest, nil
		case err != nil:
			return "", "", err
		case first == nil || info.ModTime().Before(first.ModTime()):
			first, oldest = info, name
		}
		n++
		name = fmt.Sprintf("%s-%d", base, n)
	}
	return "", oldest, nil
}

// RemoveRest removes what Write of a process that crashed has left beside the file at a path. Call it before
// the first Write, while no other process writes the path.
func RemoveRest(path string) error {
	path = Target(path)
	dir, name := filepath.Split(path)
	entries, err := os.ReadDir(orHere(dir))
	if err != nil {
		return err
	}
	var errs []error
	for _, entry := range entries {
		if isTemporary(entry.Name(), name) && entry.Type().IsRegular() {
			errs = append(errs, os.Remove(filepath.Join(dir, entry.Name())))
		}
	}
	return errors.Join(errs...)
}

// isTemporary reports whether Write of a file called name makes files called such:
//
//	state.1234567890.tmp
//	^name ^random
func isTemporary(file, name string) bool {
	random, hasName := strings.CutPrefix(file, name+".")
	random, isWritten := strings.CutSuffix(random, temporary)
	return hasName && isWritten && isNumber(random)
}
