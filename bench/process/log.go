package process

import (
	"bytes"
	"sync"
)

const (
	// maxLog is how much is kept of what a process writes; half of it goes when there is more.
	maxLog = 4 << 20
	// maxTail is how much of it errors show.
	maxTail = 16 << 10
)

// record keeps the end of what a process writes to its standard output and its standard error.
type record struct {
	mu      sync.Mutex
	text    []byte
	dropped int           // how much was written before text
	read    int           // how much of everything written nextLine has returned
	changed chan struct{} // closed by the next write
}

func newRecord() *record { return &record{changed: make(chan struct{})} }

// Write implements io.Writer.
func (r *record) Write(text []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.text = append(r.text, text...)
	if len(r.text) > maxLog {
		drop := len(r.text) - maxLog/2
		r.text = bytes.Clone(r.text[drop:])
		r.dropped += drop
	}
	close(r.changed)
	r.changed = make(chan struct{})
	return len(text), nil
}

// nextLine returns the first whole line that it has not returned before, without its end. Without such a
// line, more is closed as soon as something is written.
func (r *record) nextLine() (line string, found bool, more <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.read = max(r.read, r.dropped)
	rest := r.text[r.read-r.dropped:]
	length := bytes.IndexByte(rest, '\n')
	if length < 0 {
		return "", false, r.changed
	}
	r.read += length + 1
	return string(rest[:length]), true, nil
}

// skip makes nextLine return only lines that are written from now on.
func (r *record) skip() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.read = r.dropped + len(r.text)
}

// String returns what is kept.
func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return string(r.text)
}

// tail returns the end of what is kept, as much as an error shows.
func (r *record) tail() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return string(r.text[max(0, len(r.text)-maxTail):])
}
