package main_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"weir/bench/process"
)

// killed is a weir that is killed again and again while a Prometheus scrapes it, and what was sent to it.
//
// It is sent rounds of lines, which are numbered over all its lives. A round is sent when weir has read the one before.
// So when weir has read round n, it has recorded round n-1: the loop that reads records what it has read before it reads
// on. What Prometheus must know of the rounds follows from that, with no allowance for time.
type killed struct {
	e2e
	*weir

	name    string   // says what is special
	network string   // that rounds are sent over
	flags   []string // of weir
	kills   int
	longest time.Duration // between two of them; the shortest is a second

	isZeroFirst bool // Prometheus sees a 0 of each series first
	savesOften  bool // saves happen between scrapes

	path   string // of the socket
	seed   uint64
	random *rand.Rand
	lines  []killedLine
	lives  []*killedLife
	starts int // how many lives were killed while they started
}

// killedLine is a line of every round from round first on, and what it adds to series.
type killedLine struct {
	text  string
	first int
	adds  map[string]float64
}

// killedLife is one process.
type killedLife struct {
	started  float64 // its process_start_time_seconds
	before   int     // rounds sent in all lives before it
	rounds   []killedRound
	recorded time.Time // when it had recorded all rounds; zero when it was killed
}

// killedRound says when a round was about to be sent, and when weir had read it: zero when it was killed before.
type killedRound struct{ sent, read time.Time }

const (
	killedUsers = 500 // members of a set
	killedLines = 40  // of a round, at most
)

// Under a live Prometheus that scrapes every second, a weir that is killed again and again loses nothing but what the
// documentation says: for every series the sum of the rises between the samples that Prometheus has is at most what was
// sent, and at least what was sent except after the last scrape before a kill. LONG=1 kills each weir a hundred times.
func (e e2e) testStateKill(t *testing.T) {
	d := databases[0]
	need(t, d.program, d.install)
	if runtime.GOOS != "linux" {
		t.Skip("only Linux says what a process has read of a unix socket")
	}
	kills := 12
	switch {
	case os.Getenv("LONG") != "":
		kills = 100
	case testing.Short():
		kills = 6
	}
	lanes := []*killed{
		{name: "default", network: "unix", kills: kills, longest: 5 * time.Second},
		{
			name: "created as zero", network: "unixgram", kills: kills, longest: 5 * time.Second, isZeroFirst: true,
			flags: []string{"--series.counter_birth=zero", "--series.hold=3s"},
		},
		{
			name: "saved often", network: "unix", kills: kills / 2, longest: 3 * time.Second, savesOften: true,
			flags: []string{"--state.interval=100ms"},
		},
	}
	var weirs []*weir
	for _, k := range lanes {
		k.e2e, k.seed = e, rand.Uint64()
		k.begin(t)
		weirs = append(weirs, k.weir)
	}
	flags := d.flags
	d.flags = func(config, dir, address string) []string { // a sample has the time at which its scrape began
		return append(flags(config, dir, address), "--no-scrape.adjust-timestamps")
	}
	api := d.scrape(t, weirs)
	t.Run("lane", func(t *testing.T) { // ends when all of them have
		for _, k := range lanes {
			t.Run(k.name, func(t *testing.T) {
				t.Parallel()
				for kill := range k.kills {
					k.live(t, time.Second+time.Duration(k.random.Int64N(int64(k.longest-time.Second))), k.Kill)
					if kill%4 == 3 {
						k.killStarting(t)
					}
					k.restart(t)
				}
				k.settle(t, api)
				k.judge(t, api)
			})
		}
	})
}

