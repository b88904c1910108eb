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
	tell func() error  // tells the engine to end, without waiting for it; safe twice
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
		e.err = gnet.Rotate(handler, addresses, append(loopOptions(log),
			gnet.WithReusePort(true), // the loop then polls its sockets itself, without an acceptor
			// A port is free at once for the next process, although connections that this one closed wait
			// for a minute (TIME_WAIT). Over UDP this would let two processes have one port.
			gnet.WithReuseAddr(strings.HasPrefix(addresses[0], "tcp")))...)
	}()
	select {
	case running := <-b.boot:
		e.tell = func() error { return tellToEnd(running) }
		return e, nil
	case <-e.done:
		return nil, e.err
	}
}

// tellToEnd tells a gnet engine to end.
//
// gnet's Stop does that, and then looks only twice a second whether the engine has ended. With a context that
// is done it returns before; the goroutine of the engine says when it has ended.
func tellToEnd(running gnet.Engine) error {
	tellOnly, cancel := context.WithCancel(context.Background())
	cancel()
	err := running.Stop(tellOnly)
	if errors.Is(err, context.Canceled) || errors.Is(err, gneterrors.ErrEngineInShutdown) {
		return nil
	}
	return err
}

// startClient starts an engine without listeners, whose handler's booter is b. Connections come from Enroll
// of the client that it returns.
func startClient(handler gnet.EventHandler, b *booter, log *gnetLog) (*engine, *gnet.Client, error) {
	b.boot = make(chan gnet.Engine, 1)
	client, err := gnet.NewClient(handler, loopOptions(log)...)
	if err == nil {
		err = client.Start()
	}
	if err != nil {
		return nil, nil, err
	}
	e := &engine{done: make(chan struct{})}
	var once sync.Once
	e.tell = func() error {
		once.Do(func() {
			go func() { // ends when the loop has ended
				defer close(e.done)
				e.err = client.Stop()
			}()
		})
		return nil
	}
	return e, client, nil
}

// loopOptions are the options of every engine.
func loopOptions(log *gnetLog) []gnet.Option {
	return []gnet.Option{gnet.WithNumEventLoop(1), gnet.WithReadBufferCap(1 << 16), gnet.WithLogger(log)}
}

// stop ends the engine and waits for its goroutine, at most until ctx is done. It is safe twice.
func (e *engine) stop(ctx context.Context) error {
	if err := e.tell(); err != nil {
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
