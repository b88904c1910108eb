package ingest

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"github.com/panjf2000/gnet/v2"
	gneterrors "github.com/panjf2000/gnet/v2/pkg/errors"
	"github.com/rs/zerolog"
)

// engine runs one gnet engine with one event loop on its own goroutine.
type engine struct {
	gnet gnet.Engine
	done chan struct{} // closed when it has ended
	err  error         // why it ended; valid when done is closed
}

// booter hands a gnet engine over when its sockets are open. A handler embeds it in place of gnet's own
// default.
type booter struct {
	gnet.BuiltinEventEngine

	boot   chan gnet.Engine
	onBoot func(gnet.Engine) // may be nil
}

// OnBoot is called by gnet on the goroutine that opens the sockets, before any traffic.
func (b *booter) OnBoot(e gnet.Engine) gnet.Action {
	if b.onBoot != nil {
		b.onBoot(e)
	}
	b.boot <- e
	return gnet.None
}

// urls returns addresses as gnet wants them.
func urls(network string, addresses []netip.AddrPort) []string {
	list := make([]string, len(addresses))
	for i, a := range addresses {
		list[i] = family(network, a) + "://" + a.String()
	}
	return list
}

// startEngine opens addresses and serves them with handler, whose booter is b. It returns when the sockets
// are open, or the reason why they are not.
func startEngine(addresses []string, handler gnet.EventHandler, b *booter, log zerolog.Logger,
) (*engine, error) {
	b.boot = make(chan gnet.Engine, 1)
	e := &engine{done: make(chan struct{})}
	go func() { // ends when stop is called, or when gnet gives up
		defer close(e.done)
		e.err = gnet.Rotate(handler, addresses,
			gnet.WithNumEventLoop(1),
			gnet.WithReusePort(true), // the loop then polls its sockets itself, without an acceptor
			// A port is free at once for the next process, although connections that this one closed wait
			// for a minute (TIME_WAIT). Over UDP this would let two processes have one port.
			gnet.WithReuseAddr(strings.HasPrefix(addresses[0], "tcp")),
			gnet.WithReadBufferCap(1<<16),
			gnet.WithLogger(gnetLog{log}))
	}()
	select {
	case e.gnet = <-b.boot:
		return e, nil
	case <-e.done:
		return nil, e.err
	}
}

// stop ends the engine and waits for its goroutine, at most until ctx is done. It is safe twice.
func (e *engine) stop(ctx context.Context) error {
	if err := e.gnet.Stop(ctx); err != nil && !errors.Is(err, gneterrors.ErrEngineInShutdown) {
		return fmt.Errorf("stop the event loop: %w", err)
	}
	select {
	case <-e.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("stop the event loop: %w", ctx.Err())
	}
}