// begin starts the first life.
func (k *killed) begin(t *testing.T) {
	t.Helper()
	k.random = rand.New(rand.NewPCG(k.seed, 0))
	k.path = socketPath(t)
	socket := k.path
	if k.network == "unixgram" {
		socket += ".gram" // where dialAny looks
	}
	k.flags = append(k.flags, "--state.file="+filepath.Join(t.TempDir(), "state"), "--sets.window=1h",
		"--timers.buckets=0.25,0.5", "--ingest."+k.network+"="+socket)
	k.lines = []killedLine{
		{"killed.hits:1|c|#path:/a", 1, map[string]float64{`killed_hits{path="/a"}`: 1}},
		{"killed.hits:3|c|#path:/b", 1, map[string]float64{`killed_hits{path="/b"}`: 3}},
		{"killed.bytes:0.5:1000|c", 1, map[string]float64{`killed_bytes`: 1000.5}},
		{"killed.time:250:3000|ms", 1, map[string]float64{
			"killed_time_count": 2, "killed_time_sum": 3.25, `killed_time_bucket{le="0.25"}`: 1,
			`killed_time_bucket{le="0.5"}`: 1, `killed_time_bucket{le="+Inf"}`: 2,
		}},
	}
	k.weir = k.startMortal(t, k.flags...)
	k.comeToLife(t)
}

// restart starts the next life at the same addresses.
func (k *killed) restart(t *testing.T) {
	t.Helper()
	k.weir = k.weir.restart(t)
	k.comeToLife(t)
}

// comeToLife notes that a life has begun. A scrape of one family shows no other, and so saves nothing of it.
func (k *killed) comeToLife(t *testing.T) {
	t.Helper()
	if log := k.Log(); strings.Contains(log, `"level":"warn"`) || strings.Contains(log, `"skipped":`) {
		t.Errorf("weir complains after a kill:\n%s", log)
	}
	text, err := k.get("/metrics?name[]=process_start_time_seconds")
	if err != nil {
		t.Fatal(err)
	}
	p, err := parsePage(text)
	if err != nil {
		t.Fatal(err)
	}
	k.lives = append(k.lives, &killedLife{
		started: p.values["process_start_time_seconds"], before: k.rounds(),
	})
}

// killStarting kills a weir with the same state while it starts, or shortly after.
func (k *killed) killStarting(t *testing.T) {
	t.Helper()
	w := k.launch(t, append([]string{
		"--ingest.udp=127.0.0.1:0", "--ingest.tcp=127.0.0.1:0", "--endpoint.listen=127.0.0.1:0",
	}, k.flags...)...)
	<-time.After(time.Duration(k.random.Int64N(int64(20 * time.Millisecond)))) // the test is about this moment
	w.Kill()
	k.starts++
}

// A kill at any moment of a start takes nothing away from what the state and its journal have.
func (e e2e) testStateKillStarting(t *testing.T) {
	k := &killed{e2e: e, network: "unix", seed: rand.Uint64()}
	k.begin(t)
	k.take(t, "tcp", "killed.hits:5|c\n")
	k.Kill()
	for range 100 {
		k.killStarting(t)
	}
	k.restart(t)
	if err := k.scrape(t).compare(map[string]float64{"killed_hits": 5}); err != nil {
		t.Errorf("seed %d: %v", k.seed, err)
	}
	process.MustStop(t, k.Process)
}

// rounds returns how many were sent so far.
func (k *killed) rounds() int {
	if len(k.lives) == 0 {
		return 0
	}
	last := k.lives[len(k.lives)-1]
	return last.before + len(last.rounds)
}

// live sends rounds until the moment comes, and then ends this life, or stops to send. In the midst new series come.
func (k *killed) live(t *testing.T, d time.Duration, end func()) {
	t.Helper()
	conn := k.dialAny(t, k.network, k.path)
	stop, sent := make(chan struct{}), make(chan error)
	newborn := time.Duration(k.random.Int64N(int64(d)))
	go func() { sent <- k.send(conn, stop, newborn) }() // ends when weir does, or by stop; received below
	<-time.After(d)                                     // the test is about this moment
	end()
	close(stop)
	if err := <-sent; err != nil {
		t.Errorf("%v\n%s", err, k.Log())
	}
	_ = conn.Close() // weir may have closed it
}

