package main_test

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// killed is a weir that is killed again and again, and the values that it must still have.
//
// A save that began after a scrape keeps what the scrape showed. When weir_state_saves_total was n after the scrape,
// save n+1 may have begun before it, but n+2 did not; so once any scrape shows n+2, no kill can take the values back.
type killed struct {
	e2e

	state string

	kills   int                // so far
	sent    float64            // rounds, over all lives
	floor   map[string]float64 // what the state is known to have at least, by series
	ceiling map[string]float64 // what it can have at most: all that a life began with and was sent
	kept    int                // lives in which the floor rose
}

// killedSeries grow by one with each round that is sent, killed_users up to killedUsers.
var killedSeries = []string{"killed_hits", "killed_level", "killed_time_count", "killed_users"}

const killedUsers = 500

const (
	// killLanes is how many weirs are killed at once, each with a state of its own: they mostly wait to be killed.
	killLanes = 4
	// killTime bounds how long one of them is killed again and again, on whatever machine.
	killTime = time.Minute
)

// Whatever the moment of a kill, weir comes back with what an earlier scrape has shown, once it has been saved, and with
// nothing that was never sent.
func (e e2e) testStateKill(t *testing.T) {
	kills := 100
	if testing.Short() || raceDetector {
		kills = 20
	}
	var lanes [killLanes]killed
	t.Run("lane", func(t *testing.T) { // ends when all of them have
		for i := range lanes {
			k := &lanes[i]
			k.e2e, k.floor, k.ceiling = e, make(map[string]float64), make(map[string]float64)
			t.Run(strconv.Itoa(i), func(t *testing.T) {
				t.Parallel()
				k.state = filepath.Join(t.TempDir(), "state")
				k.run(t, kills/killLanes)
			})
		}
	})
	done, kept := 0, 0
	for i := range lanes {
		done, kept = done+lanes[i].kills, kept+lanes[i].kept
	}
	if kept < done/20 || done < kills/2 {
		t.Errorf("%d of %d kills; only %d lives have saved anything that was seen", done, kills, kept)
	}
}

// run kills weir so often, unless that takes longer than killTime.
func (k *killed) run(t *testing.T, kills int) {
	t.Helper()
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	for began := time.Now(); k.kills < kills && time.Since(began) < killTime; k.kills++ {
		if k.kills%5 == 4 {
			k.killStarting(t, time.Duration(random.IntN(int(20*time.Millisecond))))
		} else {
			k.killRunning(t, time.Duration(random.IntN(int(500*time.Millisecond))))
		}
		if t.Failed() {
			t.Fatalf("kill %d of %d, seed %d; the state has %v to %v", k.kills, kills, seed, k.floor, k.ceiling)
		}
	}
	k.judge(t, k.start(t).scrape(t))
	t.Logf("%d kills, %v rounds sent; %d lives saved more; the state has %v to %v", k.kills, k.sent, k.kept, k.floor,
		k.ceiling)
}

func (k *killed) args() []string {
	return []string{"--state.file=" + k.state, "--state.interval=100ms", "--sets.window=1h"}
}

func (k *killed) start(t *testing.T) *weir {
	t.Helper()
	w := k.startMortal(t, k.args()...)
	if strings.Contains(w.Log(), `"level":"warn"`) || strings.Contains(w.Log(), `"skipped":1`) {
		t.Errorf("weir complains after a kill:\n%s", w.Log())
	}
	if _, err := os.Stat(k.state + ".bad"); err == nil {
		t.Error("a kill has made a state file that cannot be used")
	}
	return w
}

// killStarting kills weir while it starts, or shortly after.
func (k *killed) killStarting(t *testing.T, after time.Duration) {
	t.Helper()
	w := k.launch(t, append([]string{
		"--ingest.udp=127.0.0.1:0", "--ingest.tcp=127.0.0.1:0", "--endpoint.listen=127.0.0.1:0",
	}, k.args()...)...)
	<-time.After(after) // the test is about this moment
	w.Kill()
}

// killRunning kills weir while it takes lines over two connections, and is scraped.
func (k *killed) killRunning(t *testing.T, after time.Duration) {
	t.Helper()
	w := k.start(t)
	scrapes := []*page{w.scrape(t)}
	k.judge(t, scrapes[0])
	conns := [2]net.Conn{w.dial(t, "tcp"), w.dial(t, "tcp")}
	attempts := make(chan int)
	go func() { attempts <- sendUntilKilled(conns, int(k.sent)) }() // ends with weir; received below

	moment := time.After(after)
	pace := time.NewTicker(5 * time.Millisecond)
	defer pace.Stop()
	for alive := true; alive; {
		select {
		case <-moment:
			alive = false
		case <-pace.C:
			scrapes = append(scrapes, w.scrape(t))
		}
	}
	w.Kill()
	rounds := float64(<-attempts)
	k.sent += rounds
	for _, series := range killedSeries {
		k.ceiling[series] = scrapes[0].values[series] + rounds
	}
	k.ceiling["killed_level"], k.ceiling["killed_users"] = k.sent, killedUsers
	for _, p := range scrapes {
		k.judge(t, p)
	}
	k.raise(scrapes)
}

// sendUntilKilled sends rounds after those sent before until weir takes no more, and returns how many it tried. Both
// connections take part, but one has all values of the gauge, so that they stay in order.
func sendUntilKilled(conns [2]net.Conn, before int) (rounds int) {
	for {
		rounds++
		n := before + rounds
		_, gaugeErr := fmt.Fprintf(conns[0], "killed.level:%d|g\n", n)
		_, err := fmt.Fprintf(conns[n%2], "killed.hits:1|c\nkilled.time:250|ms\nkilled.users:%d|s\n", n%killedUsers)
		if gaugeErr != nil || err != nil {
			return rounds
		}
	}
}

// judge holds that a scrape shows no less than is known to be saved and no more than was sent, and agrees with itself.
func (k *killed) judge(t *testing.T, p *page) {
	t.Helper()
	for _, series := range killedSeries {
		if got := p.values[series]; got < k.floor[series] || got > k.ceiling[series] {
			t.Errorf("%s = %v, want %v to %v", series, got, k.floor[series], k.ceiling[series])
		}
	}
	count := p.values["killed_time_count"]
	for _, le := range []string{"0.1", "0.25", "10", "+Inf"} {
		want := count
		if le == "0.1" {
			want = 0
		}
		if got := p.values[fmt.Sprintf("killed_time_bucket{le=%q}", le)]; got != want {
			t.Errorf("killed_time_bucket{le=%q} = %v, want %v", le, got, want)
		}
	}
	if sum := p.values["killed_time_sum"]; sum > count*0.25 {
		t.Errorf("killed_time_sum = %v, but %v times 0.25 were observed", sum, count)
	}
}

// raise raises the floor to what the last scrape has shown that a save has kept.
func (k *killed) raise(scrapes []*page) {
	const saves = "weir_state_saves_total"
	last := scrapes[len(scrapes)-1].values[saves]
	for i := len(scrapes) - 2; i >= 0; i-- {
		if scrapes[i+1].values[saves]+2 > last {
			continue
		}
		for _, series := range killedSeries {
			k.floor[series] = max(k.floor[series], scrapes[i].values[series])
		}
		k.kept++
		return
	}
}
