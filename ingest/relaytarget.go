package ingest

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/sys/cpu"
	"golang.org/x/time/rate"
)

// relayLogEvery is how often the errors of one target are logged.
const relayLogEvery = time.Minute

// relayTarget sends to one server. Two goroutines serve it, so that a slow name service does not stop what
// can be sent to the address known so far: send owns the socket that it sends on, resolve opens sockets and
// hands them over.
type relayTarget struct {
	target string
	host   string
	port   uint16
	log    zerolog.Logger

	lookup       func(ctx context.Context, network, host string) ([]netip.Addr, error)
	resolveEvery time.Duration
	resolveApart time.Duration

	queue         chan *relayPacket
	maxQueueBytes int64

	conns   chan *net.UDPConn // from resolve to send
	failed  chan struct{}     // from send to resolve: the socket is bad; holds one
	closing chan struct{}     // closed by close: send what is queued
	ctx     context.Context   // canceled by close: give up
	cancel  context.CancelFunc
	started atomic.Bool
	running sync.WaitGroup // send and resolve
	sending sync.WaitGroup // send
	once    sync.Once      // close
	rarely  rate.Sometimes // for the log

	_          cpu.CacheLinePad // above is read only; below is written for each datagram
	queueBytes atomic.Int64     // written by loops and by send

	linesDropped  atomic.Uint64 // written by loops and by send
	linesSent     atomic.Uint64 // written by send
	datagramsSent atomic.Uint64 // written by send
	errors        atomic.Uint64 // written by send and by resolve
	_             cpu.CacheLinePad
}

// newRelayTarget returns a target, which must be valid, with a queue of so many datagrams.
func newRelayTarget(target string, queue, datagramBytes int, log zerolog.Logger) *relayTarget {
	host, port, _ := parseRelayTarget(target)
	ctx, cancel := context.WithCancel(context.Background())
	return &relayTarget{
		target: target, host: host, port: port, log: log,
		lookup:       net.DefaultResolver.LookupNetIP,
		resolveEvery: relayResolveEvery, resolveApart: relayResolveApart,
		queue: make(chan *relayPacket, queue), maxQueueBytes: int64(queue) * int64(datagramBytes),
		conns: make(chan *net.UDPConn), failed: make(chan struct{}, 1), closing: make(chan struct{}),
		ctx: ctx, cancel: cancel,
		rarely: rate.Sometimes{First: 1, Interval: relayLogEvery},
	}
}

// start starts the goroutines, which close ends and waits for.
func (t *relayTarget) start() {
	t.started.Store(true)
	t.sending.Go(t.send)
	t.running.Go(t.resolve)
}

// close sends what is queued until ctx is done, then drops it, and waits for the goroutines.
func (t *relayTarget) close(ctx context.Context) {
	t.once.Do(func() {
		close(t.closing)
		if !t.started.Load() {
			t.cancel()
			t.discard()
			return
		}
		stop := context.AfterFunc(ctx, t.cancel)
		defer stop()
		t.sending.Wait()
		t.cancel()
		t.running.Wait()
	})
}

// offer queues p, or drops it when the queue is full or the target closed. Any goroutine may call it.
func (t *relayTarget) offer(p *relayPacket) {
	n := int64(len(p.bytes))
	// Of long lines few packets may be many bytes.
	if t.queueBytes.Add(n) <= t.maxQueueBytes && t.ctx.Err() == nil {
		select {
		case t.queue <- p:
			return
		default:
		}
	}
	t.queueBytes.Add(-n)
	t.drop(p)
}

// drop counts the lines of p as lost.
func (t *relayTarget) drop(p *relayPacket) {
	t.linesDropped.Add(p.lines)
	p.release()
}

// send sends what is queued, on the newest socket, until close.
func (t *relayTarget) send() {
	conn := t.sendUntilClosing()
	defer func() {
		if conn != nil {
			_ = conn.Close() // nothing is buffered in it
		}
	}()
	for len(t.queue) > 0 && t.ctx.Err() == nil {
		if conn == nil { // the name is still being resolved
			select {
			case conn = <-t.conns:
			case <-t.ctx.Done():
			}
			continue
		}
		t.deliver(conn, <-t.queue)
	}
	t.discard()
}

// sendUntilClosing returns the socket last used; nil when there was none. As long as there is none, packets
// stay queued.
func (t *relayTarget) sendUntilClosing() (conn *net.UDPConn) {
	var queue chan *relayPacket // nil, from which nothing comes, until there is a socket
	for {
		select {
		case next := <-t.conns:
			if conn != nil {
				_ = conn.Close() // nothing is buffered in it
			}
			conn, queue = next, t.queue
			select {
			case <-t.failed: // that was the socket before
			default:
			}
		case p := <-queue:
			t.deliver(conn, p)
		case <-t.closing:
			return conn
		}
	}
}

// deliver sends p on conn, or drops it.
func (t *relayTarget) deliver(conn *net.UDPConn, p *relayPacket) {
	t.queueBytes.Add(-int64(len(p.bytes)))
	_, err := conn.Write(p.bytes)
	if errors.Is(err, syscall.ECONNREFUSED) {
		// An earlier datagram found no listener, of which the system tells now, in place of sending this.
		t.fail(err)
		_, err = conn.Write(p.bytes)
	}
	if err != nil {
		t.fail(err)
		t.drop(p)
		return
	}
	t.linesSent.Add(p.lines)
	t.datagramsSent.Add(1)
	p.release()
}

// fail counts an error of the socket, and asks for another.
func (t *relayTarget) fail(err error) {
	t.count(err)
	if errors.Is(err, syscall.EMSGSIZE) {
		return // a fault of the datagram: another socket would not take it either
	}
	select {
	case t.failed <- struct{}{}:
	default:
	}
}

func (t *relayTarget) count(err error) {
	t.errors.Add(1)
	t.rarely.Do(func() {
		t.log.Warn().Err(err).Str("target", t.target).
			Msg("relay: lines may be lost on the way to this target; weir goes on trying")
	})
}

// discard drops what is queued.
func (t *relayTarget) discard() {
	for {
		select {
		case p := <-t.queue:
			t.queueBytes.Add(-int64(len(p.bytes)))
			t.drop(p)
		default:
			return
		}
	}
}

func (t *relayTarget) stats() RelayStats {
	return RelayStats{
		Target: t.target, LinesSent: t.linesSent.Load(), DatagramsSent: t.datagramsSent.Load(),
		LinesDropped: t.linesDropped.Load(), Errors: t.errors.Load(),
	}
}
