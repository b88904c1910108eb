package relay

import (
	"context"
	"errors"
	"net"
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
// the address known so far: the sender owns the connection it sends on; follow opens connections and hands
// them over.
type target struct {
	url    string // as configured
	dialer dialer
	sender interface{ run() } // datagrams or a stream
	log    zerolog.Logger

	resolveEvery, retryAfter, writeTimeout time.Duration

	queue         chan *packet
	datagramBytes int
	maxQueueBytes int64

	conns   chan net.Conn   // from follow to the sender
	failed  chan struct{}   // from the sender to follow: the connection failed; holds one
	closing chan struct{}   // closed by close: send the queued packets, then end
	ctx     context.Context // canceled by close: end at once
	cancel  context.CancelFunc
	started atomic.Bool
	running sync.WaitGroup // the sender and follow
	sending sync.WaitGroup // the sender
	once    sync.Once      // close
	rarely  rate.Sometimes // limits the log

	_          cpu.CacheLinePad // fields above are read only; fields below change with each datagram
	queueBytes atomic.Int64     // written by loops and by the sender

	linesTaken    atomic.Uint64                 // written by loops
	linesDropped  [NumDropReasons]atomic.Uint64 // written by loops and by the sender
	linesSent     atomic.Uint64                 // written by the sender
	datagramsSent atomic.Uint64                 // written by the sender
	connects      atomic.Uint64                 // written by follow
	errors        atomic.Uint64                 // written by the sender and by follow
	_             cpu.CacheLinePad
}

// newTarget returns a target for url, which must be valid, whose queue holds so many datagrams.
func newTarget(url string, queue int, o *Options, log zerolog.Logger) *target {
	to, _ := parseTarget(url)
	ctx, cancel := context.WithCancel(context.Background())
	t := &target{
		url: url, log: log,
		dialer:       dialer{address: to, url: url, tls: &o.TLS, lookup: net.DefaultResolver.LookupNetIP},
		resolveEvery: resolveEvery, retryAfter: retryAfter, writeTimeout: writeTimeout,
		queue: make(chan *packet, queue), datagramBytes: o.DatagramBytes,
		maxQueueBytes: int64(queue) * int64(o.DatagramBytes),
		conns:         make(chan net.Conn), failed: make(chan struct{}, 1), closing: make(chan struct{}),
		ctx: ctx, cancel: cancel,
		rarely: rate.Sometimes{First: 1, Interval: logEvery},
	}
	if to.network == networkUDP {
		t.sender = &datagrams{target: t}
	} else {
		t.sender = &stream{target: t}
	}
	return t
}

// start starts the goroutines, which close ends and waits for.
func (t *target) start() {
	t.started.Store(true)
	t.sending.Go(t.sender.run)
	t.running.Go(t.follow)
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
	t.linesTaken.Add(p.lines)
	// Long lines make large packets, so the queue is bounded in bytes, too.
	if t.queueBytes.Add(n) <= t.maxQueueBytes && t.ctx.Err() == nil {
		select {
		case t.queue <- p:
			return
		default:
		}
	}
	t.queueBytes.Add(-n)
	t.drop(p, t.fullOrStopped())
}

// fullOrStopped returns why the queue takes no packet.
func (t *target) fullOrStopped() DropReason {
	if t.ctx.Err() != nil {
		return DropStopped
	}
	return DropQueueFull
}

// drop counts the lines of p as lost.
func (t *target) drop(p *packet, why DropReason) {
	t.countDropped(why, p.lines)
	p.release()
}

func (t *target) countDropped(why DropReason, lines uint64) { t.linesDropped[why].Add(lines) }

// refuse counts lines as taken, and as lost at once.
func (t *target) refuse(why DropReason, lines uint64) {
	t.linesTaken.Add(lines)
	t.countDropped(why, lines)
}

// fail counts an error of the connection, and asks follow for another.
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

// forgive forgets that the connection before the newest failed.
func (t *target) forgive() {
	select {
	case <-t.failed:
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
			t.drop(p, DropStopped)
		default:
			return
		}
	}
}

func (t *target) stats() Stats {
	s := Stats{
		Target: t.url, LinesSent: t.linesSent.Load(), DatagramsSent: t.datagramsSent.Load(),
		Connects: t.connects.Load(), Errors: t.errors.Load(),
	}
	for why := range s.Dropped {
		s.Dropped[why] = t.linesDropped[why].Load()
	}
	// Loaded last, so that it is never less than what became of the lines.
	s.LinesWaiting = t.linesTaken.Load() - s.LinesSent - s.LinesDropped()
	return s
}
