package status_test

import (
	"errors"
	"math"
	"testing"
	"time"

	"weir/aggregate/label"
	"weir/internal/poll"
)

// Rates are known some seconds after the first question, with who sends.
func TestRates(t *testing.T) {
	t.Parallel() // most of it is waiting for the first step
	lines, server, client := start(t)
	if lines.Rates() != nil {
		t.Error("rates are known before anything was looked at")
	}
	total := 0
	poll.Within(t, 30*time.Second, func() error {
		send(t, server, client, "a:1|c|#x:y\nb:1|c\na:1|c|#x:z\n")
		total += 3
		if lines.Rates() == nil {
			return errors.New("no rates are known yet")
		}
		return nil
	})
	r := lines.Rates()
	a, known := r.Family("a")
	b, _ := r.Family("b")
	if !known || a.PerSecond <= 0 || math.Abs(a.PerSecond-2*b.PerSecond) > a.PerSecond/5 || len(a.History) == 0 || r.Sample() != "every line" {
		t.Errorf("a: %+v, b: %+v of %d lines, %s", a, b, total, r.Sample())
	}
	if len(a.Senders) != 1 || a.Senders[0].Name != "127.0.0.1" || a.Senders[0].Address != "127.0.0.1" || a.Senders[0].PID != 0 || *a.Senders[0].SamplesPerSecond <= 0 {
		t.Errorf("the senders of a: %+v", a.Senders)
	}
	if y, known := r.Series("a", label.Of(`x="y"`)); !known || math.Abs(y-b.PerSecond) > b.PerSecond/5 {
		t.Errorf("a{x=\"y\"}: %v, %v, want %v", y, known, b.PerSecond)
	}
	if r.Total() < a.PerSecond+b.PerSecond-1 {
		t.Errorf("all: %v, a and b %v", r.Total(), a.PerSecond+b.PerSecond)
	}
}
