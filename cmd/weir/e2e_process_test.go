package main_test

import (
	"context"
	"io"
	"net"
	"testing"

	"weir/bench/process"
	"weir/internal/poll"
)

// weir is a running weir.
type weir struct{ *process.Process }

// program returns weir with flags, on ports of its own and without a cache.
func (e e2e) program(flags ...string) *process.Program {
	g := process.Weir(e.bin, append([]string{"--cache.ttl=0s"}, flags...)...)
	g.StartLimit, g.StopLimit = waitLimit, stopLimit
	if raceDetector {
		g.Env = []string{"GORACE=atexit_sleep_ms=0"} // it adds a second to each end
	}
	return g
}

// startWeir starts weir on free ports of the loopback and returns when it is ready. The end of the test stops it.
func (e e2e) startWeir(t *testing.T, flags ...string) *weir {
	t.Helper()
	w := e.startMortal(t, flags...)
	t.Cleanup(func() { process.MustStop(t, w.Process) })
	return w
}

// startMortal is startWeir for a weir that the test ends: how does not matter to it.
func (e e2e) startMortal(t *testing.T, flags ...string) *weir {
	t.Helper()
	w := &weir{process.Start(t, e.program(flags...))}
	if _, err := w.get("/-/ready"); err != nil {
		t.Fatal(err)
	}
	return w
}

// restart starts a weir that has ended once more, with the same flags on the same ports, as startMortal does.
func (w *weir) restart(t *testing.T) *weir {
	t.Helper()
	return &weir{process.Restart(t, w.Process)}
}

// launch starts weir with these flags alone, and waits for nothing. The end of the test kills it.
func (e e2e) launch(t *testing.T, flags ...string) *weir {
	t.Helper()
	return &weir{process.Launch(t, &process.Program{
		Path: e.bin, Args: func(process.Addresses) ([]string, error) { return flags, nil }, StopLimit: waitLimit,
	})}
}

// get returns the body of a response; any status except 200 is an error.
func (w *weir) get(path string) ([]byte, error) { return w.Get(context.Background(), path, "") }

// dial connects to weir's listener of a network; the end of the test closes the connection.
func (w *weir) dial(t *testing.T, network string) net.Conn {
	t.Helper()
	c, err := net.Dial(network, w.Of(network))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() }) // the test may have closed it
	return c
}

func send(t *testing.T, w io.Writer, text string) {
	t.Helper()
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
}

// eventually calls try until it has no error, for as long as waitLimit lasts.
func eventually(t *testing.T, try func() error) {
	t.Helper()
	poll.Within(t, waitLimit, try)
}
