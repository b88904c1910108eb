package sender

import (
	"fmt"
	"time"
)

// lateAfter is the lag from which a sender counts as late: the receiver then gets bursts, not a rate.
const lateAfter = 100 * time.Millisecond

// Report says how much was sent, and how late.
type Report struct {
	// Target is where to; Sockets is from how many sockets.
	Target  string `json:"target"`
	Sockets int    `json:"sockets"`
	// Datagrams, Lines, Samples and Bytes were taken by the kernel. Bytes are payload; over TCP they count
	// the newline behind each datagram.
	Datagrams uint64 `json:"datagrams"`
	Lines     uint64 `json:"lines"`
	Samples   uint64 `json:"samples"`
	Bytes     uint64 `json:"bytes"`
	// CutBytes is how much was sent of datagrams that the end of time cut off; they are not counted above.
	// Always 0 over UDP.
	CutBytes uint64 `json:"cut_bytes"`
	// Refused is how often the kernel said that nobody listens. Those datagrams were sent, and lost.
	Refused uint64 `json:"refused"`
	// UnsentLines were due and not sent.
	UnsentLines uint64 `json:"unsent_lines"`
	// ElapsedSeconds is from the first to the last line.
	ElapsedSeconds float64 `json:"elapsed_seconds"`
	// LinesPerSecond is Lines over ElapsedSeconds.
	LinesPerSecond float64 `json:"lines_per_second"`
	// MaxLagSeconds is how much later than due a line was sent, at worst; 0 when there was no rate.
	MaxLagSeconds float64 `json:"max_lag_seconds"`
}

// Late reports whether the sender fell behind its schedule: by more than 100 ms, or for good.
func (r *Report) Late() bool { return r.UnsentLines > 0 || r.MaxLagSeconds > lateAfter.Seconds() }

// String returns the report as a line.
func (r *Report) String() string {
	s := fmt.Sprintf("sent %d lines (%d samples, %d datagrams, %d bytes) to %s in %.2f s: %.0f lines/s",
		r.Lines, r.Samples, r.Datagrams, r.Bytes, r.Target, r.ElapsedSeconds, r.LinesPerSecond)
	if r.Late() {
		s += fmt.Sprintf("; fell behind by up to %.0f ms, %d lines unsent",
			r.MaxLagSeconds*1000, r.UnsentLines)
	}
	if r.CutBytes > 0 {
		s += fmt.Sprintf("; cut off within a datagram, after %d bytes", r.CutBytes)
	}
	if r.Refused > 0 {
		s += fmt.Sprintf("; nobody listened: refused %d times", r.Refused)
	}
	return s
}

// add counts a datagram and the bytes it took on the wire.
func (r *Report) add(p *packet, wireBytes int) {
	r.Datagrams++
	r.Lines += p.lines
	r.Samples += p.samples
	r.Bytes += uint64(wireBytes)
}

// measure notes how long sending took so far.
func (r *Report) measure(elapsed time.Duration) {
	r.ElapsedSeconds = elapsed.Seconds()
	if elapsed > 0 {
		r.LinesPerSecond = float64(r.Lines) / r.ElapsedSeconds
	}
}
