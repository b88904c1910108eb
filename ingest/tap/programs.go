package tap

import (
	"os"
	"strconv"
	"strings"
	"sync"
)

const (
	// maxPrograms bounds how many processes are remembered.
	maxPrograms = 1024

	// programSeconds is for how long the program of a process is taken to be the same: a process may execute
	// another program, and the system may give its id to another process.
	programSeconds = 10
)

// Programs knows the programs of processes by their id. Any goroutine may use it.
type Programs struct {
	now  func() int64           // seconds since the epoch, coarse
	read func(pid int32) string // the program of a process; empty when it does not run, or is hidden

	mu    sync.Mutex
	known map[int32]program // guarded by mu
}

type program struct {
	name string
	at   int64 // when it was read
}

// NewPrograms returns a Programs that knows nothing yet. now returns the coarse time in seconds.
func NewPrograms(now func() int64) *Programs {
	return &Programs{now: now, read: readProgram, known: make(map[int32]program)}
}

// Name returns the name of the program of a process, as the kernel has it: at most 15 bytes of any kind. It
// is empty when that is not known. A process that has ended keeps its name for as long as it is remembered.
func (p *Programs) Name(pid int32) string {
	if pid == 0 {
		return ""
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	found, isKnown := p.known[pid]
	now := p.now()
	if isKnown && now-found.at < programSeconds {
		return found.name
	}
	if name := p.read(pid); name != "" {
		found.name = name
	}
	if !isKnown && len(p.known) >= maxPrograms {
		clear(p.known) // seldom: so many processes sent
	}
	found.at = now
	p.known[pid] = found
	return found.name
}

// bytes returns about how much memory is used.
func (p *Programs) bytes() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	const entry = 64 // with its name
	return len(p.known) * entry
}

// readProgram reads the program of a process on systems with Linux's /proc.
func readProgram(pid int32) string {
	name, _ := os.ReadFile("/proc/" + strconv.Itoa(int(pid)) + "/comm") // it may have ended just now
	return strings.TrimSuffix(string(name), "\n")
}
