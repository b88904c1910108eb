package sender

import (
	"errors"
	"fmt"
	"math"
	"time"
)

const (
	maxSockets        = 1024
	maxLinesPerSecond = 1e9
)

// Options says where to send, how fast and for how long.
type Options struct {
	// Target is the receiver: "udp://127.0.0.1:9125", "tcp://[::1]:9125", "udp://localhost:9125"
	// or "unixgram:///run/weir.sock".
	Target string
	// Sockets is how many client sockets take turns, up to 1024; 0 means 1.
	Sockets int
	// LinesPerSecond is the rate, up to a thousand million; 0 means as fast as possible.
	LinesPerSecond float64
	// Duration is how long lines become due; 0 means until Datagrams are sent. Lines that are not sent one
	// second after its end stay unsent.
	Duration time.Duration
	// Datagrams is how many datagrams to send at most; 0 means no limit. One of Duration and Datagrams must
	// be set.
	Datagrams uint64
	// Progress, unless nil, is called by Run about four times a second with the report so far. Nothing is
	// sent while it runs.
	Progress func(Report)
}

// Validate returns every mistake in o joined, nil without any.
func (o *Options) Validate() error {
	var errs []error
	bad := func(field string, value any, allowed string) {
		errs = append(errs, fmt.Errorf("%s: %v: want %s", field, value, allowed))
	}
	if _, err := parseTarget(o.Target); err != nil {
		errs = append(errs, err)
	}
	if o.Sockets < 0 || o.Sockets > maxSockets {
		bad("sockets", o.Sockets, fmt.Sprintf("0 to %d", maxSockets))
	}
	if !(o.LinesPerSecond >= 0 && o.LinesPerSecond <= maxLinesPerSecond) {
		bad("rate", o.LinesPerSecond, fmt.Sprintf("0 to %d lines a second", int64(maxLinesPerSecond)))
	}
	if o.Duration < 0 {
		bad("duration", o.Duration, "at least 0s")
	}
	if o.Duration == 0 && o.Datagrams == 0 {
		bad("duration", o.Duration, "a duration or a number of datagrams, or sending never ends")
	}
	return errors.Join(errs...)
}

// schedule returns when the lines are due.
func (o *Options) schedule() schedule {
	s := schedule{linesPerSecond: o.LinesPerSecond, total: math.MaxUint64, stop: math.MaxInt64}
	if o.Duration == 0 {
		return s
	}
	s.stop = o.Duration
	if o.LinesPerSecond > 0 {
		s.total = uint64(math.Round(o.LinesPerSecond * o.Duration.Seconds()))
		s.stop += grace
	}
	return s
}
