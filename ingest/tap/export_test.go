package tap

import "time"

// Bounds, for tests.
const (
	MaxSenders   = maxSenders
	MaxEvictions = maxEvictions
	MaxTails     = maxTails
	MaxFamilies  = maxFamilies
	MaxSeries    = maxSeries
	KeptBytes    = keptBytes
	KeptLines    = keptLines
)

// StopLooking ends a session as if nobody had polled for a minute.
func (t *Tap) StopLooking() {
	if s := t.session.Load(); s != nil {
		t.mu.Lock()
		t.polled = time.Time{}
		t.mu.Unlock()
	}
}

// Break makes the session meet a bug with the next line that it looks at.
func (t *Tap) Break() { t.session.Load().locator = nil }

// Matches reports whether a name matches a pattern, and whether a run of lines with the name may.
func Matches(text string, name []byte) (matches, mayMatch bool) {
	p := newPattern(text)
	return p.matches(name), p.mayMatch(name)
}

// SetRead sets what reads the program of a process.
func (p *Programs) SetRead(read func(pid int32) string) { p.read = read }

// SetProgram sets what reads the program of a process.
func (t *Tap) SetProgram(read func(pid int32) string) { t.programs.read = read }
