package main

import (
	"os"
	"slices"
	"time"

	"github.com/cespare/xxhash/v2"
)

// watchFilesInterval is how often files are looked at. To read a few kilobytes costs less than 0.01 % of a
// processor then, and sees what notifications of the kernel do not: changes over NFS, bind mounts of single
// files, and the symbolic links that Kubernetes swaps two directories above.
const watchFilesInterval = time.Second

// fileWatch tells when files have changed and are at rest. One goroutine uses it.
type fileWatch struct {
	seen  map[string]fileState // when it last said that they changed, by path
	last  map[string]fileState // at the last look
	paths []string             // of seen
}

// fileState is what a path led to.
type fileState struct {
	exists bool
	sum    uint64 // of the bytes
}

// newFileWatch returns a watch of files as they are now.
func newFileWatch(paths []string) *fileWatch {
	now := look(paths)
	return &fileWatch{seen: now, last: now, paths: paths}
}

// changed looks at the files at paths and reports whether they differ from when it last said so and have
// not changed since the look before: one that is being written, or replaced, has one second to become whole.
// A file that is not there is waited for.
func (w *fileWatch) changed(paths []string) bool {
	now := look(paths)
	if !slices.Equal(paths, w.paths) { // as of now: who changed the paths has read the files
		w.seen, w.last, w.paths = now, now, paths
		return false
	}
	atRest, differ := true, false
	for _, path := range paths {
		atRest = atRest && now[path].exists && now[path] == w.last[path]
		differ = differ || now[path] != w.seen[path]
	}
	w.last = now
	if !atRest || !differ {
		return false
	}
	w.seen = now
	return true
}

func look(paths []string) map[string]fileState {
	states := make(map[string]fileState, len(paths))
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil { // it is away, or will be an error when it is loaded
			states[path] = fileState{}
			continue
		}
		states[path] = fileState{exists: true, sum: xxhash.Sum64(content)}
	}
	return states
}
