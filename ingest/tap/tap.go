package tap

import (
	"hash/maphash"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"weir/aggregate"
	"weir/protocol"
)

const (
	// lookFor is how long a tap looks after the last poll.
	lookFor = time.Minute

	// linesPerSecond is about how many lines all lanes together sample. Decoding and locating one costs 1 to
	// 2 µs, so this costs less than half a percent of a processor.
	linesPerSecond = 2000

	// drainInterval is how often samples are drained, and tails get new places.
	drainInterval = 100 * time.Millisecond

	// stepInterval is how long the steps of rates are.
	stepInterval = 5 * time.Second

	// maxSampleLines and maxSampleBytes bound the samples of all lanes together, between two drains.
	maxSampleLines, maxSampleBytes = 4096, 1 << 20
)

// Options say what a Tap looks at. All fields are needed.
type Options struct {
	// Registry has the series of the lines.
	Registry *aggregate.Registry
	// Decoder and Tagging are the same as in the loops.
	Decoder protocol.Decoder
	Tagging aggregate.Tagging
	// Programs knows the programs of processes.
	Programs *Programs
	// Log is where a bug is told.
	Log zerolog.Logger
}

// Tap shows lines and senders to a person who looks. Use New.
type Tap struct {
	options  Options
	now      func() int64 // seconds since the epoch, coarse
	programs *Programs
	seed     maphash.Seed
	session  atomic.Pointer[session] // nil while nobody looks; written under mu
	rates    atomic.Pointer[Rates]   // nil before the first step of a session; written by its goroutine
	closed   chan struct{}           // closed by Close

	laneCount atomic.Int64 // len of lanes

	running sync.WaitGroup // the goroutine of a session

	mu       sync.Mutex
	isClosed bool      // guarded by mu
	lanes    []*Lane   // guarded by mu
	polled   time.Time // when somebody looked last; guarded by mu
}

// New returns a Tap that does not look.
func New(o Options) *Tap {
	return &Tap{
		options: o, now: o.Registry.Now, programs: o.Programs, seed: maphash.MakeSeed(),
		closed: make(chan struct{}),
	}
}

// NewLane returns a lane for one more loop of a transport, like "udp". A nil Tap returns a lane that is never
// watched.
func (t *Tap) NewLane(transport string) *Lane {
	if t == nil {
		t = New(Options{Registry: aggregate.New(aggregate.DefaultOptions())})
		t.programs = NewPrograms(t.now)
	}
	l := &Lane{
		session: &t.session, tap: t, transport: transport, random: rand.NewPCG(rand.Uint64(), rand.Uint64()),
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lanes = append(t.lanes, l)
	t.laneCount.Add(1)
	return l
}

// sendersOfLane returns how many senders each lane tells apart.
func (t *Tap) sendersOfLane() int {
	return min(maxSenders, max(minSenders, maxAllSenders/int(t.laneCount.Load())))
}

// look notes that somebody looks: the tap looks from now on, and for a minute.
func (t *Tap) look(now time.Time) *session {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.polled = now
	if s := t.session.Load(); s != nil || t.isClosed {
		return s
	}
	s := newSession(t, now, len(t.lanes))
	t.session.Store(s)
	t.running.Add(1)
	go s.run() // ends by itself a minute after the last poll, or by Close, which waits for it
	return s
}

// Since returns when somebody began to look; the zero Time while nobody looks.
func (t *Tap) Since() time.Time {
	if s := t.session.Load(); s != nil {
		return s.began
	}
	return time.Time{}
}

// end ends a session unless somebody looked in the last minute, and reports whether it ended.
func (t *Tap) end(s *session, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if now.Sub(t.polled) < lookFor && !t.isClosed {
		return false
	}
	t.session.CompareAndSwap(s, nil)
	t.rates.Store(nil)
	return true
}

// publish publishes the rates of a session, unless the session has ended.
func (t *Tap) publish(s *session, rates *Rates) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.session.Load() == s {
		t.rates.Store(rates)
	}
}

// Close ends looking for ever, and waits for what runs. It is safe twice.
func (t *Tap) Close() {
	t.mu.Lock()
	if !t.isClosed {
		t.isClosed = true
		close(t.closed)
	}
	t.session.Store(nil)
	t.mu.Unlock()
	t.running.Wait()
}

func (t *Tap) allLanes() []*Lane {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.lanes)
}

// Bytes returns about how much memory the tap uses.
func (t *Tap) Bytes() int {
	size := t.programs.bytes()
	for _, l := range t.allLanes() {
		size += l.bytes()
	}
	if s := t.session.Load(); s != nil {
		size += int(s.size.Load())
		for _, tail := range *s.tails.Load() {
			size += tail.bytes()
		}
	}
	return size + t.rates.Load().bytes()
}
