package relay

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

// logEvery is how often the errors of one target are logged.
const logEvery = time.Minute

// target sends to one server. It has two goroutines, so that a slow name service does not delay sending to
// the address known so far: send owns the socket it sends on; resolve opens sockets and hands them over.
type target struct {
	url  string // as configured
	host string
	port uint16
	log  zerolog.Logger

	lookup       func(ctx context.Context, network, host string) ([]netip.Addr, error)
	resolveEvery time.Duration
	retryAfter   time.Duration

	queue         chan *packet
	maxQueueBytes int64

	conns   chan *net.UDPConn // from resolve to send
	failed  chan struct{}     // from send to resolve: the socket failed; holds one
	closing chan struct{}     // closed by close: send the queued packets, then end
	ctx     context.Context   // canceled by close: end at once
	cancel  context.CancelFunc
	started atomic.Bool
	running sync.WaitGroup // send and resolve
	sending sync.WaitGroup // send
	once    sync.Once      // close
	rarely  rate.Sometimes // limits the log

	_          cpu.CacheLinePad // fields above are read only; fields below change with each datagram
	queueBytes atomic.Int64     // written by loops and by send

	linesDropped  atomic.Uint64 // written by loops and by send
	linesTooLong  atomic.Uint64 // written by loops
	linesSent     atomic.Uint64 // written by send
	datagramsSent atomic.Uint64 // written by send
	errors        atomic.Uint64 // written by send and by resolve
	_             cpu.CacheLinePad
}

// newTarget returns a target for url, which must be valid, whose queue holds so many datagrams.
func newTarget(url string, queue, datagramBytes int, log zerolog.Logger) *target {
	host, port, _ := parseTarget(url)
	ctx, cancel := context.WithCancel(context.Background())
	return &target{
		url: url, host: host, port: port, log: log,
		lookup:       net.DefaultResolver.LookupNetIP,
		resolveEvery: resolveEvery, retryAfter: retryAfter,
		queue: make(chan *packet, queue), maxQueueBytes: int64(queue) * int64(datagramBytes),
		conns: make(chan *net.UDPConn), failed: make(chan struct{}, 1), closing: make(chan struct{}),
		ctx: ctx, cancel: cancel,
		rarely: rate.Sometimes{First: 1, Interval: logEvery},
	}
}

// start starts the goroutines, which close ends and waits for.
func (t *target) start() {
	t.started.Store(true)
	t.sending.Go(t.send)
	t.running.Go(t.resolve)
}

// close sends the queued packets until ctx is done, drops the rest, and waits for the goroutines. It is safe
// twice.
func (t *target) close(ctx context.Context) {
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

// offer queues p, or drops it when the queue is full or the target is closed. Any goroutine may call it.
func (t *target) offer(p *packet) {
	n := int64(len(p.bytes))
	// Long lines make large packets, so the queue is bounded in bytes, too.
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
func (t *target) drop(p *packet) {
	t.linesDropped.Add(p.lines)
	p.release()
}

// send sends queued packets on the newest socket until close.
func (t *target) send() {
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

// sendUntilClosing sends until close begins, and returns the socket last used. Packets stay queued until the
// first socket comes; without one it returns nil.
func (t *target) sendUntilClosing() (conn *net.UDPConn) {
	var queue chan *packet // nil, which never delivers, until there is a socket
	for {
		select {
		case next := <-t.conns:
			if conn != nil {
				_ = conn.Close() // nothing is buffered in it
			}
			conn, queue = next, t.queue
			select {
			case <-t.failed: // the previous socket failed
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
func (t *target) deliver(conn *net.UDPConn, p *packet) {
	t.queueBytes.Add(-int64(len(p.bytes)))
	_, err := conn.Write(p.bytes)
	if errors.Is(err, syscall.ECONNREFUSED) {
		// The system reports now that an earlier datagram found no listener, and has not sent this one.
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

// fail counts an error of the socket, and asks resolve for another socket.
func (t *target) fail(err error) {
	t.count(err)
	if errors.Is(err, syscall.EMSGSIZE) {
		return // the datagram is too large: another socket would refuse it as well
	}
	select {
	case t.failed <- struct{}{}:
	default:
	}
}

func (t *target) count(err error) {
	t.errors.Add(1)
	t.rarely.Do(func() {
		t.log.Warn().Err(err).Str("target", t.url).
			Msg("relay: lines to this target may be lost; weir keeps trying")
	})
}

// discard drops every queued packet.
func (t *target) discard() {
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

func (t *target) stats() Stats {
	return Stats{
		Target: t.url, LinesSent: t.linesSent.Load(), DatagramsSent: t.datagramsSent.Load(),
		LinesDropped: t.linesDropped.Load(), LinesTooLong: t.linesTooLong.Load(), Errors: t.errors.Load(),
	}
}
