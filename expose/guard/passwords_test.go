package guard_test

import (
	"net/netip"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"weir/expose/guard"
)

// Whoever was let in is remembered, and waits for nobody, however many guess.
func TestPasswordsRemember(t *testing.T) {
	p := guard.NewPasswords(time.Millisecond)
	hashes := [][]byte{[]byte(slowHash(t, "good"))}
	f := func(secret string, wantIndex int, wantBusy bool) {
		t.Helper()
		if i, busy := p.Find(hashes, []byte(secret), client); i != wantIndex || busy != wantBusy {
			t.Errorf("Find(%q) = %d, %v, want %d, %v", secret, i, busy, wantIndex, wantBusy)
		}
	}
	f("good", 0, false)
	f("bad", -1, false)
	release := p.Occupy()
	f("good", 0, false)
	f("bad", -1, true) // it was not remembered
	release()
	p.Exhaust()
	f("good", 0, false)
	f("bad", -1, true)
	// When the hash is another one, what was remembered is of no use.
	hashes[0] = []byte(slowHash(t, "good"))
	f("good", -1, true)
}

// The memory is bounded.
func TestPasswordsAreBounded(t *testing.T) {
	p := guard.NewPasswords(time.Minute)
	for i := range guard.Room + 5 {
		secret := strconv.Itoa(i)
		if i, _ := p.Find([][]byte{[]byte(slowHash(t, secret))}, []byte(secret), client); i != 0 {
			t.Fatalf("%s is not found", secret)
		}
	}
	if secrets, clients := p.Remembered(); secrets != guard.Room || clients != 0 {
		t.Errorf("%d secrets and %d clients are remembered, want %d and 0", secrets, clients, guard.Room)
	}
}

// One client that guesses through many connections does not fill the queue: another still gets its turn.
func TestPasswordsShareTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := guard.NewPasswords(time.Minute)
		hashes := [][]byte{[]byte(slowHash(t, "good"))}
		release := p.Occupy()
		results := make(chan bool, 10)
		for range cap(results) {
			go func() { // ends when its turn has come, or at once
				_, busy := p.Find(hashes, []byte("bad"), client)
				results <- busy
			}()
		}
		synctest.Wait()
		if turnedAway := len(results); turnedAway != cap(results)-guard.MaxPerClient {
			t.Errorf("%d were turned away, want all but %d", turnedAway, guard.MaxPerClient)
		}
		other := make(chan int, 1)
		go func() { // ends when its turn has come
			i, _ := p.Find(hashes, []byte("good"), netip.MustParseAddr("192.0.2.2"))
			other <- i
		}()
		synctest.Wait()
		release()
		if i := <-other; i != 0 {
			t.Errorf("the other client was not let in")
		}
		synctest.Wait()
	})
}

// What waits for too long is turned away.
func TestPasswordsWaitNotForLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := guard.NewPasswords(2 * time.Second)
		defer p.Occupy()()
		began := time.Now()
		if _, busy := p.Find([][]byte{[]byte(slowHash(t, "good"))}, []byte("good"), client); !busy {
			t.Error("it was compared")
		}
		if waited := time.Since(began); waited != 2*time.Second {
			t.Errorf("it waited for %v", waited)
		}
	})
}

// Those who guess get a part of one core, whatever a comparison costs, and for how long they go on.
func TestPasswordsRationTime(t *testing.T) {
	f := func(each time.Duration, hashes int) {
		t.Helper()
		synctest.Test(t, func(t *testing.T) {
			p := guard.NewPasswords(2 * time.Second)
			compared := p.Ration(each)
			const minutes = 10
			end := time.Now().Add(minutes * time.Minute)
			var guessing sync.WaitGroup
			for i := range 8 { // of as many addresses
				from := netip.AddrFrom4([4]byte{192, 0, 2, byte(i)})
				guessing.Go(func() {
					for i := 0; time.Now().Before(end); i++ {
						if _, busy := p.Find(make([][]byte, hashes), []byte(strconv.Itoa(i)), from); busy {
							time.Sleep(10 * time.Millisecond)
						}
					}
				})
			}
			guessing.Wait()
			took := time.Duration(*compared) * each
			share := float64(took) / float64(minutes*time.Minute)
			if share < 0.2 || share > 0.27 {
				t.Errorf("comparisons of %v, %d at a time, took %.2f of a core, want a quarter", each, hashes, share)
			}
		})
	}
	f(3*time.Millisecond, 1)    // cost 6
	f(50*time.Millisecond, 1)   // cost 10
	f(time.Second, 1)           // cost 14
	f(1200*time.Millisecond, 4) // as many as a tokens file may have
}
