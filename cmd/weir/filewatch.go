package main

import (
	"maps"
	"os"
	"time"

	"github.com/cespare/xxhash/v2"
)

// watchFilesInterval is how often files are looked at. To read a few kilobytes costs less than 0.01 % of a
// processor then, and sees what notifications of the kernel do not: changes over NFS, bind mounts of single
// files, and the symbolic links that Kubernetes swaps two directories above.
const watchFilesInterval = time.Second

// fileSums are the xxhash sums of files, by path. A file that cannot be read has none.
type fileSums map[string]uint64

// fileWatch tells when files differ from what the configuration was read from. One goroutine uses it.
type fileWatch struct {
	inForce fileSums // what the configuration in force was read from
	tried   fileSums // what it was last said to read, or inForce when that came later
	last    fileSums // at the last look
}

// changed looks at the files that inForce names, and reports whether it is time to read them: whether they
// differ from what was last read and have not changed since the look before. One that is being written, or
// replaced, has that time to become whole; one that is away is waited for.
func (w *fileWatch) changed(inForce fileSums) bool {
	if !maps.Equal(inForce, w.inForce) {
		w.inForce, w.tried = inForce, inForce
	}
	now := look(inForce)
	atRest := len(now) == len(inForce) && maps.Equal(now, w.last)
	w.last = now
	if !atRest || maps.Equal(now, w.tried) {
		return false
	}
	w.tried = now
	return true
}

func look(at fileSums) fileSums {
	now := make(fileSums, len(at))
	for path := range at {
		if content, err := os.ReadFile(path); err == nil { // else it is away, or to load it will say why
			now[path] = xxhash.Sum64(content)
		}
	}
	return now
}
