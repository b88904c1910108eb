package tap_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"weir/aggregate"
	"weir/aggregate/label"
	"weir/aggregate/mapping"
	"weir/ingest/tap"
)

// rules returns options with the rules of a mapping file.
func rules(t *testing.T, text string) func(*aggregate.Options) {
	t.Helper()
	parsed, err := mapping.Parse("rules.yml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return func(o *aggregate.Options) { o.Rules = []*mapping.Rules{parsed} }
}

// every takes datagrams in each of so many tenths of a second.
func (f *fixture) every(tenths int, take func(tenth int)) {
	for i := range tenths {
		take(i)
		f.pass(100 * time.Millisecond)
	}
}

// With little traffic the rates are exact.
func TestRatesAreExact(t *testing.T) {
	change := rules(t, "mappings:\n- {match: a.*, name: as, labels: {n: $1}}\n- {match: no, name: no, action: drop}\n")
	inBubble(t, change, func(f *fixture) {
		l := f.newLoop("udp")
		if f.Rates() != nil {
			t.Error("there are rates before anybody looked")
		}
		f.every(120, func(int) {
			l.take(host("10.0.0.1:1"), "a.x:1|c\na.x:1|c\na.y:1|c\nno:1|c\nbad")
			l.take(host("10.0.0.2:1"), "t:1:2:3|ms\na.y:1|c\nt:1|c\n_e{1,1}:a|b")
			f.Senders()
		})
		r := f.Rates()
		if r == nil || r.Every != 1 || r.Sample() != "every line" {
			t.Fatalf("rates %+v", r)
		}
		near := func(what string, got, want float64) {
			t.Helper()
			if math.Abs(got-want) > want/50 { // a drain may fall into the next step
				t.Errorf("%s: %v a second, want %v", what, got, want)
			}
		}
		as, _ := f.Rates().Family("as")
		near("as", as.PerSecond, 40)
		if len(as.Senders) != 2 || as.Senders[0].Sender.String() != "10.0.0.1" || as.SendersMore != 0 || len(as.History) != 2 {
			t.Errorf("the family as: %+v", as)
		}
		near("as of the first sender", as.Senders[0].PerSecond, 30)
		near("all families", r.Total(), 70)
		timer, _ := r.Family("t")
		near("t", timer.PerSecond, 30) // a counter of that name is rejected
		x, _ := r.Series("as", label.Of(`n="x"`))
		near("as of x", x, 20)
		rule, _ := r.Rule("rules.yml", 2)
		near("the first rule", rule, 40)
		drop, known := r.Rule("rules.yml", 3)
		near("the rule that drops", drop, 10)
		if none, ok := r.Family("none"); !ok || none.PerSecond != 0 || !known {
			t.Errorf("a family that nobody sends: %+v, %t", none, ok)
		}
	})
}

// With much traffic, about 2,000 lines a second are looked at, and the rates are near.
func TestRatesAreEstimates(t *testing.T) {
	inBubble(t, nil, func(f *fixture) {
		loops := []*loop{f.newLoop("udp"), f.newLoop("udp")}
		datagram := strings.Repeat("many:1|c\n", 80) + strings.Repeat("some:1|c\n", 19) + "rare:1|c\n"
		f.every(250, func(int) { // 50,000 lines a second
			for range 25 {
				loops[0].take(host("10.0.0.1:1"), datagram)
				loops[1].take(host("10.0.0.2:1"), datagram)
			}
			f.Senders()
		})
		r := f.Rates()
		if r.Every != 25 || r.Sample() != "1 in 25 lines" {
			t.Errorf("%s, want 1 in 25", r.Sample())
		}
		sum := 0.0
		for name, want := range map[string]float64{"many": 40_000, "some": 9_500, "rare": 500} {
			rate, _ := r.Family(name)
			sum += rate.PerSecond
			// Of 20,000 lines that are looked at in 10 s, the share has a standard deviation of
			// sqrt(p(1-p)/20000).
			if off := math.Abs(rate.PerSecond - want); off > 5*50_000*math.Sqrt(want/50_000/20_000) {
				t.Errorf("%s: %v a second, want about %v", name, rate.PerSecond, want)
			}
		}
		if math.Abs(sum-50_000) > 500 { // lines between two drains may fall into the next step
			t.Errorf("%v samples a second together, want 50000", sum)
		}
	})
}

// After a busy time, rates are exact again soon.
func TestRatesAdapt(t *testing.T) {
	inBubble(t, nil, func(f *fixture) {
		l := f.newLoop("udp")
		f.every(100, func(int) {
			f.Senders()
			for range 100 {
				l.take(host("10.0.0.1:1"), strings.Repeat("a:1|c\n", 100))
			}
		})
		if every := f.Rates().Every; every < 40 {
			t.Errorf("1 in %d of 100,000 lines a second", every)
		}
		f.every(200, func(int) {
			l.take(host("10.0.0.1:1"), "b:1|c")
			f.Senders()
		})
		if b, _ := f.Rates().Family("b"); f.Rates().Every != 1 || math.Abs(b.PerSecond-10) > 0.2 {
			t.Errorf("%s: %v a second, want every line and 10", f.Rates().Sample(), b.PerSecond)
		}
	})
}

// Of a family five senders are shown, those with most samples.
func TestFamilySenders(t *testing.T) {
	inBubble(t, nil, func(f *fixture) {
		l := f.newLoop("udp")
		f.Senders()
		f.every(60, func(tenth int) {
			for n := range 7 {
				for range n + 1 {
					l.take(peerNumber(n), "a:1|c")
				}
			}
			l.take(peerNumber(100+tenth), "a:1|c") // each once
		})
		a, _ := f.Rates().Family("a")
		if len(a.Senders) != 5 || a.SendersMore < 2 || a.Senders[0].Sender != peerNumber(6).Sender() || a.Senders[4].Sender != peerNumber(2).Sender() {
			t.Errorf("senders %+v and %d more", a.Senders, a.SendersMore)
		}
	})
}

// Families are bounded. Rates of those beyond are not known; families that are silent give their places.
func TestRatesAreBounded(t *testing.T) {
	inBubble(t, nil, func(f *fixture) {
		l := f.newLoop("udp")
		f.Senders()
		sent := 0
		f.every(60, func(int) {
			for range 100 {
				l.take(host("10.0.0.1:1"), fmt.Sprintf("f%d:1|c", sent))
				sent++
			}
		})
		_, first := f.Rates().Family("f0")
		_, last := f.Rates().Family(fmt.Sprintf("f%d", tap.MaxFamilies+10))
		if sent <= tap.MaxFamilies+10 || !first || last {
			t.Errorf("of %d families, the first is known: %t, the last: %t", sent, first, last)
		}
		f.every(200, func(int) {
			f.Senders()
			l.take(host("10.0.0.1:1"), "new:1|c")
		})
		if rate, known := f.Rates().Family("new"); !known || rate.PerSecond < 9 {
			t.Errorf("a family that is new: %+v, %t", rate, known)
		}
	})
}

// Series are bounded. While there are more, rates of the others are not known.
func TestRatesOfSeriesAreBounded(t *testing.T) {
	inBubble(t, func(o *aggregate.Options) { o.Limits.MaxSeriesPerMetric = 100_000 }, func(f *fixture) {
		l := f.newLoop("udp")
		f.Senders()
		none := label.Of(`n="none"`)
		send := func(seconds, perTenth int) (sent int, isKnown bool) {
			f.every(10*seconds, func(int) {
				var datagram strings.Builder
				for range perTenth {
					fmt.Fprintf(&datagram, "a:1|c|#n:%d\n", sent)
					sent++
				}
				l.take(host("10.0.0.1:1"), datagram.String())
				f.Senders()
			})
			_, isKnown = f.Rates().Series("a", none)
			return sent, isKnown
		}
		if _, isKnown := send(10, 10); !isKnown {
			t.Error("few series: it is not known that nobody sends another")
		}
		if sent, isKnown := send(20, 180); sent <= tap.MaxSeries || isKnown {
			t.Errorf("of %d series, one that nobody sends has a rate: %t", sent, isKnown)
		}
	})
}

// A bug while looking at lines is logged once, and ends nothing.
func TestBugWhileLooking(t *testing.T) {
	inBubble(t, nil, func(f *fixture) {
		l := f.newLoop("udp")
		f.Senders()
		f.Break()
		f.every(60, func(int) {
			l.take(host("10.0.0.1:1"), "a:1|c")
			f.Senders()
		})
		if got := strings.Count(f.log.String(), "BUG: a panic while looking at lines"); got != 1 {
			t.Errorf("the bug is logged %d times: %s", got, f.log)
		}
		if r := f.Rates(); r == nil || f.senders()["udp 10.0.0.1"].Lines != 60 {
			t.Errorf("after a bug: %+v, %+v", r, f.senders())
		}
		f.log.Reset()
	})
}

// Senders that are processes have their programs.
func TestFamilySenderPrograms(t *testing.T) {
	inBubble(t, nil, func(f *fixture) {
		f.SetProgram(func(pid int32) string { return map[int32]string{42: "worker"}[pid] })
		l := f.newLoop("unixgram")
		f.Senders()
		f.every(60, func(int) { l.take(tap.Peer{PID: 42}, "a:1|c") })
		a, _ := f.Rates().Family("a")
		if len(a.Senders) != 1 || a.Senders[0].Program != "worker" || a.Senders[0].Sender.PID != 42 {
			t.Errorf("senders %+v", a.Senders)
		}
	})
}

func TestHistoryIsBounded(t *testing.T) {
	inBubble(t, nil, func(f *fixture) {
		l := f.newLoop("udp")
		f.every(70*50, func(int) {
			f.Senders()
			l.take(host("10.0.0.1:1"), "a:1|c")
		})
		a, _ := f.Rates().Family("a")
		if len(a.History) != 60 || a.History[0] < 9 || a.History[59] > 11 {
			t.Errorf("%d steps: %v", len(a.History), a.History)
		}
	})
}

// Nobody looking leaves no goroutine and no rates.
func TestRatesEnd(t *testing.T) {
	inBubble(t, nil, func(f *fixture) {
		l := f.newLoop("udp")
		f.every(100, func(int) { l.take(host("10.0.0.1:1"), "a:1|c"); f.Rates() })
		if f.Rates() == nil {
			t.Error("no rates after 10 s")
		}
		f.pass(62 * time.Second)
		if r := f.Rates(); r != nil || !f.Since().Equal(time.Now()) {
			t.Errorf("a minute after the last poll there are rates: %+v", r)
		}
		f.Close()
		if f.Rates() != nil || !f.Since().IsZero() || l.lane.IsWatched() {
			t.Error("looks after Close")
		}
	})
}

// A nil Rates knows nothing.
func TestNoRates(t *testing.T) {
	var r *tap.Rates
	_, family := r.Family("a")
	_, series := r.Series("a", label.Labels{})
	_, rule := r.Rule("a", 1)
	if family || series || rule || r.Sample() != "" || r.Total() != 0 {
		t.Error("nil Rates know something")
	}
}