// send sends rounds until stop is closed or weir takes no more. After some time it creates series.
func (k *killed) send(conn net.Conn, stop <-chan struct{}, newborn time.Duration) error {
	life := k.lives[len(k.lives)-1]
	create := time.After(newborn)
	pace := time.NewTicker(2 * time.Millisecond)
	defer pace.Stop()
	for {
		select {
		case <-stop:
			return nil
		case <-create:
			k.create()
			continue
		case <-pace.C:
		}
		if isRead, err := life.isRead(conn); err != nil {
			return err
		} else if !isRead {
			continue
		}
		life.rounds = append(life.rounds, killedRound{sent: time.Now()})
		if _, err := conn.Write(k.round()); err != nil {
			return nil // weir was killed
		}
	}
}

// create adds lines about series that there were not.
func (k *killed) create() {
	if n := len(k.lines); n < killedLines {
		first := k.rounds() + 1
		k.lines = append(k.lines,
			killedLine{fmt.Sprintf("killed.hits:1|c|#n:%d", n), first, map[string]float64{
				fmt.Sprintf("killed_hits{n=\"%d\"}", n): 1,
			}},
			killedLine{fmt.Sprintf("killed.wait:500|ms|#n:%d", n), first, map[string]float64{
				fmt.Sprintf("killed_wait_count{n=\"%d\"}", n):              1,
				fmt.Sprintf("killed_wait_sum{n=\"%d\"}", n):                0.5,
				fmt.Sprintf("killed_wait_bucket{le=\"0.25\",n=\"%d\"}", n): 0,
				fmt.Sprintf("killed_wait_bucket{le=\"+Inf\",n=\"%d\"}", n): 1,
			}})
	}
}

// round returns the lines of the last round. The gauge comes last: when it is there, the round is.
func (k *killed) round() []byte {
	var text bytes.Buffer
	for _, line := range k.lines {
		fmt.Fprintln(&text, line.text)
	}
	n := k.rounds()
	fmt.Fprintf(&text, "killed.users:%d|s\nkilled.level:%d|g\n", n%killedUsers, n)
	return text.Bytes()
}

// isRead reports whether weir has read all rounds, and notes when it had read the last one.
func (l *killedLife) isRead(conn net.Conn) (bool, error) {
	raw, err := conn.(syscall.Conn).SyscallConn()
	if err != nil {
		return false, err
	}
	var unread int // bytes that the receiver has not read
	var unreadErr error
	err = raw.Control(func(fd uintptr) { unread, unreadErr = unix.IoctlGetInt(int(fd), unix.TIOCOUTQ) })
	if n := len(l.rounds); unread == 0 && n > 0 && l.rounds[n-1].read.IsZero() {
		l.rounds[n-1].read = time.Now()
	}
	return unread == 0, errors.Join(err, unreadErr)
}

// settle sends more after the last kill, and waits until Prometheus has scraped all of it.
func (k *killed) settle(t *testing.T, api promAPI) {
	t.Helper()
	k.live(t, time.Second, func() {})
	eventually(t, func() error {
		for _, family := range []string{"killed_hits", "killed_wait_count"} {
			least, err := api.query(fmt.Sprintf("min(%s{instance=%q})", family, k.HTTP))
			if err != nil || least == 0 {
				return fmt.Errorf("the least %s is %v, %w", family, least, err)
			}
		}
		return api.compare(map[string]float64{fmt.Sprintf("killed_level{instance=%q}", k.HTTP): float64(k.rounds())})
	})
	recorded := time.Now()
	k.lives[len(k.lives)-1].recorded = recorded
	eventually(t, func() error {
		at, err := api.query(fmt.Sprintf("timestamp(up{instance=%q})", k.HTTP))
		if err == nil && at <= float64(recorded.UnixMilli()+1)/1000 {
			err = fmt.Errorf("the last scrape was at %v", at)
		}
		return err
	})
	process.MustStop(t, k.Process)
}
