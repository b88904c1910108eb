package ingest

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"

	"github.com/panjf2000/gnet/v2"
	gneterrors "github.com/panjf2000/gnet/v2/pkg/errors"
	"github.com/rs/zerolog"

	"weir/internal/listen"
)

// engine runs one gnet engine with one event loop on its own goroutine.
type engine struct {
	gnet gnet.Engine
	done chan struct{} // closed when the engine has ended
	err  error         // why it ended; valid when done is closed
}

// booter hands over a gnet engine when its sockets are open. A handler embeds it instead of gnet's default
// handler.
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

// startEngine opens addresses and serves them with handler, whose booter is b. It returns when the sockets
// are open, or the reason why they cannot be opened.
func startEngine(addresses []string, handler gnet.EventHandler, b *booter, log *gnetLog) (*engine, error) {
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
			gnet.WithLogger(log))
	}()
	select {
	case e.gnet = <-b.boot:
		return e, nil
	case <-e.done:
		return nil, e.err
	}
}

// stop ends the engine and waits for its goroutine, at most until ctx is done. It is safe twice.
//
// gnet's Stop tells the engine to end, and then looks only twice a second whether it has. With a context that
// is done it returns after the first part; the goroutine says when the engine has ended.
func (e *engine) stop(ctx context.Context) error {
	tellOnly, cancel := context.WithCancel(ctx)
	cancel()
	err := e.gnet.Stop(tellOnly)
	if err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, gneterrors.ErrEngineInShutdown) {
		return fmt.Errorf("stop the event loop: %w", err)
	}
	select {
	case <-e.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("stop the event loop: %w", ctx.Err())
	}
}

// urls returns addresses as gnet wants them, with the IP version of each: without it a socket for all
// interfaces would take both versions.
func urls(network string, addresses []netip.AddrPort) []string {
	list := make([]string, len(addresses))
	for i, a := range addresses {
		list[i] = listen.Family(network, a) + "://" + a.String()
	}
	return list
}

// texts returns addresses as text.
func texts(addresses []netip.AddrPort) []string {
	list := make([]string, len(addresses))
	for i, a := range addresses {
		list[i] = a.String()
	}
	return list
}

// listenError explains why network cannot listen on addresses.
func listenError(network string, addresses []netip.AddrPort, err error) error {
	all := strings.Join(texts(addresses), ", ")
	return &listen.Error{Network: network, Address: all, Key: "ingest." + network, Err: err}
}

// gnetLog writes gnet's messages to the log. All engines of a server share one: most of what gnet says below
// a warning is the same for each of them, and is logged once. Any goroutine may use it.
type gnetLog struct {
	log zerolog.Logger

	mu   sync.Mutex
	said map[string]bool // texts that were logged; guarded by mu
}

// maxSaid bounds how many texts are remembered, and logged.
const maxSaid = 100

func newGnetLog(log zerolog.Logger) *gnetLog { return &gnetLog{log: log, said: make(map[string]bool)} }

// once logs a text at debug level, unless it was logged before.
func (l *gnetLog) once(format string, args []any) {
	text := fmt.Sprintf(format, args...)
	l.mu.Lock()
	isNew := !l.said[text] && len(l.said) < maxSaid
	if isNew {
		l.said[text] = true
	}
	l.mu.Unlock()
	if isNew {
		l.log.Debug().Msg("gnet: " + text)
	}
}

// Debugf logs at debug level, once.
func (l *gnetLog) Debugf(format string, args ...any) { l.once(format, args) }

// Infof logs at debug level, once.
func (l *gnetLog) Infof(format string, args ...any) { l.once(format, args) }

// Warnf logs at debug level, once.
func (l *gnetLog) Warnf(format string, args ...any) { l.once(format, args) }

// Errorf logs at warning level: weir itself reports an error that stops it.
func (l *gnetLog) Errorf(format string, args ...any) { l.log.Warn().Msgf("gnet: "+format, args...) }

// Fatalf logs at error level. gnet calls it before it panics or exits, which it never does the way weir uses
// it.
func (l *gnetLog) Fatalf(format string, args ...any) { l.log.Error().Msgf("gnet: "+format, args...) }
